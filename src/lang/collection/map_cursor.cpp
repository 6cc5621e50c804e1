#include "lang/collection/hash_map.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/sorted_map.hpp"

namespace reops::lang {
namespace {

// A node of a map as what the cursor sees in it: entries first, then nodes.
struct View {
  const Value* slots;
  uint32_t entries;
  uint32_t children;
};

View view(const Object& node) {
  switch (node.kind) {
    case Kind::ArrayMap: {
      const ArrayMap& m = static_cast<const ArrayMap&>(node);
      return {m.entries, static_cast<uint32_t>(array_map_count(m)), 0};
    }
    case Kind::CollisionNode: {
      const CollisionNode& n = static_cast<const CollisionNode&>(node);
      return {n.slots, n.length / 2, 0};
    }
    default: {
      const HashNode& n = static_cast<const HashNode&>(node);
      return {n.slots, n.aux, n.length - 2u * n.aux};
    }
  }
}

const Object* top_node(Value map) {
  return is<HashMap>(map) ? as<HashMap>(map).root.as_object() : map.as_object();
}

}  // namespace

MapCursor::MapCursor(Value map) {
  if (is_set(map)) map = as<Set>(map).map;
  if (const SortedMap* sorted = try_as<SortedMap>(map)) {
    depth_ = k_sorted;
    sorted_ = SortedCursor(*sorted, false);
    load_sorted();
    return;
  }
  levels_[0] = {top_node(map), 0};
  find();
}

MapCursor::MapCursor(Value map, const Position& position) : depth_(static_cast<int>(position.depth)) {
  if (is_set(map)) map = as<Set>(map).map;
  const Object* node = top_node(map);
  for (int i = 0;; ++i) {
    levels_[i] = {node, position.index[i]};
    if (i == depth_) break;
    // The index of a level above has been moved past the child that the level below walks.
    View v = view(*node);
    node = v.slots[2 * v.entries + (position.index[i] - 1 - v.entries)].as_object();
  }
  find();
}

MapCursor::MapCursor(const SortedCursor& sorted) : sorted_(sorted), depth_(k_sorted) { load_sorted(); }

void MapCursor::load_sorted() {
  more_ = sorted_.more();
  if (!more_) return;
  key_ = sorted_.node().key;
  value_ = sorted_.node().value;
}

SortedCursor::SortedCursor(const SortedMap& map, bool descending) : depth_(0), descending_(descending) {
  run_down(map.root);
}

SortedCursor::SortedCursor(const SortedMap& map, const SortedPlace& place, bool descending)
    : depth_(0), descending_(descending) {
  Value node = map.root;
  for (uint32_t i = 0; i < place.depth; ++i) {
    const SortedNode& n = as<SortedNode>(node);
    bool right = place.turns >> i & 1;
    if (right == descending) ahead_[depth_++] = &n;
    node = right ? n.right : n.left;
  }
  ahead_[depth_++] = &as<SortedNode>(node);
}

void SortedCursor::run_down(Value node) {
  while (!node.is_nil()) {
    const SortedNode& n = as<SortedNode>(node);
    ahead_[depth_++] = &n;
    node = descending_ ? n.right : n.left;
  }
}

void SortedCursor::step() {
  const SortedNode& n = *ahead_[--depth_];
  run_down(descending_ ? n.left : n.right);
}

MapCursor::Position MapCursor::position() const {
  Position p{static_cast<uint32_t>(depth_), {}};
  for (int i = 0; i <= depth_; ++i) p.index[i] = levels_[i].index;
  return p;
}

void MapCursor::find() {
  for (;;) {
    Level& level = levels_[depth_];
    View v = view(*level.node);
    if (level.index < v.entries) {
      key_ = v.slots[2 * level.index];
      value_ = v.slots[2 * level.index + 1];
      more_ = true;
      return;
    }
    uint32_t child = level.index - v.entries;
    if (child < v.children) {
      ++level.index;
      levels_[++depth_] = {v.slots[2 * v.entries + child].as_object(), 0};
    } else if (depth_ == 0) {
      more_ = false;
      return;
    } else {
      --depth_;
    }
  }
}

}  // namespace reops::lang
