#pragma once
// The trie behind maps of more than a handful of entries: internal to the maps.
//
// A node covers five bits of the hash. Two bitmaps say which of the 32 places hold an entry and which a node
// below; what is there lies without gaps, entries first, then nodes. Keys whose whole hashes agree end in a
// collision node below the last level. A node below the root is never left with one entry alone, so that
// equal maps have equal shapes.

#include "lang/value/ref.hpp"

namespace reops::lang {

struct HashMap;

/// The header's aux byte is the number of entries.
struct HashNode : Object {
  static constexpr Kind k_kind = Kind::HashNode;
  uint32_t length;    ///< slots in use: 2 per entry, 1 per child
  uint32_t capacity;  ///< slots there is room for
  uint32_t entry_map;
  uint32_t child_map;
  __extension__ Value slots[];
};
struct CollisionNode : Object {
  static constexpr Kind k_kind = Kind::CollisionNode;
  uint32_t length;  ///< slots: 2 per entry
  uint32_t hash;    ///< which all keys have
  __extension__ Value slots[];
};

/// Levels of HashNodes that 32 bits of hash make.
inline constexpr unsigned k_hash_levels = 7;

Ref make_hash_map();
/// The entry (key, value) of `key`, whose hash is `h`; null when absent.
const Value* hash_map_find(const HashMap& m, Value key, uint32_t h);
void hash_map_put(Ref& m, Ref key, uint32_t h, Ref value);
void hash_map_remove(Ref& m, Value key, uint32_t h);

}  // namespace reops::lang
