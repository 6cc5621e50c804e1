// Values that each thread has for itself: what java.lang.ThreadLocal and Thread/currentThread are made of.

#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

// This thread's map from keys to values. Gone with the thread.
Ref& values() {
  thread_local Ref map(empty_map());
  return map;
}

Ref get_value(Args args) {
  Value found = map_get(values(), args[0]);
  return Ref(found.is_none() ? args[1] : found);
}

Ref set_value(Args args) {
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
