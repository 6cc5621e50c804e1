// Instances of defrecord, deftype and reify.

#include <cstddef>
#include <vector>

#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

size_t record_size(const Object& o) {
  return sizeof(Record) + static_cast<const Record&>(o).field_count() * sizeof(Value);
}

uint32_t hash_record(Value v) {
  const Record& r = as<Record>(v);
  if (is_record(v)) return record_hash(r);
  for (const char* name : {"hasheq", "hashCode"}) {
    Ref own = own_answer(v, name);
    if (!own.get().is_none()) return static_cast<uint32_t>(to_int(own, name));
  }
  return hash_int(v.bits());
}

bool equal_record(Value a, Value b) {
  if (is_record(a)) return record_equal(as<Record>(a), b);
  for (const char* name : {"equiv", "equals"}) {
    Ref own = own_answer(a, name, {b});
    if (!own.get().is_none()) return own.truthy();
  }
  return a == b;
}

Record* new_record(Value type, Value meta, Value extra, uint32_t fields) {
  Record* r = allocate<Record>(fields * sizeof(Value));
  r->length = fields + 3;
  r->hash = 0;
  r->type = Ref(type).take();
  r->meta = Ref(meta).take();
  r->extra = Ref(extra).take();
  for (uint32_t i = 0; i < fields; ++i) r->fields[i] = Value::nil();
  return r;
}

// The record itself if nobody else can see it, else a copy.
Ref writable(Ref record) {
  if (is_unique(record)) {
    as<Record>(record).hash = 0;
    return record;
  }
  const Record& r = as<Record>(record);
  Record* copy = new_record(r.type, r.meta, r.extra, r.field_count());
  for (uint32_t i = 0; i < r.field_count(); ++i) copy->fields[i] = Ref(r.fields[i]).take();
  return Ref::adopt(copy);
}

void replace(Value& slot, Ref value) { release(std::exchange(slot, value.take())); }

Value field_key(const Type& type, size_t i) { return keyword({}, name_of(vector_at(type.fields, i))); }

}  // namespace

const KindInfo k_info_Record = {.name = "Record",
                                .slots_at = offsetof(Record, type),
                                .slots = k_counted,
                                .byte_size = record_size,
                                .hash = hash_record,
                                .equal = equal_record};

Ref make_record(Value type, std::span<const Value> fields) {
  Record* r = new_record(type, Value::nil(), Value::nil(), static_cast<uint32_t>(fields.size()));
  for (size_t i = 0; i < fields.size(); ++i) r->fields[i] = Ref(fields[i]).take();
  Ref record = Ref::adopt(r);
  if (Value changing = as<Type>(type).changing; !changing.is_nil()) {
    for (size_t i = 0; i < vector_count(changing); ++i) {
      Value& slot = r->fields[vector_at(changing, i).as_fixnum()];
      slot = make_box(Ref::adopt(slot)).take();
    }
  }
  return record;
}

Ref make_record_of(Value type, Value map) {
  std::vector<Value> values(vector_count(as<Type>(type).fields));
  Ref record = make_record(type, values);
  Ref entries = is<Record>(map) ? record_to_map(as<Record>(map)) : Ref(map);
  map_each(entries,
           [&](Value key, Value value) { record = record_assoc(std::move(record), Ref(key), Ref(value)); });
  return record;
}

int record_field_index(const Type& type, Value key) {
  if (!is<Keyword>(key) || type.positions.is_nil()) return -1;
  Value position = map_get(type.positions, key);
  return position.is_none() ? -1 : static_cast<int>(position.as_fixnum());
}

Value inline_method(const Record& r, Value method) {
  Value found = map_get(load_table(type_of_record(r).methods), method);
  return found.is_fixnum() ? r.fields[found.as_fixnum()] : found;
}

Ref call_inline(Value record, std::string_view method, std::span<const Value> args) {
  // Held, since the call may end the record's life or replace its type's methods.
  Ref f(inline_method(as<Record>(record), keyword({}, method)));
  if (f.get().is_none()) return f;
  std::vector<Value> all{record};
  all.insert(all.end(), args.begin(), args.end());
  return call(f, all);
}

