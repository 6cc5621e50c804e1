#pragma once
// What it means that a deftype, reify or record implements an interface of the host: core's functions ask its
// methods.

#include <initializer_list>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Interfaces that core's predicates and functions ask for.
enum class Interface : uint8_t {
  associative,
  comparator,
  counted,
  i_fn,
  i_kv_reduce,
  i_map_entry,
  i_persistent_collection,
  i_persistent_list,
  i_persistent_map,
  i_persistent_set,
  i_persistent_vector,
  i_reduce_init,
  i_seq,
  indexed,
  iterable,
  reversible,
  seqable,
  sequential,
  sorted,
  k_count
};

/// Does the definition of `v`'s type name that interface, or one that extends it? False for what no
/// definition made.
bool implements(Value v, Interface interface);

/// A set of Symbols, with the names of all interfaces that those in it extend.
Ref with_extended_interfaces(Ref names);

/// What a deftype or reify makes of an operation by a method of its own; none() when it has none, or `v` is
/// no such thing.
Ref own_answer(Value v, std::string_view method, std::initializer_list<Value> args = {});

}  // namespace reops::lang
