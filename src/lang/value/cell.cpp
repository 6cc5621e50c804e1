#include "lang/value/cell.hpp"

#include <sched.h>

#include <cstddef>

#include "lang/value/census.hpp"

namespace reops::lang {

void CellLock::acquire() {
  std::atomic_ref aux(cell_.aux);
  // Held for a handful of instructions, so spinning is right; a holder that lost its processor gets it back
  // by the yield.
  for (int spins = 0; aux.fetch_or(k_cell_lock, std::memory_order_acquire) & k_cell_lock; ++spins) {
    if (spins > 64) sched_yield();
  }
}

Ref cell_load(Object& cell, const Value& slot) {
  CellLock lock(cell);
  return Ref(slot);
}

namespace {

/// Storing is what can close a cycle, which nothing immortal is part of.
void note_store(Object& cell, Value value) {
  if (value.is_object() && !(value.as_object()->flags & k_immortal) &&
      !(std::atomic_ref(cell.aux).load(std::memory_order_relaxed) & k_cell_noted))
    note_cell(cell);
}

}  // namespace

Ref cell_swap(Object& cell, Value& slot, Ref value) {
  note_store(cell, value);
  if (cell.flags & k_shared) publish(value);
  CellLock lock(cell);
  Value old = slot;
  slot = value.take();
  return Ref::adopt(old);
}

bool cell_compare_and_set(Object& cell, Value& slot, Value expected, Ref value) {
  note_store(cell, value);
  if (cell.flags & k_shared) publish(value);
  Ref old;
  {
    CellLock lock(cell);
    if (slot != expected) return false;
    old = Ref::adopt(slot);
    slot = value.take();
  }
  return true;
}

const KindInfo k_info_Box = {.name = "Box", .slots_at = offsetof(Box, value), .slots = 1, .cell = true};

Ref make_box(Ref value) {
  Box* box = allocate<Box>();
  box->value = value.take();
  return Ref::adopt(box);
}

}  // namespace reops::lang
