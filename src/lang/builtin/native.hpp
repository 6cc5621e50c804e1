#pragma once
// Native functions: how C++ is offered to the language.
//
// A topic is one file of this folder with a table of NativeDef at its end; `install_all` (install.cpp) lists
// the tables. The docstring stands beside the function. A native takes its arguments in `Args`: slots of the
// interpreter's stack. All arguments it leaves there are released by the caller afterwards, whatever happens,
// so a native may read them as borrowed values without further ado. What it wants to keep or update in place
// it takes: `args.take(0)` moves the count out of the slot. Only parameters not marked borrowed may be taken:
// for those the caller made sure that the slot owns.

#include <cstdint>
#include <span>

#include "lang/value/error.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

class Args {
 public:
  Args(Value* slots, size_t count) : slots_(slots), count_(count) {}
  size_t size() const { return count_; }
  Value operator[](size_t i) const { return slots_[i]; }
  /// The argument, or `otherwise` when fewer were given.
  Value get(size_t i, Value otherwise = Value::nil()) const { return i < count_ ? slots_[i] : otherwise; }
  /// Moves an owned argument out. Only for parameters that the table does not mark as borrowed.
  Ref take(size_t i) { return Ref::adopt(std::exchange(slots_[i], Value::nil())); }
  std::span<const Value> from(size_t i) const { return {slots_ + i, count_ > i ? count_ - i : 0}; }

 private:
  Value* slots_;
  size_t count_;
};

using NativeFn = Ref (*)(Args args);

inline constexpr int8_t k_variadic = -1;
inline constexpr uint32_t k_borrow_all = ~uint32_t{0};
inline constexpr uint32_t k_own_all = 0;
/// Mask with parameter i borrowed; `borrow(0) | borrow(2)`. Bit 31 stands for every parameter from 31 on.
constexpr uint32_t borrow(unsigned i) { return uint32_t{1} << i; }

/// One row of a topic's table.
struct NativeDef {
  const char* ns;    ///< "clojure.core"
  const char* name;  ///< "assoc"
  NativeFn fn;
  int8_t min_args;
  int8_t max_args;       ///< or k_variadic
  uint32_t borrowed;     ///< which parameters the function only reads
  const char* arglists;  ///< "([map key val] [map key val & kvs])", read as data
  const char* doc;
};

/// A topic: its rows, in an order that never changes within a build (images name natives by module and
/// index).
struct NativeModule {
  const char* name;
  std::span<const NativeDef> defs;
};

struct Native : Object {
  static constexpr Kind k_kind = Kind::Native;
  uint16_t module;
  uint16_t index;
  int8_t min_args;
  int8_t max_args;
  uint16_t pad;
  uint32_t borrowed;
  uint32_t pad2;
  NativeFn fn;
  Value name;  ///< qualified Symbol
  Value meta;

  bool takes(size_t given) const {
    return static_cast<int64_t>(given) >= min_args &&
           (max_args == k_variadic || static_cast<int64_t>(given) <= max_args);
  }
};

/// Defines every row as a var of its namespace, with docstring and arglists.
void install(const NativeModule& module);
/// All topics of this folder.
void install_all();

}  // namespace reops::lang
