// Thread bindings. A frame is a persistent map Var → Box, so that pushing shares and conveying is one word.

#include <utility>

#include "lang/collection/map.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/surroundings.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

/// A frame holds vars by identity; a nil frame is an empty one.
Value box_in(Value frame, const Var& var) {
  return frame.is_nil() ? Value::none() : map_get(frame, Value::object(&var));
}

// Decimal arithmetic reads its precision from a place of the thread's own: *math-context* is looked up only
// when bindings change.
void follow_math_context(Thread& thread) {
  Var* var = core_vars().math_context;
  if (!var || var->dynamic_state() != Var::bound_somewhere) return;
  Value box = box_in(thread.bindings, *var);
  Ref context = box.is_none() ? nil() : cell_load(*box.as_object(), as<Box>(box).value);
  t_math_context = {};
  if (!is_plain_map(context)) return;
  Value precision = map_get(context, keyword("precision")), rounding = map_get(context, keyword("rounding"));
  if (precision.is_fixnum()) t_math_context.precision = static_cast<uint32_t>(precision.as_fixnum());
  if (is<String>(rounding)) find_rounding(text_of(rounding), t_math_context.rounding);
}

Value surroundings_box(const Thread& thread) {
  Var* var = core_vars().surroundings;
  if (!var || var->dynamic_state() != Var::bound_somewhere) return Value::none();
  return box_in(thread.bindings, *var);
}

PersonServed* person_in(Value box) {
  return box.is_none() ? nullptr : resource_of<PersonServed>(cell_load(*box.as_object(), as<Box>(box).value));
}

// The thread's folder and environment, which seldom are others than before. The bindings that were in effect
// are still there: what they hold may be in use until now.
void follow_surroundings(Thread& thread) {
  thread_local Value followed = Value::none();
  Value box = surroundings_box(thread);
  if (box == followed) return;
  followed = box;
  PersonServed* person = person_in(box);
  base::enter_surroundings(person ? &person->surroundings() : nullptr);
}

void follow_bindings(Thread& thread) {
  follow_math_context(thread);
  follow_surroundings(thread);
}

}  // namespace

PersonServed* person_served() { return t_thread ? person_in(surroundings_box(*t_thread)) : nullptr; }

Value find_binding(const Var& var) { return t_thread ? box_in(t_thread->bindings, var) : Value::none(); }

void set_binding(Var& var, Ref value) {
  Thread& thread = this_thread();
  Value box = box_in(thread.bindings, var);
  if (box.is_none()) {
    throw_diagnostic(ErrorClass::illegal_state, "reops/set-without-binding",
                     "Cannot set! " + var_name(var) + ": it has no binding in this thread",
                     "Use alter-var-root to change the root, or binding to bind it first.");
  }
  if (box == box_in(thread.conveyed, var)) {
    throw_diagnostic(
        ErrorClass::illegal_state, "reops/set-of-other-thread",
        "Cannot set! " + var_name(var) + ": its binding belongs to the thread that started this one",
        "Bind it again in this thread.");
  }
  validate(var, value);
  Ref held(box);
  cell_swap(*box.as_object(), as<Box>(box).value, std::move(value));
  follow_bindings(thread);
}

void push_bindings(Value var_to_value_map) {
  Thread& thread = this_thread();
  Ref frame = thread.bindings.is_nil() ? Ref(empty_map()) : thread.bindings;
  map_each(var_to_value_map, [&](Value key, Value value) {
    Var* var = try_as<Var>(key);
    if (!var) throw_class_cast(key, "a var to bind");
    if (var->dynamic_state() == Var::not_dynamic) {
      throw_diagnostic(ErrorClass::illegal_state, "reops/not-dynamic",
                       "Cannot bind " + var_name(*var) + ": it is not dynamic",
                       "Declare it with (def ^:dynamic " + std::string(var_name(*var)) + " …).");
    }
    validate(*var, value);
    frame = map_assoc(std::move(frame), Ref(key), make_box(Ref(value)));
    std::atomic_ref(var->dynamic).store(Var::bound_somewhere, std::memory_order_relaxed);
  });
  thread.binding_stack.push_back(std::exchange(thread.bindings, std::move(frame)));
  follow_bindings(thread);
}

void pop_bindings() {
  Thread& thread = this_thread();
  if (thread.binding_stack.empty())
    throw_illegal_state("pop-thread-bindings without a matching push-thread-bindings");
  // Kept until after the pop: what dies with it may look at bindings.
  Ref gone = std::exchange(thread.bindings, std::move(thread.binding_stack.back()));
  thread.binding_stack.pop_back();
  follow_bindings(thread);
}

Ref binding_frame() { return t_thread ? t_thread->bindings : nil(); }

Ref swap_binding_frame(Ref frame) {
  Thread& thread = this_thread();
  const Ref conveyed_before = std::exchange(thread.conveyed, frame);
  Ref before = std::exchange(thread.bindings, std::move(frame));
  follow_bindings(thread);
  return before;
}

Ref thread_bindings() {
  Ref values(empty_map());
  Ref frame = binding_frame();
  if (frame.is_nil()) return values;
  map_each(frame, [&](Value var, Value box) {
    values = map_assoc(std::move(values), Ref(var), cell_load(*box.as_object(), as<Box>(box).value));
  });
  return values;
}

ConveyedBindings::ConveyedBindings(Ref frame)
    : bindings_(this_thread().bindings), conveyed_(this_thread().conveyed) {
  swap_binding_frame(std::move(frame));
}

ConveyedBindings::~ConveyedBindings() {
  Thread& thread = this_thread();
  const Ref bindings_of_scope = std::exchange(thread.bindings, std::move(bindings_));
  const Ref conveyed_of_scope = std::exchange(thread.conveyed, std::move(conveyed_));
  follow_bindings(thread);
}

}  // namespace reops::lang
