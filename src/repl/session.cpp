#include "repl/session.hpp"

#include <unistd.h>

#include <memory>

#include "lang/codec/printer.hpp"
#include "lang/codec/report.hpp"
#include "lang/collection/map.hpp"
#include "lang/compiler/compiler.hpp"
#include "lang/reader/reader.hpp"
#include "lang/reader/sources.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/interrupt.hpp"
#include "lang/vm/thread.hpp"

namespace reops::repl {
namespace {

using namespace lang;

// More elements than this of one collection are cut when a result is printed and nobody has said how many
// they want.
constexpr int64_t k_shown = 1000;

class Session {
 public:
  explicit Session(LineSource& lines) : lines_(lines) {}

  int run(const std::string& init_file) {
    if (!init_file.empty()) {
      guarded([&] { load_file(init_file); });
      flush_standard_streams();
    }
    for (;;) {
      std::optional<std::string> line = lines_.read(prompt());
      if (!line) {
        if (lines_.interrupted()) {
          pending_.clear();
          continue;
        }
        if (!pending_.empty()) evaluate_pending(true);
        return failed_ && !lines_.interactive() ? 1 : 0;
      }
      pending_ += *line;
      evaluate_pending(false);
    }
  }

 private:
  std::string prompt() const {
    if (!pending_.empty()) return "  … ";
    char host[256] = "localhost";
    gethostname(host, sizeof host - 1);
    std::string short_name(host);
    short_name = short_name.substr(0, short_name.find('.'));
    std::string ns(name_of(as<Namespace>(current_ns()).name));
    return "[reops@" + short_name + (ns == "user" ? "" : " " + ns) + "]λ: ";
  }

  // Evaluates the whole forms in `pending_` and leaves the beginning of one that is still being typed.
  void evaluate_pending(bool at_end) {
    auto source = std::make_shared<Source>(Source{"REPL-" + std::to_string(++inputs_), pending_});
    Reader reader(source);
    size_t done = 0;
    for (;;) {
      try {
        Ref form = reader.read();
        if (form.get().is_none()) {
          if (done > 0) lines_.remember(trimmed(pending_.substr(0, done)));
          pending_.clear();
          return;
        }
        done = reader.offset();
        remember_source(source);
        evaluate_one(form, reader.positions(), source);
      } catch (const Thrown& t) {
        if (reader.incomplete() && !at_end) {
          pending_.erase(0, done);
          if (done == 0) --inputs_;
          return;
        }
        // What follows a form that cannot be read has no sure beginning: the rest of the input line is given
        // up.
        remember_source(source);
        failed(t.error());
        pending_.clear();
        return;
      }
    }
  }

  void evaluate_one(Value form, const PositionTable& positions, const std::shared_ptr<const Source>& source) {
    guarded([&] {
      Ref value = evaluate(form, &positions, source);
      shift_results(value);
      print_result(value);
    });
  }

  // Runs language code: Ctrl-C interrupts it, and an error is reported.
  template <class F>
  void guarded(F&& work) {
    clear_interrupt(this_thread());
    install_interrupt_handler();
    try {
      work();
    } catch (const Thrown& t) {
      failed(t.error());
    }
    remove_interrupt_handler();
    trim_stacks(this_thread());
  }

  void shift_results(const Ref& value) {
    CoreVars& v = core_vars();
    set_binding(*v.star3, deref(*v.star2));
    set_binding(*v.star2, deref(*v.star1));
    set_binding(*v.star1, value);
  }

  // A library may have a shorter way to show some values at the prompt: *prompt-text* is a function from a
  // value to a string, or to nil for what is printed as it is.
  static bool shown_by_library(Value value, std::string& text) {
    Value var = find_prompt_text();
    if (var.is_nil()) return false;
    Ref shown = call(var, {value});
    if (!is<String>(shown)) return false;
    text = text_of(shown);
    return true;
  }
  static Value find_prompt_text() {
    Ref symbol = make_symbol("reops.internal", "*prompt-text*");
    Value var = resolve(current_ns(), symbol);
    return is<Var>(var) && !as<Var>(var).load_root().is_none() ? var : Value::nil();
  }

  void print_result(Value value) {
    std::string text;
    if (shown_by_library(value, text)) {
      current_out().write(text + "\n");
      flush_standard_streams();
      return;
    }
    Ref length = deref(*core_vars().print_length);
    ScopedBindings shown(make_map(
        {Value::object(core_vars().print_length), length.is_nil() ? Value::fixnum(k_shown) : length.get()}));
    print(text, value, true);
    text += '\n';
    current_out().write(text);
    flush_standard_streams();
  }

  void failed(const Ref& error) {
    failed_ = true;
    set_binding(*core_vars().star_e, error);
    flush_standard_streams();
    current_err().write(report(error, report_options_for(STDERR_FILENO)));
  }

  static std::string trimmed(const std::string& text) {
    size_t from = text.find_first_not_of(" \t\r\n"), to = text.find_last_not_of(" \t\r\n");
    return from == std::string::npos ? "" : text.substr(from, to + 1 - from);
  }

  LineSource& lines_;
  std::string pending_;
  int inputs_ = 0;
  bool failed_ = false;
};

}  // namespace

int run_session(LineSource& lines, const SessionOptions& options) {
  if (lines.interactive() && !options.banner.empty()) {
    current_out().write(options.banner);
    flush_standard_streams();
  }
  return Session(lines).run(options.init_file);
}

}  // namespace reops::repl
