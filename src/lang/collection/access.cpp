#include "lang/collection/access.hpp"

#include <string>

#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/transient.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

bool is_map_record(Value v) { return is<Record>(v) && is_record(v); }

// An index that `key` is, or a number past every collection's end.
size_t index_of(Value key) {
  if (key.is_fixnum() && key.as_fixnum() >= 0) return static_cast<size_t>(key.as_fixnum());
  if (const BigInt* big = try_as<BigInt>(key)) {
    if (big->size == 0) return 0;
    if (big->size == 1) return big->limbs[0];
  }
  return SIZE_MAX;
}

Value character_at(const String& s, size_t index) {
  if (index >= s.code_points) return Value::none();
  size_t at = byte_offset(s, index);
  return Value::character(next_code_point(s.view(), at));
}

[[noreturn]] void throw_nth(int64_t index, std::string_view of) {
  throw_index_out_of_bounds("Index " + std::to_string(index) + " is out of bounds for " + std::string(of));
}

// Item `index` of what can be indexed; none() when it is out of range. `indexed` says whether it can be.
Value item_at(Value coll, size_t index, bool& indexed) {
  indexed = true;
  if (coll.is_object()) {
    switch (coll.as_object()->kind) {
      case Kind::Vector:
      case Kind::SubVector:
      case Kind::MapEntry:
        return vector_at(coll, index);
      case Kind::String:
        return character_at(as<String>(coll), index);
      case Kind::ByteString: {
        std::string_view bytes = as<ByteString>(coll).view();
        return index < bytes.size() ? Value::fixnum(static_cast<signed char>(bytes[index])) : Value::none();
      }
      case Kind::Chunk:
      case Kind::VectorNode: {
        auto items = chunk_items(coll);
        return index < items.size() ? items[index] : Value::none();
      }
      case Kind::Transient:
        if (is_vector(transient_content(coll))) return vector_at(transient_content(coll), index);
        break;
      default:
        break;
    }
  }
  indexed = false;
  return Value::none();
}

Ref walk_to(Value coll, int64_t index, Value not_found) {
  if (const Range* r = try_as<Range>(coll);
      r && r->value.is_nil() && index >= 0 && static_cast<uint64_t>(index) < r->left) {
    return range_at(*r, static_cast<uint64_t>(index));
  }
  if (index >= 0) {
    int64_t i = 0;
    for (SeqIterator it(coll); it.more(); it.step(), ++i) {
      if (i == index) return Ref(it.value());
    }
  }
  if (not_found.is_none()) throw_nth(index, "a sequence that is shorter");
  return Ref(not_found);
}

Ref record_conj(Ref record, Value item) {
  Ref entries(empty_map());
  map_conj(entries, item);
  for (MapCursor c(entries); c.more(); c.step()) {
    record = record_assoc(std::move(record), Ref(c.key()), Ref(c.value()));
  }
  return record;
}

size_t walk_count(Ref s) {
  size_t n = 0;
  // Whole chunks, and the rest of what knows its length, are counted at once.
  for (s = seq(s); !s.is_nil();) {
    if (is_counted(s)) return n + count(s);
    if (const ChunkedCons* c = try_as<ChunkedCons>(s)) {
      n += chunk_items(c->chunk).size() - c->offset;
      Ref rest = chunk_rest(s);
      s = nil();
      s = seq(rest);
    } else {
      ++n;
      if (n % 1024 == 0) poll();
      s = next_consuming(std::move(s));
    }
  }
  return n;
}

}  // namespace

