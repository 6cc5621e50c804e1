#include "lang/collection/sorted_map.hpp"

#include <algorithm>
#include <cstddef>

#include "lang/runtime/type.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

constexpr int k_levels = SortedCursor::k_levels;

int height(Value node) { return node.is_nil() ? 0 : node.as_object()->aux; }

Value make_node(Ref key, Ref value) {
  SortedNode* n = allocate<SortedNode>();
  n->aux = 1;
  n->key = key.take();
  n->value = value.take();
  n->left = n->right = Value::nil();
  return Value::object(n);
}

// The node in `slot`, made one that may be written. Precondition: the object that `slot` belongs to is
// unique.
SortedNode& writable(Value& slot) {
  SortedNode& old = as<SortedNode>(slot);
  if (is_unique(&old)) return old;
  SortedNode* fresh = allocate<SortedNode>();
  fresh->aux = old.aux;
  fresh->key = Ref(old.key).take();
  fresh->value = Ref(old.value).take();
  fresh->left = Ref(old.left).take();
  fresh->right = Ref(old.right).take();
  slot = Value::object(fresh);
  release(&old);
  return *fresh;
}

SortedMap& own(Ref& m) {
  SortedMap& old = as<SortedMap>(m);
  if (is_unique(&old)) {
    old.hash = 0;
    return old;
  }
  SortedMap* fresh = allocate<SortedMap>();
  fresh->count = old.count;
  fresh->hash = 0;
  fresh->root = Ref(old.root).take();
  fresh->comparator = Ref(old.comparator).take();
  fresh->meta = Ref(old.meta).take();
  m = Ref::adopt(fresh);
  return *fresh;
}

void measure(SortedNode& n) { n.aux = static_cast<uint8_t>(std::max(height(n.left), height(n.right)) + 1); }

// The child on one side takes the place of its parent.
void rotate_right(Value& slot) {
  SortedNode& top = as<SortedNode>(slot);
  SortedNode& child = writable(top.left);
  Value raised = top.left;
  top.left = std::exchange(child.right, slot);
  slot = raised;
  measure(top);
  measure(child);
}
void rotate_left(Value& slot) {
  SortedNode& top = as<SortedNode>(slot);
  SortedNode& child = writable(top.right);
  Value raised = top.right;
  top.right = std::exchange(child.left, slot);
  slot = raised;
  measure(top);
  measure(child);
}

// Restores the balance of a node one of whose sides has grown or shrunk by one.
void balance(Value& slot) {
  SortedNode& n = as<SortedNode>(slot);
  int lean = height(n.left) - height(n.right);
  if (lean > 1) {
    SortedNode& left = writable(n.left);
    if (height(left.left) < height(left.right)) rotate_left(n.left);
    rotate_right(slot);
  } else if (lean < -1) {
    SortedNode& right = writable(n.right);
    if (height(right.right) < height(right.left)) rotate_right(n.right);
    rotate_left(slot);
  } else {
    measure(n);
  }
}

// Walks down to a place, making what lies on the way writable, and back up, balancing it.
class Descent {
 public:
  explicit Descent(SortedMap& map) : slot_(&map.root) {}

  void turn(bool right) {
    slots_[depth_++] = slot_;
    SortedNode& n = writable(*slot_);
    slot_ = right ? &n.right : &n.left;
  }
  void follow(const SortedPlace& place) {
    for (uint32_t i = 0; i < place.depth; ++i) turn(place.turns >> i & 1);
  }
  Value& slot() { return *slot_; }
  void balance_upwards() {
    while (depth_ > 0) {
      Value& slot = *slots_[--depth_];
      int before = height(slot);
      balance(slot);
      if (height(slot) == before) return;
    }
  }

 private:
  Value* slots_[k_levels];
  Value* slot_;
  int depth_ = 0;
};

// A function is called; what is no function says by a method `compare` of its own.
Ref ask(Value comparator, Value a, Value b) {
  if (is<Record>(comparator)) {
    Value both[] = {a, b};
    if (Ref own = call_inline(comparator, "compare", both); !own.get().is_none()) return own;
  }
  return call(comparator, {a, b});
}

int order(Value comparator, Value a, Value b) {
  if (!comparator.is_nil()) return compare_by(comparator, a, b);
  if (a.is_fixnum() && b.is_fixnum())
    return (a.as_fixnum() > b.as_fixnum()) - (a.as_fixnum() < b.as_fixnum());
  return compare(a, b);
}

// The node of `key` and the way to it; the way to where it would be, and null, when it is absent.
const SortedNode* locate(const SortedMap& m, Value key, SortedPlace& place) {
  Value comparator = m.comparator;
  place = {};
  if (m.root.is_nil()) {
    // A map's first key is compared with no other, and yet must have an order.
    if (comparator.is_nil()) expect_order(key);
    return nullptr;
  }
  for (Value node = m.root; !node.is_nil();) {
    const SortedNode& n = as<SortedNode>(node);
    int by = order(comparator, key, n.key);
    if (by == 0) return &n;
    if (by > 0) place.turns |= uint64_t{1} << place.depth;
    node = by < 0 ? n.left : n.right;
    ++place.depth;
  }
  return nullptr;
}

// Goes down from `node`, which is at `place`, on one side to the end.
void run_down(const SortedNode* node, SortedPlace& place, bool right) {
  for (;;) {
    Value below = right ? node->right : node->left;
    if (below.is_nil()) return;
    if (right) place.turns |= uint64_t{1} << place.depth;
    ++place.depth;
    node = &as<SortedNode>(below);
  }
}

