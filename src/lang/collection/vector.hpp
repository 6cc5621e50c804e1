#pragma once
// Persistent vectors: 32-way trees with a tail. Updates take the vector owned and write in place when it is unique.

#include <initializer_list>
#include <span>

#include "lang/value/ref.hpp"

namespace reops::lang {

struct Vector : Object {
  static constexpr Kind k_kind = Kind::Vector;
  uint32_t count;
  uint8_t shift;
  uint8_t pad[3];
  uint32_t hash;
  uint32_t pad2;
  Value root;  ///< VectorNode or nil
  Value tail;  ///< VectorNode or nil
  Value meta;
};
/// A pair that is also a vector of two.
struct MapEntry : Object {
  static constexpr Kind k_kind = Kind::MapEntry;
  Value key;
  Value value;
};

Value empty_vector();
Ref make_vector(std::span<const Value> items);
Ref make_vector(std::initializer_list<Value> items);
Ref make_map_entry(Value key, Value value);
/// Any seqable as a vector.
Ref into_vector(Value coll);

/// All below accept Vector, SubVector and MapEntry (`vector?`).
bool is_vector(Value v);
size_t vector_count(Value v);
/// Element `index`, borrowed; none() when out of range.
Value vector_at(Value v, size_t index);
Ref vector_conj(Ref v, Ref item);
/// index == count appends; beyond throws index-out-of-bounds.
Ref vector_assoc(Ref v, size_t index, Ref item);
Ref vector_pop(Ref v);
Ref subvector(Value v, size_t from, size_t to);

}  // namespace reops::lang
