#include "lang/collection/map.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "lang/collection/hash_map.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

constexpr uint64_t k_map_seed = 0x6d6170;

// Room for that many entries; none in use yet.
ArrayMap* make_array(size_t room) {
  ArrayMap* m = allocate<ArrayMap>(2 * room * sizeof(Value));
  m->aux = static_cast<uint8_t>(std::min<size_t>(room, 255));
  m->length = 1;
  m->hash = 0;
  m->meta = Value::nil();
  return m;
}

// The map in `m`, made one that may be written and has room for `extra` more entries.
ArrayMap& own_array(Ref& m, size_t extra = 0) {
  ArrayMap& old = as<ArrayMap>(m);
  size_t count = array_map_count(old);
  bool unique = is_unique(&old);
  if (unique && (extra == 0 || old.aux >= count + extra)) {
    old.hash = 0;
    return old;
  }
  ArrayMap* fresh =
      make_array(unique ? std::max(count + extra, std::min(k_array_map_limit, count * 2)) : count + extra);
  fresh->length = old.length;
  fresh->meta = old.meta;
  std::memcpy(fresh->entries, old.entries, 2 * count * sizeof(Value));
  if (unique) {
    old.length = 1;  // its content has moved
    old.meta = Value::nil();
  } else {
    for (Value v : slots_of(*fresh)) retain(v);
  }
  m = Ref::adopt(fresh);
  return *fresh;
}

void append(ArrayMap& m, Ref key, Ref value) {
  Value* end = m.entries + (m.length - 1);
  end[0] = key.take();
  end[1] = value.take();
  m.length += 2;
}

const Value* array_find(const ArrayMap& m, Value key) {
  const Value* end = m.entries + (m.length - 1);
  // Keywords, and all that lives in the word, are most keys: those are found by identity alone.
  for (const Value* e = m.entries; e != end; e += 2) {
    if (*e == key) return e;
  }
  if (key.is_object() ? is<Keyword>(key) : !key.is_fixnum()) return nullptr;
  for (const Value* e = m.entries; e != end; e += 2) {
    if (equal(key, *e)) return e;
  }
  return nullptr;
}

Ref to_hash_map(const ArrayMap& m) {
  Ref big = make_hash_map();
  const Value* end = m.entries + (m.length - 1);
  for (const Value* e = m.entries; e != end; e += 2) hash_map_put(big, Ref(e[0]), hash(e[0]), Ref(e[1]));
  as<HashMap>(big).meta = Ref(m.meta).take();
  return big;
}

void array_put(Ref& m, Ref key, Ref value) {
  const ArrayMap& map = as<ArrayMap>(m);
  if (const Value* entry = array_find(map, key)) {
    if (entry[1] == value) return;
    size_t at = static_cast<size_t>(entry - map.entries) + 1;
    Ref old = Ref::adopt(std::exchange(own_array(m).entries[at], value.take()));
    return;
  }
  if (array_map_count(map) < k_array_map_limit)
    return append(own_array(m, 1), std::move(key), std::move(value));
  uint32_t h = hash(key);
  Ref big = to_hash_map(map);
  hash_map_put(big, std::move(key), h, std::move(value));
  m = std::move(big);
}

void array_remove(Ref& m, Value key) {
  const ArrayMap& map = as<ArrayMap>(m);
  const Value* entry = array_find(map, key);
  if (!entry) return;
  size_t at = static_cast<size_t>(entry - map.entries);
  ArrayMap& owned = own_array(m);
  Ref old_key = Ref::adopt(owned.entries[at]), old_value = Ref::adopt(owned.entries[at + 1]);
  owned.length -= 2;
  std::memmove(owned.entries + at, owned.entries + at + 2, (owned.length - 1 - at) * sizeof(Value));
}

// Of two maps in the same order: entry by entry.
bool equal_in_order(Value a, Value b) {
  MapCursor other(b);
  for (MapCursor c(a); c.more(); c.step(), other.step()) {
    if (!equal(c.key(), other.key()) || !equal(c.value(), other.value())) return false;
  }
  return true;
}

uint32_t hash_array_map(Value v) {
  ArrayMap& m = as<ArrayMap>(v);
  if (uint32_t h = kept_hash(m.hash)) return h;
  return keep_hash(m.hash, hash_map_entries(v));
}
uint32_t hash_hash_map(Value v) {
  HashMap& m = as<HashMap>(v);
  if (uint32_t h = kept_hash(m.hash)) return h;
  return keep_hash(m.hash, hash_map_entries(v));
}

Value& shared_empty() {
  static Value empty = [] {
    Ref m = Ref::adopt(make_array(0));
    immortalize(m);
    return m.take();
  }();
  return empty;
}

}  // namespace

