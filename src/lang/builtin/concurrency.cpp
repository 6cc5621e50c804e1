// Delays, promises, futures, and waiting for them; monitors for `locking`.

#include <algorithm>
#include <chrono>
#include <thread>

#include "lang/builtin/native.hpp"
#include "lang/runtime/monitor.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/tasks.hpp"
#include "lang/value/number.hpp"
#include "lang/vm/parking.hpp"

namespace reops::lang {
namespace {

Promise& future_arg(Value v) {
  auto* p = try_as<Promise>(v);
  if (!p || p->form != Promise::future) throw_class_cast(v, "a future");
  return *p;
}

// Longer than anybody waits, short enough to be added to a clock.
constexpr int64_t k_for_ever = int64_t{100} * 365 * 24 * 3600 * 1000;

std::chrono::milliseconds milliseconds_arg(Value v) {
  return std::chrono::milliseconds(std::clamp(to_int(v, "a time in milliseconds"), -k_for_ever, k_for_ever));
}

Ref deref_native(Args args) {
  if (args.size() == 1) return deref(args[0]);
  if (args.size() == 2) throw_arity("clojure.core/deref", 2);
  return deref(args[0], milliseconds_arg(args[1]), args[2]);
}

Ref realized(Args args) { return boolean(is_realized(args[0])); }
Ref delay_star(Args args) { return make_delay(Ref(args[0])); }
Ref is_delay(Args args) { return boolean(is<Delay>(args[0])); }
Ref force_native(Args args) { return force(args[0]); }
Ref promise(Args) { return make_promise(); }

Ref deliver_native(Args args) {
  auto* p = try_as<Promise>(args[0]);
  if (!p || p->form != Promise::promise) throw_class_cast(args[0], "a promise");
  return deliver(*p, Ref(args[1])) ? Ref(args[0]) : nil();
}

Ref future_call(Args args) { return start_future(Ref(args[0])); }
Ref is_future(Args args) {
  auto* p = try_as<Promise>(args[0]);
  return boolean(p && p->form == Promise::future);
}
Ref future_done(Args args) { return boolean(is_realized(Value::object(&future_arg(args[0])))); }
Ref future_cancel(Args args) { return boolean(cancel_future(future_arg(args[0]))); }
Ref future_cancelled(Args args) {
  return boolean(std::atomic_ref(future_arg(args[0]).state).load() == Promise::cancelled);
}

Ref sleep(Args args) {
  auto time = milliseconds_arg(args[0]);
  if (time.count() < 0)
    throw_illegal_argument("Cannot sleep for a negative time: " + std::to_string(time.count()) + " ms");
  int nobody_else = 0;
  park(
      &nobody_else, [] { return false; }, std::chrono::steady_clock::now() + time);
  return {};
}

Ref monitor_enter(Args args) {
  enter_monitor(args[0]);
  return {};
}
Ref monitor_exit(Args args) {
  leave_monitor(args[0]);
  return {};
}

Ref processors(Args) { return integer(processor_count()); }

const NativeDef k_defs[] = {
    {"clojure.core", "deref", deref_native, 1, 3, k_borrow_all, "([ref] [ref timeout-ms timeout-val])",
     "The value of an atom, var, volatile, delay, promise or future; also written @ref. Waits for a promise "
     "or future, with "
     "a timeout at most so long, and then gives timeout-val."},
    {"clojure.core", "realized?", realized, 1, 1, k_borrow_all, "([x])",
     "True when the value of a delay, promise, future or lazy sequence is there."},
    {"reops.internal", "delay*", delay_star, 1, 1, k_borrow_all, "([thunk])",
     "A delay that calls thunk. What the macro delay becomes."},
    {"clojure.core", "delay?", is_delay, 1, 1, k_borrow_all, "([x])", "True for a delay."},
    {"clojure.core", "force", force_native, 1, 1, k_borrow_all, "([x])",
     "The value of a delay; anything else is itself."},
    {"clojure.core", "promise", promise, 0, 0, k_borrow_all, "([])",
     "A promise: deref waits until somebody has delivered its value."},
    {"clojure.core", "deliver", deliver_native, 2, 2, k_borrow_all, "([promise val])",
     "Gives a promise its value and wakes all who wait. Only the first delivery counts; later ones return "
     "nil."},
    {"clojure.core", "future-call", future_call, 1, 1, k_borrow_all, "([f])",
     "Calls f, of no arguments, on another thread, with the bindings of this one; deref waits for its "
     "value."},
    {"clojure.core", "future?", is_future, 1, 1, k_borrow_all, "([x])", "True for a future."},
    {"clojure.core", "future-done?", future_done, 1, 1, k_borrow_all, "([f])",
     "True when the future has ended: with a value, an error, or cancelled."},
    {"clojure.core", "future-cancel", future_cancel, 1, 1, k_borrow_all, "([f])",
     "Interrupts the future; false when it had ended already."},
    {"clojure.core", "future-cancelled?", future_cancelled, 1, 1, k_borrow_all, "([f])",
     "True when the future was cancelled."},
    {"Thread", "sleep", sleep, 1, 1, k_borrow_all, "([milliseconds])",
     "Waits so long. An interrupt ends the wait."},
    {"reops.internal", "monitor-enter", monitor_enter, 1, 1, k_borrow_all, "([x])",
     "Waits for the monitor of x. For locking."},
    {"reops.internal", "monitor-exit", monitor_exit, 1, 1, k_borrow_all, "([x])",
     "Gives the monitor of x back. For locking."},
    {"reops.internal", "processors", processors, 0, 0, k_borrow_all, "([])",
     "How many processors there are."},
};

}  // namespace

extern const NativeModule k_natives_concurrency;
const NativeModule k_natives_concurrency = {"concurrency", k_defs};

}  // namespace reops::lang
