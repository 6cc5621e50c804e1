#include "repl/nrepl/evaluator.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

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
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::repl {
namespace {

using namespace lang;

// Places further into a file than this are not believed.
constexpr uint32_t k_last_line = 1'000'000;
constexpr uint32_t k_last_column = 10'000;

std::string next_name() {
  static std::atomic<int> count{0};
  return "nREPL-" + std::to_string(++count);
}

// Where line `number` (from 1) begins; npos when there are fewer.
size_t offset_of_line(std::string_view text, uint32_t number) {
  size_t at = 0;
  for (uint32_t line = 1; line < number; ++line) {
    at = text.find('\n', at);
    if (at == std::string_view::npos) return at;
    ++at;
  }
  return at;
}

std::string class_of(const Error& error) {
  return "class " + std::string(error_class_full_name(error.error_class));
}

// Thrown by us out of the printer, which passes it on like any error of the language.
class PrintedEnough {
 public:
  explicit PrintedEnough(size_t most) : most_(most) {}
  std::string print(Value value) {
    std::string text;
    PrintOptions options = PrintOptions::current(true);
    options.drain = [this](std::string& piece) {
      taken_ += piece;
      piece.clear();
      if (taken_.size() > most_) {
        passed_ = true;
        throw_illegal_state("printed enough");
      }
    };
    try {
      lang::print(text, value, options);
    } catch (const Thrown&) {
      if (!passed_) throw;
    }
    taken_ += text;
    if (taken_.size() > most_) {
      passed_ = true;
      size_t end = most_;
      while (end > 0 && (static_cast<unsigned char>(taken_[end]) & 0xC0) == 0x80) --end;
      taken_.resize(end);
    }
    return std::move(taken_);
  }
  bool passed() const { return passed_; }

 private:
  size_t most_;
  bool passed_ = false;
  std::string taken_;
};

}  // namespace

void Evaluator::run() {
  before_ = session_.values();
  if (before_.is_nil()) {
    asked_.request.reply_status({"error", "session-closed"});
    return;
  }
  Value ns = Value::nil();
  if (!asked_.ns.empty()) {
    ns = find_ns(asked_.ns);
    if (ns.is_nil()) {
      asked_.request.reply_status({"error", "namespace-not-found"}, {{"ns", asked_.ns}});
      return;
    }
  }
  session_.input().set_asked(asked_.request);
  ScopedBindings bound(bindings(ns));
  try {
    asked_.request.channel->wait_until_read();
    evaluate_forms();
  } catch (const Thrown& t) {
    send_error(t.error());
  }
  try {
    keep_bindings(!ns.is_nil());
  } catch (const Thrown& t) {
    send_error(t.error());
  }
}

Ref Evaluator::bindings(Value ns) const {
  CoreVars& v = core_vars();
  Ref map = before_;
  auto bind = [&map](Var* var, Ref value) {
    map = map_assoc(std::move(map), Ref(Value::object(var)), std::move(value));
  };
  bind(v.out, make_handle(new ClientWriter(asked_.request, "out")));
  bind(v.err, make_handle(new ClientWriter(asked_.request, "err")));
  if (map_get(before_, Value::object(v.in)).is_none() || session_.input().take_ended())
    bind(v.in, make_handle(new ClientInput(session_.input_)));
  bind(v.file, asked_.file.empty() ? nil() : make_string_lossy(asked_.file));
  if (!ns.is_nil()) bind(v.ns, Ref(ns));
  return map;
}

// What the session goes on with. A namespace that was asked for this once is not kept.
void Evaluator::keep_bindings(bool restore_ns) {
  CoreVars& v = core_vars();
  Ref now = thread_bindings();
  for (Var* var : {v.out, v.err, v.file}) now = map_dissoc(std::move(now), Value::object(var));
  Value ns_key = Value::object(v.ns);
  if (restore_ns) now = map_assoc(std::move(now), Ref(ns_key), Ref(map_get(before_, ns_key)));
  publish(now);
  std::string ns(lang::ns_name(map_get(now, ns_key)));
  session_.set_values(std::move(now), std::move(ns));
}

void Evaluator::evaluate_forms() {
  size_t from = 0, to = 0;
  auto text = source(from, to);
  if (asked_.whole_file) return send_value(load_source(text->text, text->name));
  ReaderOptions options;
  options.from = from;
  options.to = to;
  Reader reader(text, options);
  for (;;) {
    Ref form = reader.read();
    if (form.get().is_none()) return;
    send_value(evaluate(form, &reader.positions(), text));
    poll();
  }
}

std::shared_ptr<const Source> Evaluator::source(size_t& from, size_t& to) const {
  Source made{asked_.file.empty() ? next_name() : asked_.file, asked_.code};
  const uint32_t line = std::clamp(asked_.line, 1u, k_last_line);
  const uint32_t column = std::clamp(asked_.column, 1u, k_last_column);
  from = 0;
  if (!asked_.file.empty() && !asked_.whole_file && (line > 1 || column > 1)) {
    auto known = find_source(asked_.file);
    std::string around = known ? known->text : std::string();
    size_t begin = offset_of_line(around, line);
    if (begin == std::string::npos) {
      const auto lines = static_cast<uint32_t>(std::count(around.begin(), around.end(), '\n'));
      around += std::string(line - 1 - lines, '\n');
      begin = around.size();
    }
    // The columns before the piece and the lines after it are those of the file as it was loaded.
    size_t end_of_line = std::min(around.find('\n', begin), around.size());
    from = std::min(begin + column - 1, end_of_line);
    const auto lines = static_cast<uint32_t>(std::count(asked_.code.begin(), asked_.code.end(), '\n'));
    const size_t rest = offset_of_line(around, line + lines + 1);
    made.text = around.substr(0, from) + std::string(begin + column - 1 - from, ' ') + asked_.code;
    from = begin + column - 1;
    to = made.text.size();
    if (rest != std::string::npos) made.text += "\n" + around.substr(rest);
    return std::make_shared<const Source>(std::move(made));
  }
  to = made.text.size();
  return std::make_shared<const Source>(std::move(made));
}

void Evaluator::send_value(Value value) {
  CoreVars& v = core_vars();
  set_binding(*v.star3, deref(*v.star2));
  set_binding(*v.star2, deref(*v.star1));
  set_binding(*v.star1, Ref(value));
  PrintedEnough printer(asked_.most_printed);
  Bencode::Dict message{{"value", printer.print(value)}, {"ns", lang::ns_name(current_ns())}};
  if (printer.passed()) {
    asked_.request.reply_status({"nrepl.middleware.print/truncated"}, std::move(message));
  } else {
    asked_.request.reply(std::move(message));
  }
}

void Evaluator::send_error(const Ref& error) {
  {
    const std::lock_guard held(session_.lock_);
    if (session_.interrupted_) return;
  }
  set_binding(*core_vars().star_e, error);
  const Error* root = &as<Error>(error);
  while (is<Error>(root->cause)) root = &as<Error>(root->cause);
  asked_.request.channel->send_text(asked_.request.frame(), "err", report(error));
  asked_.request.reply_status({"eval-error"},
                              {{"ex", class_of(as<Error>(error))}, {"root-ex", class_of(*root)}});
}

}  // namespace reops::repl
