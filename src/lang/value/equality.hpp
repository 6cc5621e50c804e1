#pragma once
// Equality and hashing of any two values, by the table of kinds.

#include <atomic>

#include "lang/value/object.hpp"

namespace reops::lang {

bool slow_equal(Value a, Value b);
uint32_t slow_hash(Value v);

/// Spreads a 64-bit number over all its bits.
constexpr uint64_t mix_bits(uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  return x ^ x >> 32;
}

/// Hash of an integer. Small ones hash to themselves: successive keys then lie side by side in a hash map,
/// which keeps its nodes full and what is touched together close. What combines hashes therefore has to mix
/// (OrderedHash does).
constexpr uint32_t hash_int(uint64_t x) {
  uint32_t high = static_cast<uint32_t>(x >> 32);
  return static_cast<uint32_t>(x) ^ (high ? static_cast<uint32_t>(mix_bits(high)) : 0);
}
uint32_t hash_bytes(const void* data, size_t size);
constexpr uint32_t hash_combine(uint32_t seed, uint32_t h) {
  return static_cast<uint32_t>(mix_bits(uint64_t{seed} << 32 | (h + 0x9e3779b9u)));
}

/// Clojure's `=`. Realises lazy sequences; may throw what they throw. Recursive, stack-checked.
inline bool equal(Value a, Value b) {
  return a == b || ((a.is_object() || b.is_object()) && slow_equal(a, b));
}

/// Clojure's `hash`: equal values hash equally. Not the same numbers as the JVM's.
inline uint32_t hash(Value v) {
  return v.is_fixnum() ? hash_int(static_cast<uint64_t>(v.as_fixnum())) : slow_hash(v);
}

/// Clojure's `compare`: negative, 0 or positive. nil first, numbers, strings, names, characters, booleans,
/// vectors; what cannot be compared with each other throws class-cast. Text differs by the distance of the
/// first characters that differ, or of the lengths, as on the JVM.
int compare(Value a, Value b);
/// Throws class-cast for what compare() takes in no comparison at all.
void expect_order(Value v);

/// Hash of a sequence of elements, the same for every sequential kind.
class OrderedHash {
 public:
  void add(uint32_t element) {
    state_ = (state_ << 7 | state_ >> 57) * 0x9e3779b97f4a7c15u + mix_bits(element + 1u);
  }
  /// Never 0, which stands for "not computed yet" where hashes are kept.
  uint32_t finish() const {
    uint32_t h = static_cast<uint32_t>(mix_bits(state_));
    return h ? h : 1;
  }

 private:
  uint64_t state_ = 1;
};

/// Hash of a collection whose order does not matter: maps (entries) and sets (members).
class UnorderedHash {
 public:
  explicit UnorderedHash(uint64_t seed) : state_(seed) {}
  void add(uint32_t member) { state_ += mix_bits(member + 1u); }
  void add(uint32_t key, uint32_t value) { state_ += mix_bits(uint64_t{key} << 32 | value); }
  uint32_t finish() const {
    uint32_t h = static_cast<uint32_t>(mix_bits(state_));
    return h ? h : 1;
  }

 private:
  uint64_t state_;
};

/// A hash kept in an object's field; 0 while it is not known. Two threads may both compute it: they store the
/// same.
inline uint32_t kept_hash(const uint32_t& field) {
  return std::atomic_ref(const_cast<uint32_t&>(field)).load(std::memory_order_relaxed);
}
inline uint32_t keep_hash(uint32_t& field, uint32_t h) {
  std::atomic_ref(field).store(h, std::memory_order_relaxed);
  return h;
}

}  // namespace reops::lang