void map_conj(Ref& map, Value item) {
  if (is<MapEntry>(item)) return map_put(map, Ref(as<MapEntry>(item).key), Ref(as<MapEntry>(item).value));
  if (is_vector(item)) {
    if (vector_count(item) != 2)
      throw_illegal_argument("A vector that is added to a map must have two elements: key and value");
    return map_put(map, Ref(vector_at(item, 0)), Ref(vector_at(item, 1)));
  }
  if (item.is_nil()) return;
  if (!is_map(item) && !is_seq(item) && !implements(item, Interface::i_persistent_map)) {
    throw_illegal_argument("Cannot add " + describe(item) +
                           " to a map: expected an entry, a vector of two, or a map");
  }
  for (SeqIterator it(item); it.more(); it.step()) {
    Value entry = it.value();
    if (!is<MapEntry>(entry)) throw_class_cast(entry, "a map entry");
    map_put(map, Ref(as<MapEntry>(entry).key), Ref(as<MapEntry>(entry).value));
  }
}

Value lookup(Value coll, Value key, Value not_found) {
  if (!coll.is_object()) return not_found;
  Value found = Value::none();
  switch (coll.as_object()->kind) {
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap:
      found = map_get(coll, key);
      break;
    case Kind::Record:
      if (is_record(coll)) found = record_get(as<Record>(coll), key);
      break;
    case Kind::Set:
    case Kind::SortedSet:
      found = set_get(coll, key);
      break;
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry:
      found = vector_at(coll, index_of(key));
      break;
    case Kind::String:
      found = character_at(as<String>(coll), index_of(key));
      break;
    case Kind::Transient:
      return lookup(transient_content(coll), key, not_found);
    case Kind::TaggedLiteral:
    case Kind::ReaderConditional:
      found = tagged_get(coll, key);
      break;
    default:
      break;
  }
  return found.is_none() ? not_found : found;
}

Ref get_from_record(Value record, Value key, Value not_found) {
  if (is_record(record)) return Ref(lookup(record, key, not_found));
  Ref own =
      not_found.is_nil() ? own_answer(record, "valAt", {key}) : own_answer(record, "valAt", {key, not_found});
  if (own.get().is_none() && implements(record, Interface::i_persistent_set)) {
    if (!contains(record, key)) return Ref(not_found);
    own = own_answer(record, "get", {key});
  }
  return own.get().is_none() ? Ref(not_found) : own;
}

bool contains(Value coll, Value key) {
  if (coll.is_nil()) return false;
  if (is_plain_map(coll)) return map_find(coll, key) != nullptr;
  if (is_map_record(coll)) return !record_get(as<Record>(coll), key).is_none();
  if (is_set(coll)) return map_find(as<Set>(coll).map, key) != nullptr;
  if (is<Transient>(coll)) return contains(transient_content(coll), key);
  if (is_vector(coll)) return index_of(key) < vector_count(coll);
  if (is<String>(coll)) return index_of(key) < as<String>(coll).code_points;
  const char* method = implements(coll, Interface::i_persistent_set) ? "contains" : "containsKey";
  if (Ref own = own_answer(coll, method, {key}); !own.get().is_none()) return own.truthy();
  throw_illegal_argument("contains? looks for keys in a map, set, vector or string, not in " +
                         describe(coll));
}

Ref assoc(Ref coll, Ref key, Ref value) {
  if (is_plain_map(coll)) {
    map_put(coll, std::move(key), std::move(value));
    return coll;
  }
  if (is_vector(coll)) {
    if (!is_int(key)) throw_illegal_argument("A vector's key must be an integer, found " + describe(key));
    vector_set(coll, static_cast<size_t>(as_int(key)), std::move(value));
    return coll;
  }
  if (coll.is_nil()) return map_assoc(Ref(empty_map()), std::move(key), std::move(value));
  if (is_map_record(coll)) return record_assoc(std::move(coll), std::move(key), std::move(value));
  if (Ref own = own_answer(coll, "assoc", {key, value}); !own.get().is_none()) return own;
  throw_class_cast(coll, "a map, record or vector");
}

Ref dissoc(Ref coll, Value key) {
  if (coll.is_nil()) return coll;
  if (is_plain_map(coll)) {
    map_remove(coll, key);
    return coll;
  }
  if (is_map_record(coll)) return record_dissoc(std::move(coll), key);
  if (Ref own = own_answer(coll, "without", {key}); !own.get().is_none()) return own;
  throw_class_cast(coll, "a map or record");
}