Value callable_method(Value v) {
  if (const Record* r = try_as<Record>(v)) {
    Value own = inline_method(*r, keyword("invoke"));
    if (!own.is_none() || !implements(v, Interface::comparator)) return own;
    // Whoever sorts calls a comparator as a function.
    return inline_method(*r, keyword("compare"));
  }
  // Calling a promise delivers it.
  if (is_kind(v, Kind::Promise)) return intern(find_ns("clojure.core"), "deliver").load_root();
  return Value::none();
}

bool is_record(Value v) { return is<Record>(v) && type_of_record(as<Record>(v)).form == Type::record; }

Value record_get(const Record& r, Value key) {
  int i = record_field_index(type_of_record(r), key);
  if (i >= 0) return r.fields[i];
  return r.extra.is_nil() ? Value::none() : map_get(r.extra, key);
}

Ref record_assoc(Ref record, Ref key, Ref value) {
  int i = record_field_index(type_of_record(as<Record>(record)), key);
  if (i >= 0) {
    record = writable(std::move(record));
    replace(as<Record>(record).fields[i], std::move(value));
    return record;
  }
  // Hashing a key may run code of the program and throw, so the map is changed before the record is touched,
  // and in place only for keywords.
  Record& r = as<Record>(record);
  Ref extra(r.extra.is_nil() ? empty_map() : r.extra);
  if (is_unique(record) && is<Keyword>(key)) replace(r.extra, nil());
  extra = map_assoc(std::move(extra), std::move(key), std::move(value));
  record = writable(std::move(record));
  replace(as<Record>(record).extra, std::move(extra));
  return record;
}

Ref record_dissoc(Ref record, Value key) {
  if (record_field_index(type_of_record(as<Record>(record)), key) >= 0) {
    return map_dissoc(record_to_map(as<Record>(record)), key);
  }
  Value before = as<Record>(record).extra;
  if (before.is_nil() || map_get(before, key).is_none()) return record;
  Ref extra = map_dissoc(Ref(before), key);
  if (map_count(extra) == 0) extra = nil();
  record = writable(std::move(record));
  replace(as<Record>(record).extra, std::move(extra));
  return record;
}

size_t record_count(const Record& r) { return r.field_count() + (r.extra.is_nil() ? 0 : map_count(r.extra)); }

Ref record_seq(const Record& r) {
  std::vector<Ref> entries;
  for (size_t i = 0; i < r.field_count(); ++i) {
    entries.push_back(make_map_entry(field_key(type_of_record(r), i), r.fields[i]));
  }
  if (!r.extra.is_nil())
    map_each(r.extra, [&](Value k, Value v) { entries.push_back(make_map_entry(k, v)); });
  if (entries.empty()) return nil();
  std::vector<Value> lent(entries.begin(), entries.end());
  return make_list(lent);
}

Ref record_to_map(const Record& r) {
  Ref map(r.extra.is_nil() ? empty_map() : r.extra);
  for (size_t i = r.field_count(); i-- > 0;) {
    map = map_assoc(std::move(map), Ref(field_key(type_of_record(r), i)), Ref(r.fields[i]));
  }
  return map;
}

Ref record_with_meta(Ref record, Ref meta) {
  uint32_t hash = as<Record>(record).hash;
  record = writable(std::move(record));
  as<Record>(record).hash = hash;
  replace(as<Record>(record).meta, std::move(meta));
  return record;
}

bool record_equal(const Record& a, Value b) {
  check_stack();
  if (!is<Record>(b)) return false;
  const Record& other = as<Record>(b);
  if (&a == &other) return true;
  if (a.type != other.type) return false;
  for (uint32_t i = 0; i < a.field_count(); ++i) {
    if (!equal(a.fields[i], other.fields[i])) return false;
  }
  return equal(a.extra, other.extra);
}

uint32_t record_hash(const Record& r) {
  std::atomic_ref cached(const_cast<uint32_t&>(r.hash));
  if (uint32_t known = cached.load(std::memory_order_relaxed)) return known;
  check_stack();
  uint32_t h = hash(type_of_record(r).name);
  for (uint32_t i = 0; i < r.field_count(); ++i) h = hash_combine(h, hash(r.fields[i]));
  if (!r.extra.is_nil()) h = hash_combine(h, hash(r.extra));
  cached.store(h, std::memory_order_relaxed);
  return h;
}

}  // namespace reops::lang
