// reops exec, ping, hosts, config, doctor: what they understand and what they do is written in our own
// language, in lib/re_mote/command.clj and lib/reops/command.clj.

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

constexpr const char* k_remote = "re-mote.command";
constexpr const char* k_local = "reops.command";

int call_main(const char* ns, const char* command, const std::vector<std::string>& arguments) {
  install_interrupt_handler();
  try {
    load_lib(ns);
    Ref words(empty_vector());
    for (const std::string& word : arguments) words = vector_conj(std::move(words), make_string_lossy(word));
    Ref main = make_symbol("main");
    Ref code = call(resolve(find_ns(ns), main), {make_string(command), words});
    return static_cast<int>(to_int(code, "an exit code"));
  } catch (const Thrown& thrown) {
    return report_failure(thrown);
  }
}

int run_command(const char* ns, const char* command, const std::vector<std::string>& arguments,
                bool checks_configuration = true) {
  RuntimeSettings settings;
  settings.checks_configuration = checks_configuration;
  // All arguments are the command's; what the environment sets holds as everywhere.
  CLI::App environment("", "reops");
  add_runtime_options(environment, settings);
  if (auto done = parse_arguments(environment, {})) return *done;
  return with_runtime(settings, [&] { return call_main(ns, command, arguments); });
}

}  // namespace

int run_exec(const std::vector<std::string>& arguments) { return run_command(k_remote, "exec", arguments); }
int run_ping(const std::vector<std::string>& arguments) { return run_command(k_remote, "ping", arguments); }
int run_hosts(const std::vector<std::string>& arguments) { return run_command(k_remote, "hosts", arguments); }
// These say themselves what is wrong with a configuration.
int run_config(const std::vector<std::string>& arguments) {
  return run_command(k_local, "config", arguments, false);
}
int run_doctor(const std::vector<std::string>& arguments) {
  return run_command(k_local, "doctor", arguments, false);
}

}  // namespace reops::app
