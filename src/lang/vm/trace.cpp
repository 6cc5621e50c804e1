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

// `Place`: a CodePosition or an InlinedCall.
template <class Place>
Ref add_line(Ref trace, const Proto& proto, const Place& at) {
  Ref name = make_string(function_name(proto));
  auto number = [](uint32_t n) { return Value::fixnum(n); };
  return vector_conj(std::move(trace), make_vector({name, proto.source, number(at.line), number(at.column),
                                                    number(at.end_line), number(at.end_column)}));
}

// The functions that run in a frame: its own, and before it those whose calls are written out in its code.
Ref add_frame(Ref trace, const Frame& f) {
  auto pc = static_cast<size_t>(f.pc - f.code->instructions());
  const CodePosition* p = f.code->position_at(pc);
  const InlinedCall* within = nullptr;
  auto add = [&](const Proto& proto) {
    trace = within ? add_line(std::move(trace), proto, *within)
                   : add_line(std::move(trace), proto, p ? *p : CodePosition{});
  };
  auto calls = f.code->inlined_calls();
  for (size_t i = calls.size(); i-- > 0;) {
    if (pc <= calls[i].start || pc > calls[i].end) continue;
    add(as<Proto>(f.code->constants[calls[i].proto]));
    within = &calls[i];
  }
  add(as<Proto>(f.fn->proto));
  return trace;
}

Ref current_trace(const Thread& t) {
  Ref trace(empty_vector());
  size_t depth = static_cast<size_t>(t.frame - t.frames);
  for (size_t i = 0; i < depth; ++i) {
    if (i == k_innermost && depth > k_innermost + k_outermost) i = depth - k_outermost;
    trace = add_frame(std::move(trace), *(t.frame - i));
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
