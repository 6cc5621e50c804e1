#pragma once
// Functions of clojure.core that have an instruction of their own. As in Clojure, such a call is settled when
// it is compiled: redefining the var later does not reach it.

#include <cstdint>

#include "lang/compiler/node.hpp"
#include "lang/vm/code.hpp"

namespace reops::lang {

enum class Intrinsic : uint8_t {
  none,
  // R[A] = op(R[B], R[C]) or op(R[B])
  add,
  subtract,
  multiply,
  quotient,
  remainder,
  modulo,
  increment,
  decrement,
  get,
  get_keyword,  ///< (:key coll)
  nth,
  first,
  next,
  rest,
  seq,
  field,
  element,
  conj,
  chunk_append,
  // Tests: a jump in a test, a boolean elsewhere.
  less,
  less_equal,
  greater,
  greater_equal,
  num_equal,
  equal,
  identical,
  is_nil,
  is_some,
  logical_not,
  is_zero,
  is_positive,
  is_negative,
  iterator_step,
  is_reduced,
};

/// The intrinsic that this call node is, with the right number of arguments, or none.
Intrinsic intrinsic_of(const Node& call);

/// Arguments that cost no evaluation and are read after all others: locals, constants, captures, the function
/// itself.
bool is_trivial(const Node& node);

/// An integer that an instruction can carry itself.
bool is_small_int(const Node& node);

/// Literals are built this many items at a time (an even number: maps have pairs).
inline constexpr size_t k_literal_chunk = 32;

/// The order in which a recur evaluates its arguments: one whose target no later argument reads comes first,
/// so that it can be computed in place. Only simple arguments are reordered; any other keeps the written
/// order.
std::vector<size_t> recur_order(const Node& recur, const std::vector<int64_t>& targets);

/// True when evaluating `node` reads local `index` (function captures included).
bool reads_local(const Node& node, int64_t index);

}  // namespace reops::lang
