#include "lang/collection/vector.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include "lang/collection/seq.hpp"
#include "lang/collection/sequential.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

constexpr uint32_t k_mask = k_node_width - 1;

VectorNode* make_node(uint32_t capacity) {
  VectorNode* n = allocate<VectorNode>(capacity * sizeof(Value));
  n->length = 0;
  n->capacity = capacity;
  return n;
}

// The node in `slot`, made one that may be written: itself when it is unique and has room, else a copy put in
// its place. Precondition: the object that `slot` belongs to is unique, which is what makes "the count is
// one" say enough.
VectorNode& writable(Value& slot, uint32_t capacity = 0) {
  VectorNode& old = as<VectorNode>(slot);
  bool unique = is_unique(&old);
  if (unique && old.capacity >= capacity) return old;
  uint32_t room =
      unique ? std::max(capacity, std::min(k_node_width, old.capacity * 2)) : std::max(capacity, old.length);
  VectorNode* fresh = make_node(room);
  std::memcpy(fresh->items, old.items, old.length * sizeof(Value));
  fresh->length = old.length;
  if (unique) {
    old.length = 0;  // its content has moved
  } else {
    for (uint32_t i = 0; i < fresh->length; ++i) retain(fresh->items[i]);
  }
  slot = Value::object(fresh);
  release(&old);
  return *fresh;
}

// The vector that `v` holds, made one that may be written.
Vector& own(Ref& v) {
  Vector& old = as<Vector>(v);
  if (is_unique(&old)) {
    old.hash = 0;
    return old;
  }
  Vector* fresh = allocate<Vector>();
  fresh->count = old.count;
  fresh->shift = old.shift;
  std::fill(std::begin(fresh->pad), std::end(fresh->pad), uint8_t{0});
  fresh->hash = 0;
  fresh->pad2 = 0;
  fresh->root = Ref(old.root).take();
  fresh->tail = Ref(old.tail).take();
  fresh->meta = Ref(old.meta).take();
  v = Ref::adopt(fresh);
  return *fresh;
}

// `leaf` under as many nodes of one child as `level` asks for. Takes the leaf over.
Value path_to(Value leaf, unsigned level) {
  for (; level > 0; level -= k_node_bits) {
    VectorNode* n = make_node(4);
    n->items[n->length++] = leaf;
    leaf = Value::object(n);
  }
  return leaf;
}

// Hangs a full tail into the tree. Takes the leaf over. `before`: elements already in the tree.
void push_leaf(Vector& v, Value leaf, uint32_t before) {
  if (v.root.is_nil()) {
    v.shift = k_node_bits;
    v.root = path_to(leaf, v.shift);
    return;
  }
  if (before == k_node_width << v.shift) {
    VectorNode* top = make_node(4);
    top->items[top->length++] = v.root;
    v.root = Value::object(top);
    top->items[top->length++] = path_to(leaf, v.shift);
    v.shift = static_cast<uint8_t>(v.shift + k_node_bits);
    return;
  }
  Value* slot = &v.root;
  for (unsigned level = v.shift;; level -= k_node_bits) {
    uint32_t i = before >> level & k_mask;
    bool last_level = level == k_node_bits;
    uint32_t length = as<VectorNode>(*slot).length;
    if (i < length && !last_level) {
      slot = &writable(*slot).items[i];
      continue;
    }
    VectorNode& n = writable(*slot, length + 1);
    n.items[n.length] = path_to(leaf, level - k_node_bits);
    ++n.length;
    return;
  }
}

// Takes the last leaf out from under `slot`, which becomes nil when that leaves its node empty.
Value take_last_leaf(Value& slot, unsigned level) {
  VectorNode& n = writable(slot);
  Value& last = n.items[n.length - 1];
  Value leaf = last;
  if (level > k_node_bits) {
    leaf = take_last_leaf(last, level - k_node_bits);
    if (last.is_nil()) --n.length;
  } else {
    --n.length;
  }
  if (n.length == 0) {
    slot = Value::nil();
    release(&n);
  }
  return leaf;
}

void lower_root(Vector& v) {
  while (v.shift > k_node_bits && as<VectorNode>(v.root).length == 1) {
    Ref only(as<VectorNode>(v.root).items[0]);
    release(v.root);
    v.root = only.take();
    v.shift = static_cast<uint8_t>(v.shift - k_node_bits);
  }
}

