// Values that each thread has for itself: what java.lang.ThreadLocal and Thread/currentThread are made of.

#include <atomic>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

// This thread's map from keys to values. Gone with the thread, or with the task that a thread was for.
Ref& values() {
  Ref& map = this_thread().locals;
  if (map.is_nil()) map = Ref(empty_map());
  return map;
}

/// A key that only the map itself holds can never be asked for again.
bool only_held_here(Value key) {
  if (!key.is_object() || key.as_object()->flags & k_immortal) return false;
  return std::atomic_ref(key.as_object()->count).load(std::memory_order_acquire) == 1;
}

void forget_lost_keys() {
  std::vector<Ref> lost;
  map_each(values(), [&](Value key, Value) {
    if (only_held_here(key)) lost.emplace_back(key);
  });
  for (const Ref& key : lost) values() = map_dissoc(std::move(values()), key);
}

Ref get_value(Args args) {
  Value found = map_get(values(), args[0]);
  return Ref(found.is_none() ? args[1] : found);
}

Ref set_value(Args args) {
  if (map_get(values(), args[0]).is_none()) forget_lost_keys();
  values() = map_assoc(std::move(values()), Ref(args[0]), Ref(args[1]));
  return Ref(args[1]);
}

Ref remove_value(Args args) {
  values() = map_dissoc(std::move(values()), args[0]);
  return nil();
}

constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_internal, "thread-local", get_value, 2, 2, k_borrow_all, "([key otherwise])",
     "What this thread has under the key, or otherwise."},
    {k_internal, "set-thread-local!", set_value, 2, 2, k_borrow_all, "([key x])",
     "Makes x what this thread has under the key."},
    {k_internal, "remove-thread-local!", remove_value, 1, 1, k_borrow_all, "([key])",
     "This thread has nothing under the key any more."},
};

}  // namespace

extern const NativeModule k_natives_thread_locals;
const NativeModule k_natives_thread_locals = {"thread_locals", k_defs};

}  // namespace reops::lang
