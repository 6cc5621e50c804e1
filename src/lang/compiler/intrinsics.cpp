#include "lang/compiler/intrinsics.hpp"

#include <algorithm>
#include <unordered_map>

#include "lang/runtime/var.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

struct Row {
  const char* ns;
  const char* name;
  size_t arguments;
  Intrinsic intrinsic;
};

constexpr Row k_rows[] = {
    {"clojure.core", "+", 2, Intrinsic::add},
    {"clojure.core", "-", 2, Intrinsic::subtract},
    {"clojure.core", "*", 2, Intrinsic::multiply},
    {"clojure.core", "quot", 2, Intrinsic::quotient},
    {"clojure.core", "rem", 2, Intrinsic::remainder},
    {"clojure.core", "mod", 2, Intrinsic::modulo},
    {"clojure.core", "inc", 1, Intrinsic::increment},
    {"clojure.core", "dec", 1, Intrinsic::decrement},
    {"clojure.core", "get", 2, Intrinsic::get},
    {"clojure.core", "nth", 2, Intrinsic::nth},
    {"clojure.core", "first", 1, Intrinsic::first},
    {"clojure.core", "next", 1, Intrinsic::next},
    {"clojure.core", "rest", 1, Intrinsic::rest},
    {"clojure.core", "seq", 1, Intrinsic::seq},
    {"reops.internal", "field", 2, Intrinsic::field},
    {"reops.internal", "iterator-value", 1, Intrinsic::element},
    {"clojure.core", "conj", 2, Intrinsic::conj},
    {"clojure.core", "chunk-append", 2, Intrinsic::chunk_append},
    {"reops.internal", "iterator-step!", 1, Intrinsic::iterator_step},
    {"clojure.core", "reduced?", 1, Intrinsic::is_reduced},
    {"clojure.core", "<", 2, Intrinsic::less},
    {"clojure.core", "<=", 2, Intrinsic::less_equal},
    {"clojure.core", ">", 2, Intrinsic::greater},
    {"clojure.core", ">=", 2, Intrinsic::greater_equal},
    {"clojure.core", "==", 2, Intrinsic::num_equal},
    {"clojure.core", "=", 2, Intrinsic::equal},
    {"clojure.core", "identical?", 2, Intrinsic::identical},
    {"clojure.core", "nil?", 1, Intrinsic::is_nil},
    {"clojure.core", "some?", 1, Intrinsic::is_some},
    {"clojure.core", "not", 1, Intrinsic::logical_not},
    {"clojure.core", "zero?", 1, Intrinsic::is_zero},
    {"clojure.core", "pos?", 1, Intrinsic::is_positive},
    {"clojure.core", "neg?", 1, Intrinsic::is_negative},
};

const std::unordered_map<const Object*, const Row*>& rows_by_var() {
  static const auto table = [] {
    std::unordered_map<const Object*, const Row*> t;
    for (const Row& r : k_rows) t[&intern(find_or_create_ns(r.ns), r.name)] = &r;
    return t;
  }();
  return table;
}

bool is_simple(const Node& node) {
  if (is_trivial(node)) return true;
  if (node.op != NodeOp::call) return false;
  switch (intrinsic_of(node)) {
    case Intrinsic::none:
    // These have effects, which must happen in the written order.
    case Intrinsic::chunk_append:
    case Intrinsic::iterator_step:
    case Intrinsic::element:
      return false;
    default:
      break;
  }
  for (size_t i = 1; i < node.length; ++i) {
    if (!is_trivial(node.node(i))) return false;
  }
  return true;
}

}  // namespace

Intrinsic intrinsic_of(const Node& call) {
  const Node& callee = call.node(0);
  if (callee.op == NodeOp::constant && is<Keyword>(callee.slots[0]) && call.length == 2)
    return Intrinsic::get_keyword;
  if (callee.op != NodeOp::var) return Intrinsic::none;
  auto& table = rows_by_var();
  auto found = table.find(callee.slots[0].as_object());
  if (found == table.end() || found->second->arguments != call.length - 1) return Intrinsic::none;
  if (found->second->intrinsic == Intrinsic::field) {
    // The index must be known now.
    const Node& index = call.node(2);
    if (index.op != NodeOp::constant || !index.slots[0].is_fixnum() || index.number(0) > 255)
      return Intrinsic::none;
  }
  return found->second->intrinsic;
}

bool is_trivial(const Node& node) {
  return node.op == NodeOp::local || node.op == NodeOp::constant || node.op == NodeOp::capture ||
         node.op == NodeOp::self;
}

bool is_small_int(const Node& node) {
  return node.op == NodeOp::constant && node.slots[0].is_fixnum() && node.number(0) >= -127 &&
         node.number(0) <= 127;
}

bool reads_local(const Node& node, int64_t index) {
  if (node.op == NodeOp::local) return node.number(0) == index;
  size_t end = node.length;
  // The arities of an inner function have locals of their own; what it takes from here is in its capture
  // sources.
  if (node.op == NodeOp::function) end = 4 + static_cast<size_t>(node.number(3));
  for (size_t i = 0; i < end; ++i) {
    Value slot = node.slots[i];
    if (is<Node>(slot) && reads_local(as<Node>(slot), index)) return true;
  }
  return false;
}

std::vector<size_t> recur_order(const Node& recur, const std::vector<int64_t>& targets) {
  std::vector<size_t> order(recur.length);
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (size_t i = 0; i < recur.length; ++i) {
    if (!is_simple(recur.node(i))) return order;
  }
  std::vector<size_t> left = order, result;
  while (!left.empty()) {
    auto free = std::find_if(left.begin(), left.end(), [&](size_t i) {
      return std::none_of(left.begin(), left.end(),
                          [&](size_t j) { return j != i && reads_local(recur.node(j), targets[i]); });
    });
    if (free == left.end()) free = left.begin();
    result.push_back(*free);
    left.erase(free);
  }
  return result;
}

}  // namespace reops::lang
