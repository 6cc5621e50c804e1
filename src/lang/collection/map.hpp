#pragma once
// Persistent maps: arrays in insertion order up to 8 entries, hash array mapped tries beyond. And sets over them.

#include <initializer_list>
#include <span>
#include <utility>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Up to k_array_map_limit entries as key, value, key, value … in insertion order.
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
  Value root;  ///< HashNode or CollisionNode
  Value meta;
};
/// A set is a map from each member to itself.
struct Set : Object {
  static constexpr Kind k_kind = Kind::Set;
  uint32_t hash;
  uint32_t pad;
  Value map;
  Value meta;
};
inline constexpr size_t k_array_map_limit = 8;

Value empty_map();
Value empty_set();
/// Alternating keys and values; a later duplicate wins.
Ref make_map(std::span<const Value> keys_and_values);
Ref make_map(std::initializer_list<Value> keys_and_values);
Ref make_set(std::span<const Value> items);

/// `map?`: ArrayMap, HashMap, Record.
bool is_map(Value v);
bool is_set(Value v);
size_t map_count(Value m);
/// The value under `key`, borrowed from the map; none() when absent. For ArrayMap and HashMap.
Value map_get(Value m, Value key);
Ref map_assoc(Ref m, Ref key, Ref value);
Ref map_dissoc(Ref m, Value key);
/// Calls `visit(key, value)` for every entry, in the map's order.
template <class F>
void map_each(Value m, F&& visit);

Value set_get(Value s, Value item);  ///< the member equal to item, or none()
Ref set_conj(Ref s, Ref item);
Ref set_disj(Ref s, Value item);
size_t set_count(Value s);

/// A cursor over a map's entries (what map_each and seqs are made of).
class MapCursor {
 public:
  explicit MapCursor(Value map);
  bool more() const { return more_; }
  Value key() const { return key_; }
  Value value() const { return value_; }
  void step();

 private:
  struct Level {
    Object* node;
    uint32_t index;
  };
  void find();
  Level levels_[9];
  int depth_ = -1;
  Value map_;
  uint32_t index_ = 0;
  Value key_, value_;
  bool more_ = false;
};

template <class F>
void map_each(Value m, F&& visit) {
  for (MapCursor c(m); c.more(); c.step()) visit(c.key(), c.value());
}

}  // namespace reops::lang
