#include "run.hpp"

#include <unistd.h>

#include "lang/codec/printer.hpp"
#include "lang/codec/report.hpp"
#include "lang/codec/terminal_text.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/interrupt.hpp"
#include "prompts.hpp"
#include "repl/line_source.hpp"
#include "repl/session.hpp"

namespace reops::app {
namespace {

using namespace lang;

void set_arguments(const std::vector<std::string>& arguments) {
  std::vector<Ref> texts;
  for (const std::string& a : arguments) texts.push_back(make_string_lossy(a));
  std::vector<Value> values(texts.begin(), texts.end());
  set_binding(*core_vars().command_line_args, values.empty() ? nil() : make_list(values));
}

void run_main(const std::string& ns, const std::vector<std::string>& arguments) {
  load_lib(ns);
  Value found = find_ns(ns);
  Ref symbol = make_symbol("-main");
  Value main = found.is_nil() ? Value::nil() : resolve(found, symbol);
  if (!is<Var>(main)) {
    throw_diagnostic(ErrorClass::illegal_argument, "reops/no-main",
                     "The namespace " + ns + " has no function -main to run",
                     "Define it: (defn -main [& args] …)");
  }
  std::vector<Ref> texts;
  for (const std::string& a : arguments) texts.push_back(make_string_lossy(a));
  std::vector<Value> values(texts.begin(), texts.end());
  call(main, values);
}

int run_script(const Invocation& invocation) {
  install_interrupt_handler();
  try {
    set_arguments(invocation.arguments);
    int number = 0;
    for (const std::string& expression : invocation.expressions) {
      Ref value =
          load_source(expression, "-e" + (++number > 1 ? " " + std::to_string(number) : std::string()));
      if (!value.is_nil()) {
        std::string text = pr_str(value);
        current_out().write((isatty(STDOUT_FILENO) ? terminal_text(text) : text) + "\n");
      }
    }
    if (!invocation.main_ns.empty()) run_main(invocation.main_ns, invocation.arguments);
    if (invocation.file == "-") {
      load_source(current_in().read_all(), "standard input");
    } else if (!invocation.file.empty()) {
      load_file(invocation.file);
    }
    flush_standard_streams();
    return 0;
  } catch (const Thrown& t) {
    return report_failure(t);
  }
}

int run_piped_forms(const Invocation& invocation) {
  repl::SessionOptions options;
  options.init_file = invocation.init;
  auto lines = repl::plain_lines();
  return repl::run_session(*lines, options);
}

}  // namespace

int report_failure(const Thrown& thrown) {
  flush_standard_streams();
  current_err().write(report(thrown.error(), report_options_for(STDERR_FILENO)));
  // As a shell has it for a program that Ctrl-C ended.
  return as<Error>(thrown.error()).error_class == ErrorClass::interrupted ? 130 : 1;
}

int run(const Invocation& invocation) {
  const bool prompt = invocation.expressions.empty() && invocation.main_ns.empty() && invocation.file.empty();
  if (prompt && isatty(STDIN_FILENO)) return run_person_prompt(invocation);
  return with_runtime(invocation.runtime,
                      [&] { return prompt ? run_piped_forms(invocation) : run_script(invocation); });
}

}  // namespace reops::app
