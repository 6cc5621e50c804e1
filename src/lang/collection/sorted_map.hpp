#pragma once
// Maps in the order of their keys: balanced binary trees (AVL), in which an update copies the path to what it
// changes, or writes it in place when nobody else holds it. And sets over them.
//
// A comparator is code of the program: it is called while the tree is read, never once writing has begun.
// What holds the map must keep holding it meanwhile.

#include <span>

#include "lang/collection/map.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

struct SortedMap : Object {
  static constexpr Kind k_kind = Kind::SortedMap;
  uint32_t count;
  uint32_t hash;
  Value root;        ///< SortedNode or nil
  Value comparator;  ///< nil stands for `compare`
  Value meta;
};
/// The header's aux byte is the height: 1 without children.
struct SortedNode : Object {
  static constexpr Kind k_kind = Kind::SortedNode;
  Value key;
  Value value;
  Value left;   ///< SortedNode or nil
  Value right;  ///< SortedNode or nil
};

/// Whose map is a SortedMap.
struct SortedSet : Set {
  static constexpr Kind k_kind = Kind::SortedSet;
};

Ref make_sorted_map(Ref comparator);
Ref make_sorted_set(Ref comparator);

/// Negative, 0 or positive as the comparator has it: by `compare` for nil, else by what a function says in
/// Clojure's two ways, with a number, or with true for "comes before".
int compare_by(Value comparator, Value a, Value b);

/// The entry of `key` as two words; null when absent.
const Value* sorted_map_find(const SortedMap& m, Value key);
void sorted_map_put(Ref& m, Ref key, Ref value);
void sorted_map_remove(Ref& m, Value key);

/// A node, as the way to it from the root: bit i says whether step i went right.
struct SortedPlace {
  uint64_t turns = 0;
  uint32_t depth = 0;
};
const SortedNode& sorted_node(const SortedMap& m, const SortedPlace& place);
/// The first place in ascending order, or in descending; precondition: the map is not empty.
SortedPlace sorted_first(const SortedMap& m, bool descending);
/// Moves to the next place; false at the end.
bool sorted_next(const SortedMap& m, SortedPlace& place, bool descending);
/// The first place whose key is `key`, or lies behind it in that order; false when there is none.
bool sorted_seek(const SortedMap& m, Value key, bool descending, SortedPlace& place);

}  // namespace reops::lang