Ref disj(Ref set, Value item) {
  if (set.is_nil()) return set;
  if (Ref own = own_answer(set, "disjoin", {item}); !own.get().is_none()) return own;
  if (!is_set(set)) throw_class_cast(set, "a set");
  set_remove(set, item);
  return set;
}

Ref conj(Ref coll, Ref item) {
  if (coll.is_nil()) return list_conj(Ref(empty_list()), std::move(item));
  if (!coll.get().is_object()) throw_class_cast(coll, "a collection");
  switch (coll.object()->kind) {
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry:
      vector_push(coll, std::move(item));
      return coll;
    case Kind::ArrayMap:
    case Kind::HashMap:
      // (conj {} m) is m: nothing of it needs to be built again.
      if (is_plain_map(item) && !is_sorted(item) && map_count(coll) == 0 && meta(coll).is_nil())
        return with_meta(std::move(item), nil());
      [[fallthrough]];
    case Kind::SortedMap:
      map_conj(coll, item);
      return coll;
    case Kind::Set:
    case Kind::SortedSet:
      set_put(coll, std::move(item));
      return coll;
    case Kind::List:
    case Kind::EmptyList:
      return list_conj(std::move(coll), std::move(item));
    case Kind::Record:
      if (is_record(coll)) return record_conj(std::move(coll), item);
      if (Ref own = own_answer(coll, "cons", {item}); !own.get().is_none()) return own;
      break;
    default:
      if (is_seq(coll)) return cons(std::move(item), std::move(coll));
      break;
  }
  throw_class_cast(coll, "a collection");
}

Ref nth(Value coll, int64_t index, Value not_found) {
  if (coll.is_nil()) return not_found.is_none() ? nil() : Ref(not_found);
  bool indexed;
  Value item = item_at(coll, index < 0 ? SIZE_MAX : static_cast<size_t>(index), indexed);
  if (!item.is_none()) return Ref(item);
  if (!indexed) {
    if (is_seq(coll)) return walk_to(coll, index, not_found);
    Value at = Value::fixnum(index);
    Ref own = not_found.is_none() ? own_answer(coll, "nth", {at}) : own_answer(coll, "nth", {at, not_found});
    if (!own.get().is_none()) return own;
    throw_unsupported("nth takes an element of a vector, sequence or string, not of " + describe(coll));
  }
  if (not_found.is_none()) throw_nth(index, describe(coll) + " of " + std::to_string(count(coll)));
  return Ref(not_found);
}

bool is_counted(Value coll) {
  if (!coll.is_object()) return false;
  switch (coll.as_object()->kind) {
    case Kind::List:
    case Kind::EmptyList:
    case Kind::VectorSeq:
    case Kind::MapSeq:
    case Kind::StringSeq:
    case Kind::ReverseSeq:
    case Kind::Chunk:
    case Kind::VectorNode:
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry:
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap:
    case Kind::Set:
    case Kind::SortedSet:
    case Kind::Transient:
      return true;
    case Kind::Range:
      return as<Range>(coll).left != Range::k_endless;
    case Kind::Record:
      return is_record(coll) || implements(coll, Interface::counted);
    default:
      return false;
  }
}