[[noreturn]] void throw_index(size_t index, size_t count) {
  throw_index_out_of_bounds("Index " + std::to_string(static_cast<int64_t>(index)) +
                            " is out of bounds for a vector of " + std::to_string(count));
}

SubVector& own_window(Ref& v) {
  SubVector& old = as<SubVector>(v);
  if (is_unique(&old)) {
    old.hash = 0;
    return old;
  }
  SubVector* fresh = allocate<SubVector>();
  fresh->start = old.start;
  fresh->count = old.count;
  fresh->hash = 0;
  fresh->pad = 0;
  fresh->vector = Ref(old.vector).take();
  fresh->meta = Ref(old.meta).take();
  v = Ref::adopt(fresh);
  return *fresh;
}

// Writes through a window. The vector behind is updated in place only if nobody but the window holds it.
void set_in_window(SubVector& window, size_t index, Ref item) {
  Ref vector = Ref::adopt(std::exchange(window.vector, Value::nil()));
  vector_set(vector, index, std::move(item));
  window.vector = vector.take();
}

Vector g_first_empty{
    {1, Kind::Vector, k_immortal, 0}, 0, k_node_bits, {}, 0, 0, Value::nil(), Value::nil(), Value::nil()};
Vector* g_empty = &g_first_empty;

uint32_t hash_vector(Value v) {
  Vector& vector = as<Vector>(v);
  if (uint32_t h = kept_hash(vector.hash)) return h;
  return keep_hash(vector.hash, hash_sequential(v));
}
uint32_t hash_window(Value v) {
  SubVector& window = as<SubVector>(v);
  if (uint32_t h = kept_hash(window.hash)) return h;
  return keep_hash(window.hash, hash_sequential(v));
}

}  // namespace

const KindInfo k_info_Vector = {.name = "Vector",
                                .slots_at = offsetof(Vector, root),
                                .slots = 3,
                                .hash = hash_vector,
                                .equal = equal_sequential};
const KindInfo k_info_VectorNode = {
    .name = "VectorNode", .slots_at = offsetof(VectorNode, items), .slots = k_counted};
const KindInfo k_info_SubVector = {.name = "SubVector",
                                   .slots_at = offsetof(SubVector, vector),
                                   .slots = 2,
                                   .hash = hash_window,
                                   .equal = equal_sequential};
const KindInfo k_info_MapEntry = {.name = "MapEntry",
                                  .slots_at = offsetof(MapEntry, key),
                                  .slots = 2,
                                  .hash = hash_sequential,
                                  .equal = equal_sequential};

Value empty_vector() { return Value::object(g_empty); }
void adopt_empty_vector(Value vector) { g_empty = &as<Vector>(vector); }

Ref make_vector(std::span<const Value> items) {
  Ref v(empty_vector());
  if (items.empty()) return v;
  if (items.size() > k_node_width) {
    for (Value item : items) vector_push(v, Ref(item));
    return v;
  }
  VectorNode* tail = make_node(static_cast<uint32_t>(items.size()));
  for (Value item : items) tail->items[tail->length++] = Ref(item).take();
  Vector& vector = own(v);
  vector.tail = Value::object(tail);
  vector.count = tail->length;
  return v;
}
Ref make_vector(std::initializer_list<Value> items) {
  return make_vector(std::span<const Value>(items.begin(), items.size()));
}

Ref make_map_entry(Value key, Value value) {
  MapEntry* e = allocate<MapEntry>();
  e->key = Ref(key).take();
  e->value = Ref(value).take();
  return Ref::adopt(e);
}

Ref into_vector(Value coll) {
  if (is<Vector>(coll) && as<Vector>(coll).meta.is_nil()) return Ref(coll);
  Ref v(empty_vector());
  for (SeqIterator it(coll); it.more(); it.step()) vector_push(v, Ref(it.value()));
  return v;
}

Ref plain_vector(Ref v) {
  if (is<Vector>(v)) return v;
  if (const MapEntry* e = try_as<MapEntry>(v)) return make_vector({e->key, e->value});
  const SubVector& window = as<SubVector>(v);
  Ref plain(empty_vector());
  for (size_t i = 0; i < window.count; ++i)
    vector_push(plain, Ref(vector_at(window.vector, window.start + i)));
  if (!window.meta.is_nil()) own(plain).meta = Ref(window.meta).take();
  return plain;
}

size_t vector_count(Value v) {
  switch (v.as_object()->kind) {
    case Kind::Vector:
      return as<Vector>(v).count;
    case Kind::SubVector:
      return as<SubVector>(v).count;
    default:
      return 2;
  }
}