uint32_t hash_sorted_map(Value v) {
  SortedMap& m = as<SortedMap>(v);
  if (uint32_t h = kept_hash(m.hash)) return h;
  return keep_hash(m.hash, hash_map_entries(v));
}

}  // namespace

const KindInfo k_info_SortedMap = {.name = "SortedMap",
                                   .slots_at = offsetof(SortedMap, root),
                                   .slots = 3,
                                   .hash = hash_sorted_map,
                                   .equal = equal_maps};
const KindInfo k_info_SortedNode = {.name = "SortedNode", .slots_at = offsetof(SortedNode, key), .slots = 4};

Ref make_sorted_map(Ref comparator) {
  SortedMap* m = allocate<SortedMap>();
  m->count = 0;
  m->hash = 0;
  m->root = Value::nil();
  m->comparator = comparator.take();
  m->meta = Value::nil();
  return Ref::adopt(m);
}

int compare_by(Value comparator, Value a, Value b) {
  if (comparator.is_nil()) return compare(a, b);
  Ref answer = ask(comparator, a, b);
  if (answer.get().is_fixnum()) {
    int64_t i = answer.get().as_fixnum();
    return (i > 0) - (i < 0);
  }
  if (answer.get().is_boolean()) return answer.truthy() ? -1 : ask(comparator, b, a).truthy() ? 1 : 0;
  if (!is_number(answer)) throw_class_cast(answer, "a number or a boolean as a comparator's answer");
  // A fraction of one says nothing: comparators answer with whole numbers.
  double d = to_double(answer);
  return (d >= 1) - (d <= -1);
}

const Value* sorted_map_find(const SortedMap& m, Value key) {
  Value comparator = m.comparator;
  for (Value node = m.root; !node.is_nil();) {
    const SortedNode& n = as<SortedNode>(node);
    int by = order(comparator, key, n.key);
    if (by == 0) return &n.key;
    node = by < 0 ? n.left : n.right;
  }
  return nullptr;
}

void sorted_map_put(Ref& m, Ref key, Ref value) {
  SortedPlace place;
  const SortedNode* found = locate(as<SortedMap>(m), key, place);
  if (found && found->value == value) return;
  SortedMap& map = own(m);
  Descent way(map);
  way.follow(place);
  if (found) {
    Ref old = Ref::adopt(std::exchange(writable(way.slot()).value, value.take()));
    return;
  }
  way.slot() = make_node(std::move(key), std::move(value));
  ++map.count;
  way.balance_upwards();
}

void sorted_map_remove(Ref& m, Value key) {
  SortedPlace place;
  if (!locate(as<SortedMap>(m), key, place)) return;
  Ref kept_key(key);  // the caller may have borrowed it from this map
  SortedMap& map = own(m);
  Descent way(map);
  way.follow(place);
  Ref old_key, old_value;
  if (SortedNode& n = as<SortedNode>(way.slot()); !n.left.is_nil() && !n.right.is_nil()) {
    // The entry that follows takes its place, and that one's node goes.
    SortedNode& target = writable(way.slot());
    way.turn(true);
    while (!as<SortedNode>(way.slot()).left.is_nil()) way.turn(false);
    const SortedNode& next = as<SortedNode>(way.slot());
    old_key = Ref::adopt(std::exchange(target.key, Ref(next.key).take()));
    old_value = Ref::adopt(std::exchange(target.value, Ref(next.value).take()));
  }
  const SortedNode& gone = as<SortedNode>(way.slot());
  Ref child(gone.left.is_nil() ? gone.right : gone.left);
  Ref old_node = Ref::adopt(std::exchange(way.slot(), child.take()));
  --map.count;
  way.balance_upwards();
}

const SortedNode& sorted_node(const SortedMap& m, const SortedPlace& place) {
  Value node = m.root;
  for (uint32_t i = 0; i < place.depth; ++i) {
    const SortedNode& n = as<SortedNode>(node);
    node = place.turns >> i & 1 ? n.right : n.left;
  }
  return as<SortedNode>(node);
}

SortedPlace sorted_first(const SortedMap& m, bool descending) {
  SortedPlace place;
  run_down(&as<SortedNode>(m.root), place, descending);
  return place;
}

bool sorted_next(const SortedMap& m, SortedPlace& place, bool descending) {
  const SortedNode& n = sorted_node(m, place);
  Value below = descending ? n.left : n.right;
  if (!below.is_nil()) {
    if (!descending) place.turns |= uint64_t{1} << place.depth;
    ++place.depth;
    run_down(&as<SortedNode>(below), place, descending);
    return true;
  }
  // Upwards, to the first node that lies on the other side of the way.
  while (place.depth > 0) {
    uint64_t bit = uint64_t{1} << --place.depth;
    bool went_right = place.turns & bit;
    place.turns &= ~bit;
    if (went_right == descending) return true;
  }
  return false;
}

bool sorted_seek(const SortedMap& m, Value key, bool descending, SortedPlace& place) {
  SortedPlace at;
  bool any = false;
  for (Value node = m.root; !node.is_nil();) {
    const SortedNode& n = as<SortedNode>(node);
    int by = order(m.comparator, key, n.key);
    if (by == 0) {
      place = at;
      return true;
    }
    if (descending ? by > 0 : by < 0) {
      place = at;
      any = true;
    }
    if (by > 0) at.turns |= uint64_t{1} << at.depth;
    ++at.depth;
    node = by < 0 ? n.left : n.right;
  }
  return any;
}

}  // namespace reops::lang