size_t count(Value coll) {
  if (coll.is_nil()) return 0;
  if (!coll.is_object())
    throw_unsupported("count takes a collection, a string or nil, found " + describe(coll));
  switch (coll.as_object()->kind) {
    case Kind::List:
      return as<List>(coll).count;
    case Kind::EmptyList:
      return 0;
    case Kind::Vector:
      return as<Vector>(coll).count;
    case Kind::SubVector:
    case Kind::MapEntry:
      return vector_count(coll);
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap:
      return map_count(coll);
    case Kind::Set:
    case Kind::SortedSet:
      return set_count(coll);
    case Kind::String:
      return as<String>(coll).code_points;
    case Kind::ByteString:
      return as<ByteString>(coll).length;
    case Kind::Chunk:
    case Kind::VectorNode:
      return chunk_items(coll).size();
    case Kind::Transient:
      return count(transient_content(coll));
    case Kind::Range:
      if (as<Range>(coll).left != Range::k_endless) return as<Range>(coll).left;
      return walk_count(Ref(coll));
    case Kind::Record:
      if (is_record(coll)) return record_count(as<Record>(coll));
      if (Ref own = own_answer(coll, "count"); !own.get().is_none())
        return static_cast<size_t>(to_int(own, "count"));
      break;
    default:
      if (is_view(coll)) return view_count(coll);
      if (is_seq(coll)) return walk_count(Ref(coll));
      break;
  }
  throw_unsupported("count takes a collection, a string or nil, found " + describe(coll));
}

size_t count_consuming(Ref coll) {
  bool walked = is<LazySeq>(coll) || is<Cons>(coll) || is<ChunkedCons>(coll);
  return walked ? walk_count(std::move(coll)) : count(coll);
}

Ref peek(Value coll) {
  if (coll.is_nil() || is<EmptyList>(coll)) return nil();
  if (is<List>(coll)) return Ref(as<List>(coll).first);
  if (Ref own = own_answer(coll, "peek"); !own.get().is_none()) return own;
  if (!is_vector(coll)) throw_class_cast(coll, "a vector or list");
  size_t n = vector_count(coll);
  return n ? Ref(vector_at(coll, n - 1)) : nil();
}

Ref pop(Ref coll) {
  if (coll.is_nil()) return coll;
  if (is<EmptyList>(coll)) throw_illegal_state("Cannot pop an empty list");
  if (is<List>(coll)) {
    Ref rest(as<List>(coll).rest);
    return as<List>(coll).meta.is_nil() ? rest : with_meta(std::move(rest), meta(coll));
  }
  if (Ref own = own_answer(coll, "pop"); !own.get().is_none()) return own;
  if (!is_vector(coll)) throw_class_cast(coll, "a vector or list");
  vector_drop_last(coll);
  return coll;
}

Ref empty(Value coll) {
  Ref bare;
  if (is<MapEntry>(coll)) return nil();
  if (is_vector(coll)) {
    bare = Ref(empty_vector());
  } else if (const SortedMap* sorted = try_as<SortedMap>(coll)) {
    bare = make_sorted_map(Ref(sorted->comparator));
  } else if (is<SortedSet>(coll)) {
    bare = make_sorted_set(Ref(as<SortedMap>(as<Set>(coll).map).comparator));
  } else if (is_plain_map(coll)) {
    bare = Ref(empty_map());
  } else if (is_set(coll)) {
    bare = Ref(empty_set());
  } else if (is_seq(coll)) {
    bare = Ref(empty_list());
  } else if (is_map_record(coll)) {
    throw_unsupported("A record has no empty counterpart: cannot make an empty " + type_name(coll));
  } else {
    if (Ref own = own_answer(coll, "empty"); !own.get().is_none()) return own;
    return nil();
  }
  Ref m = is<List>(coll) || is<EmptyList>(coll) || !is_seq(coll) ? meta(coll) : nil();
  return m.is_nil() ? bare : with_meta(std::move(bare), std::move(m));
}

Ref find(Value coll, Value key) {
  if (coll.is_nil()) return nil();
  if (is_plain_map(coll)) {
    const Value* entry = map_find(coll, key);
    return entry ? make_map_entry(entry[0], entry[1]) : nil();
  }
  if (is_vector(coll) || is_map_record(coll) || is<Transient>(coll)) {
    if (!contains(coll, key)) return nil();
    Ref value = get(coll, key);
    return make_map_entry(key, value);
  }
  if (Ref own = own_answer(coll, "entryAt", {key}); !own.get().is_none()) return own;
  throw_illegal_argument("find looks for a key in a map, record or vector, not in " + describe(coll));
}

}  // namespace reops::lang
