#pragma once
// Registers that must be released, and errors on their way up.

#include <cstddef>

#include "lang/value/ref.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {

/// Releases what the registers [from, to) still hold, and leaves nil there.
inline void release_slots(Value* from, Value* to) {
  for (; from < to; ++from) {
    Value v = *from;
    *from = Value();
    if (v.is_object() && v.bits() != 0) release(v);
  }
}
inline void release_slot(Value& slot) { release_slots(&slot, &slot + 1); }

/// An error on its way up: leaves every frame that does not handle it, down to and including the entry frame.
/// Returns true when a handler took it; the thread's frame then says where to go on.
bool unwind(Thread& t, Ref& error);

/// Ends the program when a frame that returns still holds something: liveness has forgotten it.
void assert_dead(const Frame& f);

}  // namespace reops::lang
