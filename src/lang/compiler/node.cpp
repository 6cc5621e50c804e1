#include "lang/compiler/node.hpp"

#include <cstddef>

namespace reops::lang {

const KindInfo k_info_Node = {.name = "Node", .slots_at = offsetof(Node, slots), .slots = k_counted};

Ref make_node(NodeOp op, Span span, std::vector<Ref> slots) {
  Node* n = allocate<Node>(slots.size() * sizeof(Value));
  n->length = static_cast<uint32_t>(slots.size());
  n->op = op;
  n->last_use = false;
  n->pad = 0;
  n->span = span;
  for (size_t i = 0; i < slots.size(); ++i) n->slots[i] = slots[i].take();
  return Ref::adopt(n);
}

}  // namespace reops::lang
