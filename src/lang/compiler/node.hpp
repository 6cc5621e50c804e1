#pragma once
// The resolved tree: a form after macro expansion, with every name settled.
//
// It is a language object like any other (flat, counted, in the image) and is kept with each function: it is
// what travels to agents, what tools explain, and what code can be generated from again.

#include <initializer_list>
#include <span>
#include <vector>

#include "lang/reader/position.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

enum class NodeOp : uint16_t {
#define NODE(name) name,
#include "lang/compiler/nodes.def"
#undef NODE
};

struct Node : Object {
  static constexpr Kind k_kind = Kind::Node;
  uint32_t length;
  NodeOp op;
  bool last_use;  ///< local, capture: nothing reads it after this (liveness.hpp)
  uint8_t pad;
  Span span;
  __extension__ Value slots[];

  Node& node(size_t i) const { return as<Node>(slots[i]); }
  int64_t number(size_t i) const { return slots[i].as_fixnum(); }
  std::span<const Value> from(size_t i) const { return {slots + i, length - i}; }
};

/// A local that would stand in this register or above lives in a far slot of the frame instead
/// (generator.hpp).
inline constexpr uint32_t k_near_locals = 160;

/// Flags of a `function` node.
inline constexpr int64_t k_function_once = 1;

/// A node that takes over the given slots.
Ref make_node(NodeOp op, Span span, std::vector<Ref> slots);

}  // namespace reops::lang
