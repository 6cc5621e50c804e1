#include "lang/collection/hash_map.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "lang/collection/map.hpp"
#include "lang/value/equality.hpp"

// Counting bits is most of what a step through a node does. Every x86-64 processor of the last fifteen years
// has an instruction for it, which the compiler's baseline leaves out.
#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("popcnt")
#endif

namespace reops::lang {
namespace {

constexpr unsigned k_bits = 5;
constexpr unsigned k_end_shift = k_hash_levels * k_bits;

uint32_t place_of(uint32_t h, unsigned shift) { return 1u << (h >> shift & 31); }
uint32_t count_bits(uint32_t bits) { return static_cast<uint32_t>(std::popcount(bits)); }
uint32_t entry_at(const HashNode& n, uint32_t place) { return 2 * count_bits(n.entry_map & (place - 1)); }
uint32_t child_at(const HashNode& n, uint32_t place) {
  return 2u * n.aux + count_bits(n.child_map & (place - 1));
}

void move_slots(Value* to, const Value* from, size_t count) { std::memmove(to, from, count * sizeof(Value)); }

HashNode* make_node(uint32_t capacity) {
  HashNode* n = allocate<HashNode>(capacity * sizeof(Value));
  n->length = 0;
  n->capacity = capacity;
  n->entry_map = 0;
  n->child_map = 0;
  return n;
}

// The node in `slot`, made one that may be written and has room for `extra` more slots: itself when it is
// unique, else a copy put in its place. Precondition: the object that `slot` belongs to is unique.
HashNode& writable(Value& slot, uint32_t extra = 0) {
  HashNode& old = as<HashNode>(slot);
  bool unique = is_unique(&old);
  uint32_t needed = old.length + extra;
  if (unique && old.capacity >= needed) return old;
  HashNode* fresh = make_node(unique ? std::min(64u, needed + needed / 2) : needed);
  fresh->length = old.length;
  fresh->aux = old.aux;
  fresh->entry_map = old.entry_map;
  fresh->child_map = old.child_map;
  std::memcpy(fresh->slots, old.slots, old.length * sizeof(Value));
  if (unique) {
    old.length = 0;  // its content has moved
  } else {
    for (uint32_t i = 0; i < fresh->length; ++i) retain(fresh->slots[i]);
  }
  slot = Value::object(fresh);
  release(&old);
  return *fresh;
}

HashMap& own(Ref& m) {
  HashMap& old = as<HashMap>(m);
  if (is_unique(&old)) {
    old.hash = 0;
    return old;
  }
  HashMap* fresh = allocate<HashMap>();
  fresh->count = old.count;
  fresh->hash = 0;
  fresh->root = Ref(old.root).take();
  fresh->meta = Ref(old.meta).take();
  m = Ref::adopt(fresh);
  return *fresh;
}

struct Entry {
  Value key, value;
};

// Where a key is, or where it would go: found by reading alone, so that whatever a key's own equality does
// happens before anything is written.
struct Spot {
  enum What { vacant, occupied, found, colliding } what;
  unsigned shift;                 ///< of the node
  uint32_t at;                    ///< slot of the entry, for occupied and found
  uint32_t other = 0;             ///< hash of the key that sits there, for occupied
  Value current = Value::none();  ///< for found
};

Spot locate(Value root, Value key, uint32_t h) {
  Value node = root;
  for (unsigned shift = 0; shift < k_end_shift; shift += k_bits) {
    const HashNode& n = as<HashNode>(node);
    uint32_t place = place_of(h, shift);
    if (n.entry_map & place) {
      uint32_t at = entry_at(n, place);
      if (equal(key, n.slots[at])) return {Spot::found, shift, at, 0, n.slots[at + 1]};
      return {Spot::occupied, shift, at, hash(n.slots[at])};
    }
    if (!(n.child_map & place)) return {Spot::vacant, shift, 0};
    node = n.slots[child_at(n, place)];
  }
  const CollisionNode& c = as<CollisionNode>(node);
  for (uint32_t i = 0; i < c.length; i += 2) {
    if (equal(key, c.slots[i])) return {Spot::found, k_end_shift, i, 0, c.slots[i + 1]};
  }
  return {Spot::colliding, k_end_shift, c.length};
}

// A node for two entries whose hashes agree in the bits before `shift`. Takes both over.
Value make_pair(unsigned shift, Entry a, uint32_t hash_a, Entry b, uint32_t hash_b) {
  if (shift == k_end_shift) {
    CollisionNode* c = allocate<CollisionNode>(4 * sizeof(Value));
    c->length = 4;
    c->hash = hash_a;
    c->slots[0] = a.key;
    c->slots[1] = a.value;
    c->slots[2] = b.key;
    c->slots[3] = b.value;
    return Value::object(c);
  }
  uint32_t place_a = place_of(hash_a, shift), place_b = place_of(hash_b, shift);
  if (place_a == place_b) {
    Value below = make_pair(shift + k_bits, a, hash_a, b, hash_b);
    HashNode* n = make_node(1);
    n->child_map = place_a;
    n->slots[0] = below;
    n->length = 1;
    return Value::object(n);
  }
  if (place_a > place_b) std::swap(a, b);
  HashNode* n = make_node(4);
  n->entry_map = place_a | place_b;
  n->slots[0] = a.key;
  n->slots[1] = a.value;
  n->slots[2] = b.key;
  n->slots[3] = b.value;
  n->length = 4;
  n->aux = 2;
  return Value::object(n);
}

void insert_entry(Value& slot, uint32_t place, Entry e) {
  HashNode& n = writable(slot, 2);
  uint32_t at = entry_at(n, place);
  move_slots(n.slots + at + 2, n.slots + at, n.length - at);
  n.slots[at] = e.key;
  n.slots[at + 1] = e.value;
  n.length += 2;
  ++n.aux;
  n.entry_map |= place;
}

// The entry at `place` makes way for a node below, which the caller has put it into.
void entry_to_child(HashNode& n, uint32_t place, Value child) {
  uint32_t at = entry_at(n, place), before = child_at(n, place);
  uint32_t new_at = before - 2;
  move_slots(n.slots + at, n.slots + at + 2, before - at - 2);
  move_slots(n.slots + new_at + 1, n.slots + before, n.length - before);
  n.slots[new_at] = child;
  --n.length;
  --n.aux;
  n.entry_map &= ~place;
  n.child_map |= place;
}

// The node at `place` is gone and leaves one entry.
void child_to_entry(Value& slot, uint32_t place, Entry e) {
  HashNode& n = writable(slot, 1);
  uint32_t gone = child_at(n, place), at = entry_at(n, place);
  move_slots(n.slots + gone + 2, n.slots + gone + 1, n.length - gone - 1);
  move_slots(n.slots + at + 2, n.slots + at, gone - at);
  n.slots[at] = e.key;
  n.slots[at + 1] = e.value;
  ++n.length;
  ++n.aux;
  n.child_map &= ~place;
  n.entry_map |= place;
}

CollisionNode& writable_collision(Value& slot, uint32_t extra = 0) {
  CollisionNode& old = as<CollisionNode>(slot);
  if (extra == 0 && is_unique(&old)) return old;
  CollisionNode* fresh = allocate<CollisionNode>((old.length + extra) * sizeof(Value));
  fresh->length = old.length;
  fresh->hash = old.hash;
  for (uint32_t i = 0; i < old.length; ++i) fresh->slots[i] = Ref(old.slots[i]).take();
  slot = Value::object(fresh);
  release(&old);
  return *fresh;
}

// Takes the single entry that is left of the node in `slot` out of it; the slot becomes nil.
Entry take_only_entry(Value& slot, Value* slots, uint32_t& length) {
  Entry e{slots[0], slots[1]};
  length = 0;
  release(std::exchange(slot, Value::nil()));
  return e;
}

// Removes the located entry from under `slot` into `removed`. True when a single entry is left below a node
// that may not keep it: it is then in `left`, and the slot is nil.
bool remove_entry(Value& slot, unsigned shift, uint32_t h, const Spot& spot, Entry& removed, Entry& left) {
  if (shift == k_end_shift) {
    CollisionNode& c = writable_collision(slot);
    removed = {c.slots[spot.at], c.slots[spot.at + 1]};
    move_slots(c.slots + spot.at, c.slots + spot.at + 2, c.length - spot.at - 2);
    c.length -= 2;
    if (c.length > 2) return false;
    left = take_only_entry(slot, c.slots, c.length);
    return true;
  }
  HashNode& n = writable(slot);
  uint32_t place = place_of(h, shift);
  if (shift == spot.shift) {
    removed = {n.slots[spot.at], n.slots[spot.at + 1]};
    move_slots(n.slots + spot.at, n.slots + spot.at + 2, n.length - spot.at - 2);
    n.length -= 2;
    --n.aux;
    n.entry_map &= ~place;
    if (shift == 0 || n.length != 2 || n.aux != 1) return false;
    left = take_only_entry(slot, n.slots, n.length);
    return true;
  }
  Value& child = n.slots[child_at(n, place)];
  if (!remove_entry(child, shift + k_bits, h, spot, removed, left)) return false;
  if (shift != 0 && n.length == 1) {
    n.length = 0;
    release(std::exchange(slot, Value::nil()));
    return true;
  }
  child_to_entry(slot, place, left);
  return false;
}

Value& slot_of(HashMap& map, unsigned shift_end, uint32_t h) {
  Value* slot = &map.root;
  for (unsigned shift = 0; shift < shift_end; shift += k_bits) {
    HashNode& n = writable(*slot);
    slot = &n.slots[child_at(n, place_of(h, shift))];
  }
  return *slot;
}

}  // namespace

const KindInfo k_info_HashNode = {
    .name = "HashNode", .slots_at = offsetof(HashNode, slots), .slots = k_counted};
const KindInfo k_info_CollisionNode = {
    .name = "CollisionNode", .slots_at = offsetof(CollisionNode, slots), .slots = k_counted};

Ref make_hash_map() {
  HashNode* root = make_node(32);
  HashMap* m = allocate<HashMap>();
  m->count = 0;
  m->hash = 0;
  m->root = Value::object(root);
  m->meta = Value::nil();
  return Ref::adopt(m);
}

const Value* hash_map_find(const HashMap& m, Value key, uint32_t h) {
  Value node = m.root;
  for (unsigned shift = 0; shift < k_end_shift; shift += k_bits) {
    const HashNode& n = as<HashNode>(node);
    uint32_t place = place_of(h, shift);
    if (n.entry_map & place) {
      const Value* entry = n.slots + entry_at(n, place);
      return equal(key, *entry) ? entry : nullptr;
    }
    if (!(n.child_map & place)) return nullptr;
    node = n.slots[child_at(n, place)];
  }
  const CollisionNode& c = as<CollisionNode>(node);
  for (uint32_t i = 0; i < c.length; i += 2) {
    if (equal(key, c.slots[i])) return c.slots + i;
  }
  return nullptr;
}

void hash_map_put(Ref& m, Ref key, uint32_t h, Ref value) {
  Spot spot = locate(as<HashMap>(m).root, key, h);
  if (spot.current == value) return;
  HashMap& map = own(m);
  Value& slot = slot_of(map, spot.shift, h);
  switch (spot.what) {
    case Spot::found: {
      Value* slots = spot.shift == k_end_shift ? writable_collision(slot).slots : writable(slot).slots;
      Ref old = Ref::adopt(std::exchange(slots[spot.at + 1], value.take()));
      return;
    }
    case Spot::vacant:
      insert_entry(slot, place_of(h, spot.shift), {key.take(), value.take()});
      break;
    case Spot::occupied: {
      HashNode& n = writable(slot);
      Entry there{n.slots[spot.at], n.slots[spot.at + 1]};
      Value pair = make_pair(spot.shift + k_bits, there, spot.other, {key.take(), value.take()}, h);
      entry_to_child(n, place_of(h, spot.shift), pair);
      break;
    }
    case Spot::colliding: {
      CollisionNode& c = writable_collision(slot, 2);
      c.slots[c.length] = key.take();
      c.slots[c.length + 1] = value.take();
      c.length += 2;
      break;
    }
  }
  ++map.count;
}

void hash_map_remove(Ref& m, Value key, uint32_t h) {
  Spot spot = locate(as<HashMap>(m).root, key, h);
  if (spot.what != Spot::found) return;
  Ref kept_key(key);  // the caller may have borrowed it from this map
  HashMap& map = own(m);
  Entry removed, left;
  remove_entry(map.root, 0, h, spot, removed, left);
  --map.count;
  release(removed.key);
  release(removed.value);
}

}  // namespace reops::lang

#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC pop_options
#endif
