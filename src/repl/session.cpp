#include "repl/session.hpp"

#include <unistd.h>

#include <atomic>
#include <memory>

#include "base/surroundings.hpp"
#include "lang/codec/report.hpp"
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
#include "repl/result_view.hpp"
#include "repl/scanner.hpp"

namespace reops::repl {
namespace {

using namespace lang;

// Of all sessions: each input has a name of its own, under which errors find it.
std::atomic<int> g_inputs{0};

class Session {
 public:
  Session(LineSource& lines, const SessionOptions& options) : lines_(lines), options_(options) {}

  int run() {
    if (!options_.init_file.empty()) {
      guarded([&] { load_file(options_.init_file); });
      current_out().flush();
    }
    if (options_.ready) guarded([&] { options_.ready(); });
    for (;;) {
      if (auto code = left()) return *code;
      std::optional<std::string> line = read_line();
      if (!line) {
        if (lines_.interrupted() || read_interrupted_) {
          forget_pending();
          continue;
        }
        if (!pending_.empty()) evaluate_pending(true);
        return failed_ && !lines_.interactive() ? 1 : 0;
      }
      pending_ += *line;
      // A form of many lines is not looked at again with each of them.
      if (scanner_.feed(*line)) evaluate_pending(false);
    }
  }

 private:
  std::optional<int> left() const { return options_.left ? options_.left() : std::nullopt; }

  std::optional<std::string> read_line() {
    read_interrupted_ = false;
    try {
      return lines_.read(prompt());
    } catch (const Thrown& t) {
      // By another thread, which may have left the prompt.
      if (as<Error>(t.error()).error_class != ErrorClass::interrupted) throw;
      read_interrupted_ = true;
      return std::nullopt;
    }
  }

  std::string prompt() const {
    if (!pending_.empty()) return "  … ";
    char host[256] = "localhost";
    gethostname(host, sizeof host - 1);
    std::string short_name(host);
    short_name = short_name.substr(0, short_name.find('.'));
    std::string ns(name_of(as<Namespace>(current_ns()).name));
    return "[reops@" + short_name + (ns == "user" ? "" : " " + ns) + "]λ: ";
  }

  void forget_pending() {
    pending_.clear();
    scanner_.reset();
  }

  // Evaluates the whole forms in `pending_` and leaves the beginning of one that is still being typed.
  void evaluate_pending(bool at_end) {
    auto source = std::make_shared<Source>(Source{"REPL-" + std::to_string(++g_inputs), pending_});
    Reader reader(source);
    size_t done = 0;
    for (;;) {
      try {
        Ref form = reader.read();
        if (form.get().is_none() || left()) return forget_pending();
        std::string_view text = std::string_view(source->text).substr(done, reader.offset() - done);
        done = reader.offset();
        remember_source(source);
        evaluate_one(form, text, reader.positions(), source);
      } catch (const Thrown& t) {
        if (reader.incomplete() && !at_end) {
          pending_.erase(0, done);
          return;
        }
        // What follows a form that cannot be read has no sure beginning: the rest of the input line is given
        // up.
        remember_source(source);
        failed(t.error());
        return forget_pending();
      }
    }
  }

  void evaluate_one(Value form, std::string_view text, const PositionTable& positions,
                    const std::shared_ptr<const Source>& source) {
    guarded([&] {
      Ref ns(current_ns());
      Ref value = evaluate(form, &positions, source);
      shift_results(value);
      note_form(form, text, ns);
      print_result(value);
    });
  }

  // For save-defs, which writes what was defined as it was typed.
  static void note_form(Value form, std::string_view text, Value ns) {
    Value library = find_ns("reops.prompt");
    if (library.is_nil()) return;
    Ref symbol = make_symbol("note-form");
    Value var = resolve(library, symbol);
    if (!is<Var>(var)) return;
    Ref typed = make_string_lossy(text);
    call(var, {form, typed, ns});
  }

  // Runs language code: Ctrl-C interrupts it, and an error is reported.
  template <class F>
  void guarded(F&& work) {
    clear_interrupt(this_thread());
    if (!lines_.interactive()) install_interrupt_handler();
    try {
      work();
    } catch (const Thrown& t) {
      failed(t.error());
    }
    if (!lines_.interactive()) remove_interrupt_handler();
    trim_stacks(this_thread());
  }

  void shift_results(const Ref& value) {
    CoreVars& v = core_vars();
    set_binding(*v.star3, deref(*v.star2));
    set_binding(*v.star2, deref(*v.star1));
    set_binding(*v.star1, value);
  }

  void print_result(Value value) {
    const bool terminal = lines_.interactive() && current_out().terminal();
    current_out().write(shown_result(value, {terminal, terminal && options_.color}));
    current_out().flush();
  }

  void failed(const Ref& error) {
    if (left()) return;
    failed_ = true;
    set_binding(*core_vars().star_e, error);
    current_out().flush();
    current_err().write(report(error, report_options_for(base::standard_error())));
  }

  LineSource& lines_;
  const SessionOptions& options_;
  std::string pending_;
  FormScanner scanner_;
  bool failed_ = false;
  bool read_interrupted_ = false;
};

}  // namespace

int run_session(LineSource& lines, const SessionOptions& options) {
  if (lines.interactive() && !options.banner.empty()) {
    current_out().write(options.banner);
    current_out().flush();
  }
  return Session(lines, options).run();
}

}  // namespace reops::repl
