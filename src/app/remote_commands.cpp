// reops exec, ping, hosts: what they understand and what they do is written in our own language
// (lib/re_mote/command.clj).

#include "command.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/interrupt.hpp"
#include "options.hpp"
#include "run.hpp"

namespace reops::app {
namespace {

using namespace lang;

constexpr const char* k_namespace = "re-mote.command";

int call_main(const char* command, const std::vector<std::string>& arguments) {
  install_interrupt_handler();
  try {
    load_lib(k_namespace);
    Ref words(empty_vector());
    for (const std::string& word : arguments) words = vector_conj(std::move(words), make_string_lossy(word));
    Ref main = make_symbol("main");
    Ref code = call(resolve(find_ns(k_namespace), main), {make_string(command), words});
    return static_cast<int>(to_int(code, "an exit code"));
  } catch (const Thrown& thrown) {
    return report_failure(thrown);
  }
}

int run_command(const char* command, const std::vector<std::string>& arguments) {
  RuntimeSettings settings;
  // All arguments are the command's; what the environment sets holds as everywhere.
  CLI::App environment("", "reops");
  add_runtime_options(environment, settings);
  if (auto done = parse_arguments(environment, {})) return *done;
  return with_runtime(settings, [&] { return call_main(command, arguments); });
}

}  // namespace

int run_exec(const std::vector<std::string>& arguments) { return run_command("exec", arguments); }
int run_ping(const std::vector<std::string>& arguments) { return run_command("ping", arguments); }
int run_hosts(const std::vector<std::string>& arguments) { return run_command("hosts", arguments); }

}  // namespace reops::app
