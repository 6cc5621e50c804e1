// reops: the prompt, scripts and one-liners.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>
#include <system_error>

#include "lang/runtime/streams.hpp"
#include "lang/value/leaks.hpp"
#include "run.hpp"

namespace {

// "512M", "2G", "100000": bytes. Throws CLI::ValidationError.
size_t parse_size(const std::string& text) {
  size_t number = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  unsigned shift = 0;
  if (unit == "K" || unit == "k") shift = 10;
  if (unit == "M" || unit == "m") shift = 20;
  if (unit == "G" || unit == "g") shift = 30;
  const bool known_unit = unit.empty() || shift > 0;
  if (failed != std::errc() || !known_unit || number > std::numeric_limits<size_t>::max() >> shift) {
    throw CLI::ValidationError("memory limit", "'" + text + "' is no size; write 512M or 2G");
  }
  return number << shift;
}

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

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams_apart();
  reops::app::Invocation invocation;
  std::string memory_limit;
  bool naive = false;
  CLI::App app(
      "Re-ops: a live environment for operating machines.\n\n"
      "Without a file or expression: a prompt on a terminal, plain forms from standard input.",
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
  app.add_option("-L,--load-path", invocation.load_path,
                 "Search DIR for libraries, before the configuration's scripts")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--memory-limit", memory_limit,
                 "Fail an evaluation that would use more memory (512M, 2G; 0: no limit)")
      ->type_name("SIZE")
      ->envname("REOPS_MEMORY_LIMIT");
  app.add_flag("--naive-registers", naive, "Generate code without liveness, to test the compiler")
      ->group("")
      ->envname("REOPS_NAIVE_REGISTERS");
  // Everything from the script's name on belongs to the script, whatever it looks like.
  std::vector<std::string> words(argv + 1, argv + argc);
  size_t own = own_arguments(words);
  std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(own), words.end());
  words.resize(own);
  app.footer(
      "FILE [ARGS…] runs a script; - reads it from standard input.\n\n"
      "Exit code: 0; 1 when something failed; 2 for wrong arguments; 130 after Ctrl-C.");
  try {
    std::reverse(words.begin(), words.end());
    app.parse(words);
    if (!memory_limit.empty()) {
      size_t bytes = parse_size(memory_limit);
      invocation.memory_limit = bytes == 0 ? ~size_t{0} : bytes;
    }
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (!rest.empty() && rest.front() == "--") rest.erase(rest.begin());
  invocation.liveness = !naive;
  if (!rest.empty() && invocation.main_ns.empty() && invocation.expressions.empty()) {
    invocation.file = rest.front();
    rest.erase(rest.begin());
  }
  invocation.arguments = rest;
  int code = reops::app::run(invocation);
  reops::lang::flush_standard_streams();
  reops::lang::check_leaks();
  // Futures may still run; they must not meet static objects that are being destroyed.
  std::_Exit(code);
}