const KindInfo k_info_ArrayMap = {.name = "ArrayMap",
                                  .slots_at = offsetof(ArrayMap, meta),
                                  .slots = k_counted,
                                  .hash = hash_array_map,
                                  .equal = equal_maps};
const KindInfo k_info_HashMap = {.name = "HashMap",
                                 .slots_at = offsetof(HashMap, root),
                                 .slots = 2,
                                 .hash = hash_hash_map,
                                 .equal = equal_maps};

size_t sorted_map_count(Value m) { return as<SortedMap>(m).count; }

bool equal_maps(Value a, Value b) {
  if (!is_plain_map(b) || map_count(a) != map_count(b)) return false;
  check_stack();
  if (is<SortedMap>(b)) {
    if (is<SortedMap>(a) && as<SortedMap>(a).comparator == as<SortedMap>(b).comparator)
      return equal_in_order(a, b);
    // Keys are looked for by hash where that can be: a comparator may know nothing of the other map's keys.
    if (!is<SortedMap>(a)) std::swap(a, b);
  }
  for (MapCursor c(a); c.more(); c.step()) {
    const Value* other = map_find(b, c.key());
    if (!other || !equal(c.value(), other[1])) return false;
    if (is<SortedMap>(b) && !equal(c.key(), other[0])) return false;
  }
  return true;
}

uint32_t hash_map_entries(Value m) {
  check_stack();
  UnorderedHash h(k_map_seed);
  for (MapCursor c(m); c.more(); c.step()) h.add(hash(c.key()), hash(c.value()));
  return h.finish();
}

Value empty_map() { return shared_empty(); }
void adopt_empty_map(Value map) { shared_empty() = map; }

Ref make_map(std::span<const Value> keys_and_values) {
  size_t count = keys_and_values.size() / 2;
  if (count == 0) return Ref(empty_map());
  Ref m = count <= k_array_map_limit ? Ref::adopt(make_array(count)) : make_hash_map();
  for (size_t i = 0; i < count; ++i) map_put(m, Ref(keys_and_values[2 * i]), Ref(keys_and_values[2 * i + 1]));
  return m;
}
Ref make_map(std::initializer_list<Value> keys_and_values) {
  return make_map(std::span<const Value>(keys_and_values.begin(), keys_and_values.size()));
}

Ref make_array_map(std::span<const Value> keys_and_values) {
  size_t count = keys_and_values.size() / 2;
  if (count <= k_array_map_limit) return make_map(keys_and_values);
  // Which entries to keep is found out in a hash map, whose values here are places in the array.
  Ref places = make_hash_map();
  ArrayMap* m = make_array(count);
  Ref result = Ref::adopt(m);
  for (size_t i = 0; i < count; ++i) {
    Value key = keys_and_values[2 * i];
    Ref value(keys_and_values[2 * i + 1]);
    uint32_t h = hash(key);
    if (const Value* known = hash_map_find(as<HashMap>(places), key, h)) {
      Value& place = m->entries[known[1].as_fixnum()];
      Ref old = Ref::adopt(std::exchange(place, value.take()));
    } else {
      hash_map_put(places, Ref(key), h, Ref::adopt(Value::fixnum(m->length)));
      append(*m, Ref(key), std::move(value));
    }
  }
  return result;
}

bool is_map(Value v) { return is_plain_map(v) || (is<Record>(v) && is_record(v)); }

const Value* map_find(Value m, Value key) {
  if (is<ArrayMap>(m)) return array_find(as<ArrayMap>(m), key);
  if (is<SortedMap>(m)) [[unlikely]]
    return sorted_map_find(as<SortedMap>(m), key);
  return hash_map_find(as<HashMap>(m), key, hash(key));
}

void map_put(Ref& m, Ref key, Ref value) {
  if (is<ArrayMap>(m)) return array_put(m, std::move(key), std::move(value));
  if (is<SortedMap>(m)) [[unlikely]]
    return sorted_map_put(m, std::move(key), std::move(value));
  uint32_t h = hash(key);
  hash_map_put(m, std::move(key), h, std::move(value));
}
void map_remove(Ref& m, Value key) {
  if (is<ArrayMap>(m)) return array_remove(m, key);
  if (is<SortedMap>(m)) [[unlikely]]
    return sorted_map_remove(m, key);
  hash_map_remove(m, key, hash(key));
}
Ref map_assoc(Ref m, Ref key, Ref value) {
  map_put(m, std::move(key), std::move(value));
  return m;
}
Ref map_dissoc(Ref m, Value key) {
  map_remove(m, key);
  return m;
}

}  // namespace reops::lang
