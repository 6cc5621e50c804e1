// Vectors, maps, sets and lists: making them, asking and changing them.

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

Ref list(Args args) { return make_list(args.from(0)); }
Ref vector(Args args) {
  Ref v(empty_vector());
  for (size_t i = 0; i < args.size(); ++i) vector_push(v, args.take(i));
  return v;
}
Ref vec(Args args) {
  if (is_vector(args[0])) return with_meta(plain_vector(args.take(0)), nil());
  Ref coll = args.take(0);
  Ref v(empty_vector());
  for (SeqIterator it(std::move(coll)); it.more(); it.step()) vector_push(v, Ref(it.value()));
  return v;
}

void expect_pairs(Args args, size_t from) {
  if ((args.size() - from) % 2 == 0) return;
  throw_illegal_argument("Keys and values must come in pairs: no value was given for the key " +
                         describe(args[args.size() - 1]));
}
Ref hash_map(Args args) {
  expect_pairs(args, 0);
  return make_map(args.from(0));
}
Ref array_map(Args args) {
  expect_pairs(args, 0);
  return make_array_map(args.from(0));
}
Ref hash_set(Args args) { return make_set(args.from(0)); }
Ref set(Args args) {
  if (is_set(args[0])) return with_meta(args.take(0), nil());
  Ref coll = args.take(0);
  Ref s(empty_set());
  for (SeqIterator it(std::move(coll)); it.more(); it.step()) set_put(s, Ref(it.value()));
  return s;
}

Ref conj_all(Args args) {
  if (args.size() == 0) return Ref(empty_vector());
  Ref coll = args.take(0);
  for (size_t i = 1; i < args.size(); ++i) coll = conj(std::move(coll), args.take(i));
  return coll;
}
Ref assoc_all(Args args) {
  expect_pairs(args, 1);
  Ref coll = args.take(0);
  for (size_t i = 1; i < args.size(); i += 2) coll = assoc(std::move(coll), args.take(i), args.take(i + 1));
  return coll;
}
Ref dissoc_all(Args args) {
  Ref coll = args.take(0);
  for (size_t i = 1; i < args.size(); ++i) coll = dissoc(std::move(coll), args[i]);
  return coll;
}
Ref disj_all(Args args) {
  Ref coll = args.take(0);
  for (size_t i = 1; i < args.size(); ++i) coll = disj(std::move(coll), args[i]);
  return coll;
}

Ref count_of(Args args) { return integer(static_cast<int64_t>(count_consuming(args.take(0)))); }
Ref get_of(Args args) { return get(args[0], args[1], args.get(2)); }
Ref nth_of(Args args) {
  return nth(args[0], to_int(args[1], "the index given to nth"), args.get(2, Value::none()));
}
Ref contains_key(Args args) { return boolean(contains(args[0], args[1])); }
Ref find_entry(Args args) { return find(args[0], args[1]); }
Ref peek_of(Args args) { return peek(args[0]); }
Ref pop_of(Args args) { return pop(args.take(0)); }
Ref empty_of(Args args) { return empty(args[0]); }

// A part of a map entry, or what an entry of the program's own answers for it.
Ref entry_part(Value v, Value MapEntry::*part, const char* method, const char* host_method) {
  if (is<MapEntry>(v)) return Ref(as<MapEntry>(v).*part);
  for (const char* name : {method, host_method}) {
    if (Ref own = own_answer(v, name); !own.get().is_none()) return own;
  }
  throw_class_cast(v, "a map entry");
}
Ref key(Args args) { return entry_part(args[0], &MapEntry::key, "key", "getKey"); }
Ref val(Args args) { return entry_part(args[0], &MapEntry::value, "val", "getValue"); }
Ref map_entry(Args args) { return make_map_entry(args[0], args[1]); }

Ref subvec(Args args) {
  if (!is_vector(args[0])) throw_class_cast(args[0], "a vector");
  int64_t from = to_int(args[1], "the start given to subvec");
  int64_t to = args.size() > 2 ? to_int(args[2], "the end given to subvec")
                               : static_cast<int64_t>(vector_count(args[0]));
  return subvector(args[0], static_cast<size_t>(from), static_cast<size_t>(to));
}

