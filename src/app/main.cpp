// reops: the prompt, scripts, one-liners and subcommands.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/exit_hooks.hpp"
#include "command.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/leaks.hpp"
#include "run.hpp"

namespace {

using namespace reops::app;

// How many of the words are options of ours: up to the first that is neither an option nor the value of one.
size_t own_arguments(const std::vector<std::string>& words) {
  static const std::set<std::string> with_value = {"-e",     "--eval", "-m",          "--main",        "-i",
                                                   "--init", "-L",     "--load-path", "--memory-limit"};
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& w = words[i];
    if (w.size() < 2 || w[0] != '-' || w == "--") return i;
    // What follows the namespace are arguments of its -main.
    bool is_main = w == "-m" || w.starts_with("--main");
    if (with_value.contains(w)) ++i;
    if (is_main) return std::min(i + 1, words.size());
  }
  return words.size();
}

// A standard stream that was closed when we started stays unusable: otherwise the next file we open takes its
// number, and what is printed goes there.
void keep_standard_streams_apart() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The wrong way round, so that every use fails. The lowest number free is the one that is missing.
    if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) std::_Exit(1);
  }
}

std::string footer() {
  std::string text = "Commands, each with --help of its own:\n";
  for (const Command& command : commands()) {
    std::string name(command.name);
    text += "  reops " + name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + command.summary +
            "\n";
  }
  return text +
         "\nFILE [ARGS…] runs a script; - reads it from standard input.\n\n"
         "Exit code: 0; 1 when something failed; 2 for wrong arguments; 130 after Ctrl-C.";
}

int run_program(std::vector<std::string> words) {
  if (!words.empty()) {
    for (const Command& command : commands()) {
      if (words[0] == command.name) return command.run({words.begin() + 1, words.end()});
    }
  }
  Invocation invocation;
  CLI::App app(
      "Re-ops: a live environment for operating machines.\n\n"
      "Without a command, file or expression: a prompt on a terminal, plain forms from standard input.",
      "reops");
  app.set_version_flag("--version,-V", "reops " REOPS_VERSION);
  app.add_option("-e,--eval", invocation.expressions, "Evaluate FORM and print its value; may be repeated")
      ->type_name("FORM")
      ->allow_extra_args(false);
  app.add_option("-m,--main", invocation.main_ns,
                 "Load the namespace NS and call its -main with the arguments")
      ->type_name("NS")
      ->check([](const std::string& name) {
        return std::string(name.empty() ? "the name of a namespace is missing" : "");
      });
  app.add_option("-i,--init", invocation.init, "Load FILE before the prompt")->type_name("FILE");
  add_runtime_options(app, invocation.runtime);
  app.footer(footer());
  // Everything from the script's name on belongs to the script, whatever it looks like.
  size_t own = own_arguments(words);
  std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(own), words.end());
  words.resize(own);
  if (auto done = parse_arguments(app, std::move(words))) return *done;
  if (!rest.empty() && rest.front() == "--") rest.erase(rest.begin());
  if (!rest.empty() && invocation.main_ns.empty() && invocation.expressions.empty()) {
    invocation.file = rest.front();
    rest.erase(rest.begin());
  }
  invocation.arguments = rest;
  return run(invocation);
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams_apart();
  int code = run_program({argv + 1, argv + argc});
  reops::lang::flush_standard_streams();
  reops::base::run_exit_hooks();
  reops::lang::check_leaks();
  // Futures may still run; they must not meet static objects that are being destroyed.
  std::_Exit(code);
}
