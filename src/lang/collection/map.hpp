#pragma once
// Persistent maps: arrays in insertion order up to 8 entries, hash array mapped tries beyond, trees in the
// order of the keys (sorted_map.hpp). And sets over them.

#include <initializer_list>
#include <span>
#include <utility>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Key, value, key, value … in insertion order. `array-map` makes larger ones than k_array_map_limit; any
/// that grows past the limit becomes a HashMap. The header's aux byte says for how many entries there is
/// room.
struct ArrayMap : Object {
  static constexpr Kind k_kind = Kind::ArrayMap;
  uint32_t length;  ///< slots in use: 1 (meta) + 2 per entry
  uint32_t hash;
  Value meta;
  __extension__ Value entries[];
};
struct HashMap : Object {
  static constexpr Kind k_kind = Kind::HashMap;
  uint32_t count;
  uint32_t hash;
  Value root;  ///< HashNode
  Value meta;
};
/// A set is a map from each member to true.
struct Set : Object {
  static constexpr Kind k_kind = Kind::Set;
  uint32_t hash;
  uint32_t pad;
  Value map;  ///< ArrayMap or HashMap; a SortedMap in a SortedSet
  Value meta;
};
inline constexpr size_t k_array_map_limit = 8;

Value empty_map();
Value empty_set();
/// From now on these are the empty ones: for an image, which brings its own.
void adopt_empty_map(Value map);
void adopt_empty_set(Value set);
/// Alternating keys and values; a later duplicate wins.
Ref make_map(std::span<const Value> keys_and_values);
Ref make_map(std::initializer_list<Value> keys_and_values);
/// The same, in insertion order whatever the size.
Ref make_array_map(std::span<const Value> keys_and_values);
Ref make_set(std::span<const Value> items);

/// `map?`: ArrayMap, HashMap, SortedMap, Record.
bool is_map(Value v);
/// `set?`: Set, SortedSet. Both are read as<Set>.
inline bool is_set(Value v) { return is<Set>(v) || is_kind(v, Kind::SortedSet); }
/// An ArrayMap, HashMap or SortedMap: what the functions below work on.
inline bool is_plain_map(Value v) { return is<ArrayMap>(v) || is<HashMap>(v) || is_kind(v, Kind::SortedMap); }
/// `sorted?`
inline bool is_sorted(Value v) { return is_kind(v, Kind::SortedMap) || is_kind(v, Kind::SortedSet); }

inline size_t array_map_count(const ArrayMap& m) { return (m.length - 1) / 2; }
size_t sorted_map_count(Value m);
inline size_t map_count(Value m) {
  if (is<ArrayMap>(m)) return array_map_count(as<ArrayMap>(m));
  return is<HashMap>(m) ? as<HashMap>(m).count : sorted_map_count(m);
}

/// The entry of `key` as two words (key, value), borrowed from the map; null when absent. In a SortedMap,
/// the comparator may be code of the program: hold the map, and do not trust what else was borrowed before.
const Value* map_find(Value m, Value key);
/// The value under `key`, borrowed from the map; none() when absent.
inline Value map_get(Value m, Value key) {
  const Value* entry = map_find(m, key);
  return entry ? entry[1] : Value::none();
}
Ref map_assoc(Ref m, Ref key, Ref value);
Ref map_dissoc(Ref m, Value key);
/// Calls `visit(key, value)` for every entry, in the map's order.
template <class F>
void map_each(Value m, F&& visit);

Value set_get(Value s, Value item);  ///< the member equal to item, or none()
Ref set_conj(Ref s, Ref item);
Ref set_disj(Ref s, Value item);
inline size_t set_count(Value s) { return map_count(as<Set>(s).map); }

// The same updates on what the caller holds, which is left as it was when they throw.
void map_put(Ref& m, Ref key, Ref value);
void map_remove(Ref& m, Value key);
void set_put(Ref& s, Ref item);
void set_remove(Ref& s, Value item);

/// Equality and hash of all of these kinds, for their tables.
bool equal_maps(Value a, Value b);
uint32_t hash_map_entries(Value m);

/// What of a map's entries a sequence shows.
enum class MapPart : uint32_t { entries, keys, values };

struct SortedNode;
struct SortedMap;
struct SortedPlace;

/// Walks a sorted map in one of its two directions. Borrows the map.
class SortedCursor {
 public:
  /// More than the height of a tree of 2^32 nodes.
  static constexpr int k_levels = 48;

  SortedCursor() = default;
  SortedCursor(const SortedMap& map, bool descending);
  /// From a place on.
  SortedCursor(const SortedMap& map, const SortedPlace& place, bool descending);
  bool more() const { return depth_ > 0; }
  const SortedNode& node() const { return *ahead_[depth_ - 1]; }
  void step();

 private:
  void run_down(Value node);
  /// Those on the way that are still to come, the nearest last.
  const SortedNode* ahead_[k_levels];
  int depth_;
  bool descending_;
};

/// A cursor over a map's entries (what map_each and seqs are made of). Borrows the map, or a set, whose
/// members are its keys. For a record, go by its seq.
class MapCursor {
 public:
  explicit MapCursor(Value map);
  bool more() const { return more_; }
  Value key() const { return key_; }
  Value value() const { return value_; }
  void step() {
    if (depth_ == k_sorted) [[unlikely]] {
      sorted_.step();
      return load_sorted();
    }
    ++levels_[depth_].index;
    find();
  }

  /// Where the cursor stands, as numbers: how deep, and the index at each depth.
  static constexpr int k_levels = 8;
  struct Position {
    uint32_t depth;
    uint32_t index[k_levels];
  };
  Position position() const;
  MapCursor(Value map, const Position& position);
  explicit MapCursor(const SortedCursor& sorted);
  MapCursor() {}

 private:
  struct Level {
    const Object* node;
    uint32_t index;  ///< entries first, then child nodes
  };
  static constexpr int k_sorted = -1;  ///< in place of a depth

  void find();
  void load_sorted();
  union {
    Level levels_[k_levels];
    SortedCursor sorted_;
  };
  int depth_ = 0;
  bool more_ = false;
  Value key_, value_;
};

template <class F>
void map_each(Value m, F&& visit) {
  for (MapCursor c(m); c.more(); c.step()) visit(c.key(), c.value());
}

}  // namespace reops::lang
