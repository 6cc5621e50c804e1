// reops: the prompt, scripts and one-liners.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "lang/runtime/streams.hpp"
#include "run.hpp"

namespace {

// "512M", "2G", "100000": bytes. Throws CLI::ValidationError.
size_t parse_size(const std::string& text) {
  size_t end = 0;
  unsigned long long number = 0;
  try {
    number = std::stoull(text, &end);
  } catch (const std::exception&) {
    end = 0;
  }
  std::string unit = text.substr(end);
  if (end == 0 || unit.size() > 1 ||
      (unit.size() == 1 && std::string("KMGkmg").find(unit[0]) == std::string::npos)) {
    throw CLI::ValidationError("memory limit", "'" + text + "' is no size; write 512M or 2G");
  }
  switch (unit.empty() ? ' ' : unit[0]) {
    case 'K':
    case 'k':
      return number << 10;
    case 'M':
    case 'm':
      return number << 20;
    case 'G':
    case 'g':
      return number << 30;
    default:
      return number;
  }
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

}  // namespace

int main(int argc, char** argv) {
  reops::app::Invocation invocation;
  std::string memory_limit;
  bool naive = false, from_source = false;
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
      ->type_name("NS");
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
  app.add_flag("--library-from-source", from_source, "Load the library from its source instead of the image")
      ->group("")
      ->envname("REOPS_LIBRARY_FROM_SOURCE");
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
  invocation.use_image = !from_source;
  if (!rest.empty() && invocation.main_ns.empty() && invocation.expressions.empty()) {
    invocation.file = rest.front();
    rest.erase(rest.begin());
  }
  invocation.arguments = rest;
  int code = reops::app::run(invocation);
  reops::lang::flush_standard_streams();
  // Futures may still run; they must not meet static objects that are being destroyed.
  std::_Exit(code);
}