bool is_list(Value v) { return is<List>(v) || is<EmptyList>(v); }

Ref list_p(Args args) {
  return boolean(is_list(args[0]) || implements(args[0], Interface::i_persistent_list));
}
Ref vector_p(Args args) {
  return boolean(is_vector(args[0]) || implements(args[0], Interface::i_persistent_vector));
}
Ref map_p(Args args) { return boolean(is_map(args[0]) || implements(args[0], Interface::i_persistent_map)); }
Ref set_p(Args args) { return boolean(is_set(args[0]) || implements(args[0], Interface::i_persistent_set)); }
Ref map_entry_p(Args args) {
  return boolean(is<MapEntry>(args[0]) || implements(args[0], Interface::i_map_entry));
}
Ref coll_p(Args args) {
  return boolean(is_sequential(args[0]) || is_map(args[0]) || is_set(args[0]) ||
                 implements(args[0], Interface::i_persistent_collection));
}
Ref sequential_p(Args args) { return boolean(is_sequential(args[0])); }
Ref associative_p(Args args) {
  return boolean(is_vector(args[0]) || is_map(args[0]) || implements(args[0], Interface::associative));
}
Ref counted_p(Args args) { return boolean(is_counted(args[0])); }
Ref reversible_p(Args args) {
  return boolean(is_vector(args[0]) || is_sorted(args[0]) || implements(args[0], Interface::reversible));
}
Ref indexed_p(Args args) {
  return boolean(is_vector(args[0]) || is<Chunk>(args[0]) || is<VectorNode>(args[0]) ||
                 implements(args[0], Interface::indexed));
}

bool all_equal(Args args) {
  for (size_t i = 1; i < args.size(); ++i) {
    if (!equal(args[i - 1], args[i])) return false;
  }
  return true;
}
Ref equal_of(Args args) { return boolean(all_equal(args)); }
Ref not_equal(Args args) { return boolean(!all_equal(args)); }
Ref identical(Args args) { return boolean(args[0] == args[1]); }
Ref hash_of(Args args) { return Ref::adopt(Value::fixnum(static_cast<int32_t>(hash(args[0])))); }

constexpr const char* k_core = "clojure.core";
// The collection is taken over, the keys are only looked at.
constexpr uint32_t k_borrow_but_first = k_borrow_all & ~borrow(0);

