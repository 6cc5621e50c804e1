// Methods of collections that programs call as on the JVM.

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

using Args = std::span<const Value>;

Ref is_empty(Value target, Args args) {
  expect_args("isEmpty", args, 0, 0);
  return boolean(seq(target).is_nil());
}

// Position of the first (or last) element equal to `item`, or -1.
int64_t position(Value coll, Value item, bool last) {
  int64_t found = -1, i = 0;
  for (SeqIterator it(coll); it.more(); it.step(), ++i) {
    if (i % 1024 == 0) poll();
    if (!equal(it.value(), item)) continue;
    found = i;
    if (!last) break;
  }
  return found;
}

Ref index_of(Value target, Args args) {
  expect_args("indexOf", args, 1, 1);
  return integer(position(target, args[0], false));
}
Ref last_index_of(Value target, Args args) {
  expect_args("lastIndexOf", args, 1, 1);
  return integer(position(target, args[0], true));
}
Ref contains_item(Value target, Args args) {
  expect_args("contains", args, 1, 1);
  return boolean(position(target, args[0], false) >= 0);
}
Ref contains_all(Value target, Args args) {
  expect_args("containsAll", args, 1, 1);
  for (SeqIterator it(args[0]); it.more(); it.step()) {
    if (position(target, it.value(), false) < 0) return boolean(false);
  }
  return boolean(true);
}

Ref entry_key(Value target, Args args) {
  expect_args("getKey", args, 0, 0);
  return Ref(as<MapEntry>(target).key);
}
Ref entry_value(Value target, Args args) {
  expect_args("getValue", args, 0, 0);
  return Ref(as<MapEntry>(target).value);
}

Ref key_set(Value target, Args args) {
  expect_args("keySet", args, 0, 0);
  return call_core("set", {call_core("keys", {target})});
}
Ref entry_set(Value target, Args args) {
  expect_args("entrySet", args, 0, 0);
  return call_core("set", {seq(target)});
}
Ref contains_value(Value target, Args args) {
  expect_args("containsValue", args, 1, 1);
  Ref values = call_core("vals", {target});
  return boolean(position(values, args[0], false) >= 0);
}

Ref iterator(Value target, Args args) {
  expect_args("iterator", args, 0, 0);
  return make_iterator(Ref(target));
}
Ref has_next(Value target, Args args) {
  expect_args("hasNext", args, 0, 0);
  return boolean(as<Iterator>(target).walk.more());
}
Ref next_element(Value target, Args args) {
  expect_args("next", args, 0, 0);
  SeqIterator& walk = as<Iterator>(target).walk;
  if (!walk.more()) throw_error(ErrorClass::no_such_element, "The iterator has no more elements");
  Ref element(walk.value());
  walk.step();
  return element;
}

constexpr HostMethod k_iterator[] = {{"hasNext", has_next}, {"next", next_element}};
constexpr HostMethod k_iterable[] = {{"iterator", iterator}};

constexpr HostMethod k_entry[] = {
    {"getKey", entry_key}, {"getValue", entry_value}, {"key", entry_key}, {"val", entry_value}};

constexpr HostMethod k_map[] = {
    {"keySet", key_set}, {"entrySet", entry_set}, {"containsValue", contains_value}, {"isEmpty", is_empty}};
constexpr HostAlias k_map_aliases[] = {{"get", "get", 1, 1},     {"getOrDefault", "get", 2, 2},
                                       {"valAt", "get", 1, 2},   {"containsKey", "contains?", 1, 1},
                                       {"values", "vals"},       {"entryAt", "find", 1, 1},
                                       {"assoc", "assoc", 2, 2}, {"without", "dissoc", 1, 1}};

constexpr HostMethod k_set[] = {{"isEmpty", is_empty}};
constexpr HostAlias k_set_aliases[] = {
    {"contains", "contains?", 1, 1}, {"get", "get", 1, 1}, {"disjoin", "disj", 1, 1}};

constexpr HostAlias k_vector_aliases[] = {{"valAt", "get", 1, 2},    {"containsKey", "contains?", 1, 1},
                                          {"entryAt", "find", 1, 1}, {"assoc", "assoc", 2, 2},
                                          {"assocN", "assoc", 2, 2}, {"subList", "subvec", 2, 2},
                                          {"length", "count"},       {"rseq", "rseq"}};

constexpr HostMethod k_list[] = {{"indexOf", index_of},
                                 {"lastIndexOf", last_index_of},
                                 {"contains", contains_item},
                                 {"containsAll", contains_all},
                                 {"isEmpty", is_empty}};
constexpr HostAlias k_list_aliases[] = {{"get", "nth", 1, 1}, {"nth", "nth", 1, 2},  {"peek", "peek"},
                                        {"pop", "pop"},       {"first", "first"},    {"next", "next"},
                                        {"more", "rest"},     {"getFirst", "first"}, {"getLast", "last"}};

constexpr HostAlias k_any_aliases[] = {
    {"size", "count"},  {"count", "count"},     {"seq", "seq"},
    {"empty", "empty"}, {"cons", "conj", 1, 1}, {"equiv", "=", 1, 1},
    {"hasheq", "hash"}, {"meta", "meta"},       {"withMeta", "with-meta", 1, 1},
    {"toArray", "vec"}, {"invoke", "get", 1, 2}};

constexpr HostAlias k_transient_aliases[] = {{"get", "get", 1, 1},
                                             {"valAt", "get", 1, 2},
                                             {"contains", "contains?", 1, 1},
                                             {"containsKey", "contains?", 1, 1},
                                             {"nth", "nth", 1, 2},
                                             {"count", "count"},
                                             {"conj", "conj!", 1, 1},
                                             {"assoc", "assoc!", 2, 2},
                                             {"without", "dissoc!", 1, 1},
                                             {"disjoin", "disj!", 1, 1},
                                             {"pop", "pop!"},
                                             {"persistent", "persistent!"}};

constexpr HostMethods k_tables[] = {
    {kinds(Kind::Transient), {}, k_transient_aliases},
    {kinds(Kind::MapEntry), k_entry, {}},
    {k_maps, k_map, k_map_aliases},
    {k_sets, k_set, k_set_aliases},
    {k_vectors, {}, k_vector_aliases},
    {k_vectors | k_seqs, k_list, k_list_aliases},
    {k_collections, k_iterable, k_any_aliases},
    {kinds(Kind::Iterator), k_iterator, {}},
};

}  // namespace

std::span<const HostMethods> collection_host_methods() { return k_tables; }

}  // namespace reops::lang
