#include <cstddef>

#include "lang/collection/map.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

constexpr uint64_t k_set_seed = 0x736574;

Set& own(Ref& s) {
  Set& old = as<Set>(s);
  if (is_unique(&old)) {
    old.hash = 0;
    return old;
  }
  Set* fresh = static_cast<Set*>(allocate(old.kind, sizeof(Set)));
  fresh->hash = 0;
  fresh->pad = 0;
  fresh->map = Ref(old.map).take();
  fresh->meta = Ref(old.meta).take();
  s = Ref::adopt(fresh);
  return *fresh;
}

// Lends the set's map out as a Ref, so that a set nobody else holds has its map updated in place; puts what
// has become of it back, also when the update throws.
class LentMap {
 public:
  explicit LentMap(Set& s) : set_(s), map_(Ref::adopt(std::exchange(s.map, empty_map()))) {}
  ~LentMap() { set_.map = map_.take(); }
  LentMap(const LentMap&) = delete;
  LentMap& operator=(const LentMap&) = delete;
  Ref& map() { return map_; }

 private:
  Set& set_;
  Ref map_;
};

bool equal_set(Value a, Value b) {
  // Each member maps to the same mark, so sets are equal when their maps are.
  return is_set(b) && equal_maps(as<Set>(a).map, as<Set>(b).map);
}

uint32_t hash_set(Value v) {
  Set& s = as<Set>(v);
  if (uint32_t h = kept_hash(s.hash)) return h;
  check_stack();
  UnorderedHash h(k_set_seed);
  for (MapCursor c(v); c.more(); c.step()) h.add(hash(c.key()));
  return keep_hash(s.hash, h.finish());
}

Value& shared_empty() {
  static Set first{{1, Kind::Set, k_immortal, 0}, 0, 0, empty_map(), Value::nil()};
  static Value empty = Value::object(&first);
  return empty;
}

Value member_mark() { return Value::boolean(true); }

}  // namespace

const KindInfo k_info_Set = {
    .name = "Set", .slots_at = offsetof(Set, map), .slots = 2, .hash = hash_set, .equal = equal_set};

const KindInfo k_info_SortedSet = {
    .name = "SortedSet", .slots_at = offsetof(Set, map), .slots = 2, .hash = hash_set, .equal = equal_set};

Ref make_sorted_set(Ref comparator) {
  Set* s = static_cast<Set*>(allocate(Kind::SortedSet, sizeof(Set)));
  s->hash = 0;
  s->pad = 0;
  s->map = make_sorted_map(std::move(comparator)).take();
  s->meta = Value::nil();
  return Ref::adopt(s);
}

Value empty_set() { return shared_empty(); }
void adopt_empty_set(Value set) { shared_empty() = set; }

Ref make_set(std::span<const Value> items) {
  Ref s(empty_set());
  for (Value item : items) set_put(s, Ref(item));
  return s;
}

Value set_get(Value s, Value item) {
  const Value* entry = map_find(as<Set>(s).map, item);
  return entry ? *entry : Value::none();
}

void set_put(Ref& s, Ref item) {
  // A set that would have to be copied is asked first; one that is updated in place finds out on the way.
  if (!is_unique(s) && map_find(as<Set>(s).map, item)) return;
  LentMap lent(own(s));
  map_put(lent.map(), std::move(item), Ref::adopt(member_mark()));
}
void set_remove(Ref& s, Value item) {
  if (!map_find(as<Set>(s).map, item)) return;
  LentMap lent(own(s));
  map_remove(lent.map(), item);
}
Ref set_conj(Ref s, Ref item) {
  set_put(s, std::move(item));
  return s;
}
Ref set_disj(Ref s, Value item) {
  set_remove(s, item);
  return s;
}

}  // namespace reops::lang