constexpr NativeDef k_defs[] = {
    {k_core, "list", list, 0, k_variadic, k_borrow_all, "([& items])", "A list of the items."},
    {k_core, "vector", vector, 0, k_variadic, k_own_all, "([& items])", "A vector of the items."},
    {k_core, "vec", vec, 1, 1, k_own_all, "([coll])", "A vector of the elements of coll."},
    {k_core, "hash-map", hash_map, 0, k_variadic, k_borrow_all, "([& keyvals])",
     "A map of the keys and values, which alternate. Up to eight entries keep their order."},
    {k_core, "array-map", array_map, 0, k_variadic, k_borrow_all, "([& keyvals])",
     "A map of the keys and values, which alternate, that keeps their order whatever its size."},
    {k_core, "hash-set", hash_set, 0, k_variadic, k_borrow_all, "([& items])", "A set of the items."},
    {k_core, "set", set, 1, 1, k_own_all, "([coll])", "A set of the elements of coll."},
    {k_core, "conj", conj_all, 0, k_variadic, k_own_all, "([] [coll] [coll x] [coll x & xs])",
     "The collection with the items added where its kind takes them best: vectors at the end, lists and "
     "sequences at the "
     "front, maps take entries, sets members. nil counts as ()."},
    {k_core, "assoc", assoc_all, 3, k_variadic, k_own_all, "([map key val] [map key val & kvs])",
     "The map, record or vector with val under key. A vector takes the index past its last element too. nil "
     "counts as {}."},
    {k_core, "dissoc", dissoc_all, 1, k_variadic, k_borrow_but_first, "([map] [map key] [map key & ks])",
     "The map without the keys."},
    {k_core, "disj", disj_all, 1, k_variadic, k_borrow_but_first, "([set] [set item] [set item & items])",
     "The set without the items."},
    {k_core, "count", count_of, 1, 1, k_own_all, "([coll])",
     "How many elements coll has: a collection, a string (characters), or nil (0). A lazy sequence is walked "
     "to its end."},
    {k_core, "get", get_of, 2, 3, k_borrow_all, "([map key] [map key not-found])",
     "What stands under key in a map, set, record, vector or string; not-found, or nil, when nothing does."},
    {k_core, "nth", nth_of, 2, 3, k_borrow_all, "([coll index] [coll index not-found])",
     "The element at index, counted from 0. Beyond the end that is an error, unless not-found is given."},
    {k_core, "contains?", contains_key, 2, 2, k_borrow_all, "([coll key])",
     "True if coll has that key: for a vector or string an index, for a set a member. Does not look for "
     "values."},
    {k_core, "find", find_entry, 2, 2, k_borrow_all, "([map key])", "The entry of key in the map, or nil."},
    {k_core, "peek", peek_of, 1, 1, k_borrow_all, "([coll])",
     "The element that pop takes: the last of a vector, the first of a list; nil when empty."},
    {k_core, "pop", pop_of, 1, 1, k_own_all, "([coll])",
     "A vector without its last element, or a list without its first."},
    {k_core, "empty", empty_of, 1, 1, k_borrow_all, "([coll])",
     "An empty collection of the same kind, or nil."},
    {k_core, "key", key, 1, 1, k_borrow_all, "([entry])", "The key of a map entry."},
    {k_core, "val", val, 1, 1, k_borrow_all, "([entry])", "The value of a map entry."},
    {k_core, "subvec", subvec, 2, 3, k_borrow_all, "([v start] [v start end])",
     "The elements of the vector from start up to, but not with, end. Shares them with v, and keeps v "
     "alive."},
    {k_core, "list?", list_p, 1, 1, k_borrow_all, "([x])", "True if x is a list."},
    {k_core, "vector?", vector_p, 1, 1, k_borrow_all, "([x])", "True if x is a vector (map entries are)."},
    {k_core, "map?", map_p, 1, 1, k_borrow_all, "([x])", "True if x is a map (records are)."},
    {k_core, "set?", set_p, 1, 1, k_borrow_all, "([x])", "True if x is a set."},
    {k_core, "map-entry?", map_entry_p, 1, 1, k_borrow_all, "([x])", "True if x is an entry of a map."},
    {k_core, "coll?", coll_p, 1, 1, k_borrow_all, "([x])", "True if x is a collection or a sequence."},
    {k_core, "sequential?", sequential_p, 1, 1, k_borrow_all, "([x])",
     "True if x is a collection in an order: a vector, list or other sequence."},
    {k_core, "associative?", associative_p, 1, 1, k_borrow_all, "([x])",
     "True if x has values under keys: a map or vector."},
    {k_core, "counted?", counted_p, 1, 1, k_borrow_all, "([x])", "True if `count` of x takes no walk."},
    {k_core, "reversible?", reversible_p, 1, 1, k_borrow_all, "([x])", "True if `rseq` takes x."},
    {k_core, "indexed?", indexed_p, 1, 1, k_borrow_all, "([x])", "True if `nth` of x takes no walk."},
    {k_core, "=", equal_of, 1, k_variadic, k_borrow_all, "([x] [x y] [x y & more])",
     "True if all are equal: by their content, whatever the kind of sequence; integers and other numbers are "
     "not equal to "
     "each other."},
    {k_core, "not=", not_equal, 1, k_variadic, k_borrow_all, "([x] [x y] [x y & more])",
     "The opposite of `=`."},
    {k_core, "identical?", identical, 2, 2, k_borrow_all, "([x y])", "True if both are the same object."},
    {k_core, "hash", hash_of, 1, 1, k_borrow_all, "([x])", "A number that is the same for equal values."},
    {"reops.internal", "map-entry", map_entry, 2, 2, k_borrow_all, "([key val])", "A map entry."},
};

}  // namespace

extern const NativeModule k_natives_collections;
const NativeModule k_natives_collections = {"collections", k_defs};

}  // namespace reops::lang
