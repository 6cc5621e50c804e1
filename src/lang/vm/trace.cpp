// Which functions were running when an error was thrown.

#include "lang/collection/access.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/interpreter.hpp"

namespace reops::lang {
namespace {

// An endless recursion has a million frames; a person reads the ends.
constexpr size_t k_innermost = 64;
constexpr size_t k_outermost = 16;

Ref describe_frame(const Frame& f) {
  const Proto& proto = as<Proto>(f.fn->proto);
  Ref name = make_string(function_name(proto));
  auto number = [](uint32_t n) { return Value::fixnum(n); };
  const CodePosition* p = f.code->position_at(static_cast<size_t>(f.pc - f.code->instructions()));
  CodePosition at = p ? *p : CodePosition{};
  return make_vector(
      {name, proto.source, number(at.line), number(at.column), number(at.end_line), number(at.end_column)});
}

Ref current_trace(const Thread& t) {
  Ref trace(empty_vector());
  size_t depth = static_cast<size_t>(t.frame - t.frames);
  for (size_t i = 0; i < depth; ++i) {
    if (i == k_innermost && depth > k_innermost + k_outermost) i = depth - k_outermost;
    trace = vector_conj(std::move(trace), describe_frame(*(t.frame - i)));
  }
  return trace;
}

}  // namespace

void attach_trace(Thread& t, Value value) {
  Error& error = as<Error>(value);
  if (!error.trace.is_nil()) return;
  Ref trace;
  try {
    trace = current_trace(t);
  } catch (...) {
    // No memory for one. The frames of the error that is under way must be left all the same.
    return;
  }
  if (error.flags & k_shared) publish(trace);
  error.trace = trace.take();
}

}  // namespace reops::lang