Value slow_vector_at(Value v, size_t index) {
  if (const SubVector* window = try_as<SubVector>(v)) {
    return index < window->count ? vector_at(window->vector, window->start + index) : Value::none();
  }
  const MapEntry& e = as<MapEntry>(v);
  return index == 0 ? e.key : index == 1 ? e.value : Value::none();
}

void vector_push(Ref& v, Ref item) {
  if (is<SubVector>(v)) {
    SubVector& window = own_window(v);
    set_in_window(window, size_t{window.start} + window.count, std::move(item));
    ++window.count;
    return;
  }
  if (!is<Vector>(v)) v = plain_vector(std::move(v));
  // A vector that is being grown in place gets whole leaves at once; one that is copied, no more than it
  // needs.
  bool growing = is_unique(v);
  Vector& vector = own(v);
  uint32_t used = vector.count - tail_offset(vector);
  if (used == k_node_width || vector.tail.is_nil()) {
    VectorNode* tail = make_node(growing && used ? k_node_width : 4);
    if (used) push_leaf(vector, vector.tail, tail_offset(vector));
    vector.tail = Value::object(tail);
    used = 0;
  }
  VectorNode& tail = writable(vector.tail, used + 1);
  tail.items[tail.length++] = item.take();
  ++vector.count;
}

void vector_set(Ref& v, size_t index, Ref item) {
  size_t count = vector_count(v);
  if (index == count) return vector_push(v, std::move(item));
  if (index > count) throw_index(index, count);
  if (is<SubVector>(v)) {
    SubVector& window = own_window(v);
    return set_in_window(window, window.start + index, std::move(item));
  }
  if (!is<Vector>(v)) v = plain_vector(std::move(v));
  Vector& vector = own(v);
  Value* slot = &vector.tail;
  if (index < tail_offset(vector)) {
    slot = &vector.root;
    for (unsigned level = vector.shift; level > 0; level -= k_node_bits) {
      slot = &writable(*slot).items[index >> level & k_mask];
    }
  }
  Value& place = writable(*slot).items[index & k_mask];
  Ref old = Ref::adopt(std::exchange(place, item.take()));
}

void vector_drop_last(Ref& v) {
  if (is<SubVector>(v)) {
    SubVector& window = own_window(v);
    if (window.count == 0) throw_illegal_state("Cannot pop an empty vector");
    --window.count;
    return;
  }
  if (!is<Vector>(v)) v = plain_vector(std::move(v));
  if (as<Vector>(v).count == 0) throw_illegal_state("Cannot pop an empty vector");
  Vector& vector = own(v);
  if (as<VectorNode>(vector.tail).length > 1) {
    VectorNode& tail = writable(vector.tail);
    Ref last = Ref::adopt(tail.items[--tail.length]);
    --vector.count;
    return;
  }
  Ref old_tail = Ref::adopt(std::exchange(vector.tail, Value::nil()));
  --vector.count;
  if (vector.root.is_nil()) return;
  vector.tail = take_last_leaf(vector.root, vector.shift);
  if (vector.root.is_nil()) {
    vector.shift = k_node_bits;
  } else {
    lower_root(vector);
  }
}

Ref vector_conj(Ref v, Ref item) {
  vector_push(v, std::move(item));
  return v;
}
Ref vector_assoc(Ref v, size_t index, Ref item) {
  vector_set(v, index, std::move(item));
  return v;
}
Ref vector_pop(Ref v) {
  vector_drop_last(v);
  return v;
}

Ref subvector(Value v, size_t from, size_t to) {
  size_t count = vector_count(v);
  if (from > to || to > count) {
    throw_index_out_of_bounds("A window from " + std::to_string(static_cast<int64_t>(from)) + " to " +
                              std::to_string(static_cast<int64_t>(to)) + " does not fit a vector of " +
                              std::to_string(count));
  }
  if (from == to) return Ref(empty_vector());
  Ref vector(v);
  if (const SubVector* window = try_as<SubVector>(v)) {
    from += window->start;
    to += window->start;
    vector = Ref(window->vector);
  } else {
    vector = plain_vector(std::move(vector));
  }
  SubVector* window = allocate<SubVector>();
  window->start = static_cast<uint32_t>(from);
  window->count = static_cast<uint32_t>(to - from);
  window->hash = 0;
  window->pad = 0;
  window->vector = vector.take();
  window->meta = Value::nil();
  return Ref::adopt(window);
}

}  // namespace reops::lang
