#pragma once
// References: atoms, volatiles, delays, promises and futures; and what they have in common with vars.

#include <chrono>
#include <optional>

#include "lang/value/ref.hpp"

namespace reops::lang {

struct Var;

struct Atom : Object {
  static constexpr Kind k_kind = Kind::Atom;
  Value value;
  Value watches;    ///< map key → function, or nil
  Value validator;  ///< function or nil
  Value meta;
};

/// A value that changes by actions sent to it. Its queue, and what is to happen when one fails, are in
/// `state`: an atom that lib/clojure/core/agents.clj knows.
struct Agent : Object {
  static constexpr Kind k_kind = Kind::Agent;
  Value value;
  Value watches;
  Value validator;
  Value meta;
  Value state;
};

struct Volatile : Object {
  static constexpr Kind k_kind = Kind::Volatile;
  Value value;
};

/// Computed once, by the first that asks.
struct Delay : Object {
  static constexpr Kind k_kind = Kind::Delay;
  enum State : uint32_t { unrealised, running, done, failed };
  uint32_t state;   ///< atomic; who waits for it is parked on the object's address
  uint32_t runner;  ///< number of the thread that computes it, to tell a delay that forces itself
  Value thunk;      ///< until realised
  Value value;      ///< the value, or the Error
};

/// A value that another thread delivers: a promise, or the result of a future.
struct Promise : Object {
  static constexpr Kind k_kind = Kind::Promise;
  enum Form : uint32_t { promise, future };
  enum State : uint32_t { pending, claimed, delivered, failed, cancelled };
  uint32_t state;  ///< atomic; who waits for it is parked on the object's address
  Form form;
  Value value;  ///< what was delivered, or the Error
  Value task;   ///< a future's Handle to the thread that computes it; nil otherwise
};

Ref make_atom(Ref value, Ref meta = Ref());
Ref make_agent(Ref value, Ref state);
Ref make_volatile(Ref value);
Ref make_delay(Ref thunk);
Ref make_promise();

/// Runs `thunk` on another thread, with this thread's bindings.
Ref start_future(Ref thunk);
/// Delivers to a promise; false when it had its value already.
bool deliver(Promise& promise, Ref value);
/// Interrupts a future; false when it had ended already.
bool cancel_future(Promise& future);
/// Interrupts the thread that computes a future, and leaves its value to that.
void interrupt_future(Promise& future);
/// The value of a delay, computing it if nobody has.
Ref force(Value v);

using Wait = std::optional<std::chrono::milliseconds>;
/// `deref` of anything that can be: waits where it must, at most `wait`, then `otherwise`.
Ref deref(Value reference, Wait wait = std::nullopt, Value otherwise = Value::nil());
bool is_realized(Value v);

/// Replaces the metadata of something that keeps it in a place of its own (a var, namespace, atom …); returns
/// it.
Ref set_reference_meta(Value reference, Ref meta);

/// Asks `validator` (nil: anything goes) about `value`; throws IllegalStateException when it refuses.
void validate(Value validator, Value value);
/// The same for a new root or binding of `var`. What the runtime itself relies on cannot be broken either:
/// *ns* holds a namespace.
void validate(Var& var, Value value);
/// Tells every function of `watches` (map key → function, or nil) about a change. Never call it with a lock
/// held.
void notify_watches(Value watches, Value reference, Value old_value, Value new_value);

}  // namespace reops::lang
