#pragma once
// Cells: the mutable places (atom, var, promise, delay, lazy sequence, volatile).
//
// A cell publishes what is stored in it only if the cell itself is SHARED; a cell that one thread alone knows
// keeps plain counts for its content. Reading a shared cell must load the value and retain it as one step, or
// another thread could free it in between: a one-bit lock in the header's aux byte covers that, held for a
// few instructions.

#include "lang/value/publish.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// Bit of `aux` that is the lock. One more says that the cell is in the census (census.hpp); the other six
/// are the kind's own and are read and written under the lock when shared.
inline constexpr uint8_t k_cell_lock = 0x80;

/// Holds a cell's lock while in scope; costs nothing when the cell is not shared.
class CellLock {
 public:
  explicit CellLock(Object& cell) : cell_(cell), locked_(cell.flags & k_shared) {
    if (locked_) acquire();
  }
  ~CellLock() {
    if (locked_)
      std::atomic_ref(cell_.aux).fetch_and(static_cast<uint8_t>(~k_cell_lock), std::memory_order_release);
  }
  CellLock(const CellLock&) = delete;
  CellLock& operator=(const CellLock&) = delete;

 private:
  void acquire();
  Object& cell_;
  bool locked_;
};

/// The value in `slot` of `cell`, with a count of its own.
Ref cell_load(Object& cell, const Value& slot);

/// Stores `value`; publishes it first when the cell is shared. Returns what was there.
Ref cell_swap(Object& cell, Value& slot, Ref value);

/// Stores `value` only if the slot still holds `expected` (by identity). True when it did.
bool cell_compare_and_set(Object& cell, Value& slot, Value expected, Ref value);

/// The smallest cell: one value. Thread bindings are boxes, so are locals that several closures of a `letfn`
/// share.
struct Box : Object {
  static constexpr Kind k_kind = Kind::Box;
  Value value;
};
Ref make_box(Ref value);

}  // namespace reops::lang
