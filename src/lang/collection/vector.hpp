#pragma once
// Persistent vectors: 32-way trees with a tail. Updates take the vector owned and write in place when it is
// unique.

#include <initializer_list>
#include <span>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// The last 1 to 32 elements are the tail; those before hang, 32 a leaf, in a tree whose leaves are all
/// equally deep.
struct Vector : Object {
  static constexpr Kind k_kind = Kind::Vector;
  uint32_t count;
  uint8_t shift;  ///< bits of an index below the root's: 5 when the root's children are leaves
  uint8_t pad[3];
  uint32_t hash;
  uint32_t pad2;
  Value root;  ///< VectorNode or nil
  Value tail;  ///< VectorNode, or nil when the vector is empty
  Value meta;
};
/// A leaf (elements) or an inner node (nodes); its children come first and without gaps.
struct VectorNode : Object {
  static constexpr Kind k_kind = Kind::VectorNode;
  uint32_t length;    ///< slots in use
  uint32_t capacity;  ///< slots there is room for
  __extension__ Value items[];
};
/// A window on a vector.
struct SubVector : Object {
  static constexpr Kind k_kind = Kind::SubVector;
  uint32_t start;
  uint32_t count;
  uint32_t hash;
  uint32_t pad;
  Value vector;  ///< Vector
  Value meta;
};
/// A pair that is also a vector of two.
struct MapEntry : Object {
  static constexpr Kind k_kind = Kind::MapEntry;
  Value key;
  Value value;
};

inline constexpr unsigned k_node_bits = 5;
inline constexpr uint32_t k_node_width = 1u << k_node_bits;

Value empty_vector();
/// From now on this is the empty one: for an image, which brings its own.
void adopt_empty_vector(Value vector);
Ref make_vector(std::span<const Value> items);
Ref make_vector(std::initializer_list<Value> items);
Ref make_map_entry(Value key, Value value);
/// Any seqable as a vector.
Ref into_vector(Value coll);

/// Puts `item` at the end of a Vector if that takes no more than writing it there: nobody else holds the
/// vector, and its last leaf has room. Then the vector has taken the item over.
inline bool push_in_place(Value vector, Value item) {
  Vector& v = as<Vector>(vector);
  if (!is_unique(&v) || !is_unique(v.tail)) return false;
  VectorNode& tail = as<VectorNode>(v.tail);
  if (tail.length >= tail.capacity) return false;
  tail.items[tail.length++] = item;
  ++v.count;
  v.hash = 0;
  return true;
}

/// Index of the first element of the tail.
inline uint32_t tail_offset(const Vector& v) { return v.count ? (v.count - 1) & ~(k_node_width - 1) : 0; }
/// The leaf that holds element `index`, at position index % 32. Precondition: index < v.count.
inline const VectorNode& vector_leaf(const Vector& v, size_t index) {
  if (index >= tail_offset(v)) return as<VectorNode>(v.tail);
  const VectorNode* node = &as<VectorNode>(v.root);
  for (unsigned level = v.shift; level > 0; level -= k_node_bits) {
    node = &as<VectorNode>(node->items[index >> level & (k_node_width - 1)]);
  }
  return *node;
}

/// `vector?`: Vector, SubVector and MapEntry, which all functions below accept.
inline bool is_vector(Value v) {
  if (!v.is_object()) return false;
  Kind kind = v.as_object()->kind;
  return kind == Kind::Vector || kind == Kind::SubVector || kind == Kind::MapEntry;
}
size_t vector_count(Value v);
Value slow_vector_at(Value v, size_t index);
/// Element `index`, borrowed; none() when out of range.
inline Value vector_at(Value v, size_t index) {
  if (!is<Vector>(v)) return slow_vector_at(v, index);
  const Vector& vector = as<Vector>(v);
  return index < vector.count ? vector_leaf(vector, index).items[index & (k_node_width - 1)] : Value::none();
}
Ref vector_conj(Ref v, Ref item);
/// index == count appends; beyond throws index-out-of-bounds.
Ref vector_assoc(Ref v, size_t index, Ref item);
Ref vector_pop(Ref v);
Ref subvector(Value v, size_t from, size_t to);
/// The same elements as a Vector of their own (a map entry or a window is copied).
Ref plain_vector(Ref v);

// The same updates on what the caller holds, which is left as it was when they throw.
void vector_push(Ref& v, Ref item);
void vector_set(Ref& v, size_t index, Ref item);
void vector_drop_last(Ref& v);

}  // namespace reops::lang
