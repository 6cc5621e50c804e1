#pragma once
// What the tests of the collections share: integers as values, keys that collide, and the two ways of holding
// a version.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/seq.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang::testing {

inline Value fix(int64_t i) { return Value::fixnum(i); }
inline Ref own(int64_t i) { return integer(i); }

/// Integer `i` of a family whose members all have the same hash: the low half cancels what the high half
/// adds.
inline int64_t colliding(uint32_t i, uint32_t common = 0x1234567) {
  uint64_t high = uint64_t{i} << 32;
  uint32_t cancel = hash_int(high);
  return static_cast<int64_t>(high | (cancel ^ common));
}

/// A key for a small number: neighbours, far apart, and several families of collisions.
inline int64_t awkward_key(int n) {
  switch (n % 4) {
    case 0:
      return n;
    case 1:
      return int64_t{n} * 1024;
    case 2:
      return colliding(static_cast<uint32_t>(n), 7);
    default:
      return colliding(static_cast<uint32_t>(n % 64), static_cast<uint32_t>(n / 64 % 3) << 30);
  }
}

/// The elements of anything seqable that holds integers.
inline std::vector<int64_t> ints(Value coll) {
  std::vector<int64_t> out;
  for (SeqIterator it(coll); it.more(); it.step()) out.push_back(as_int(it.value()));
  return out;
}

inline ErrorClass error_class_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Thrown& thrown) {
    return as<Error>(thrown.error()).error_class;
  }
  ADD_FAILURE() << "no error was thrown";
  return ErrorClass::throwable;
}

/// A function of C++ as a value that can be called.
inline Ref native(NativeFn fn, int8_t args = 0) {
  Native* n = allocate<Native>();
  n->module = n->index = 0;
  n->min_args = n->max_args = args;
  n->pad = 0;
  n->borrowed = k_borrow_all;
  n->pad2 = 0;
  n->fn = fn;
  n->name = n->meta = Value::nil();
  return Ref::adopt(n);
}

/// A test that calls functions of the language, so that its thread has to be one of the interpreter's.
class OnThread : public ::testing::Test {
 private:
  ThreadScope scope_;
};

}  // namespace reops::lang::testing
