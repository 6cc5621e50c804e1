#include "lang/compiler/fusion.hpp"

#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/compiler/compiler.hpp"
#include "lang/compiler/forms.hpp"
#include "lang/compiler/generator.hpp"
#include "lang/compiler/intrinsics.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/code.hpp"
#include "lang/vm/operations.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

// Where fusing ends: functions looked at, calls within calls, and nodes of the tree that comes out.
constexpr size_t k_most_functions = 32;
constexpr size_t k_most_depth = 16;
constexpr size_t k_most_nodes = 2000;
// Shapes that a thread remembers.
constexpr size_t k_most_shapes = 64;

struct NotFusible {};

bool is_fusible(const Function& f) {
  const Proto& proto = as<Proto>(f.proto);
  // One that is called once gives its captured values away.
  return !proto.once && is<Node>(proto.tree);
}

// Named in a tree, these are calls of another kind than calls of captured values.
bool is_named(Value v) { return is<Native>(v) || is<Keyword>(v); }

/// The functions that a function reaches by its captured values, and what all of them have captured, in one
/// row.
class Row {
 public:
  explicit Row(Value function) { add(as<Function>(function), 0); }

  const std::vector<Value>& values() const { return values_; }
  /// Equal for functions that can be run by the same fused code.
  const std::vector<Value>& shape() const { return shape_; }
  bool has_functions() const { return !functions_.empty(); }
  /// Where the captured values of the function that is value `at` of the row begin, or -1 when that is none
  /// to fuse.
  int64_t captures_of(size_t at) const {
    for (const auto& [function, first] : functions_) {
      if (function == at) return static_cast<int64_t>(first);
    }
    return -1;
  }

 private:
  void add(const Function& f, size_t depth) {
    shape_.push_back(f.proto);
    size_t first = values_.size(), count = f.length - 2;
    for (size_t i = 0; i < count; ++i) values_.push_back(f.captures[i]);
    for (size_t i = 0; i < count; ++i) {
      Value v = f.captures[i];
      if (is<Function>(v) && depth < k_most_depth && functions_.size() < k_most_functions &&
          is_fusible(as<Function>(v))) {
        functions_.emplace_back(first + i, values_.size());
        add(as<Function>(v), depth + 1);
      } else {
        shape_.push_back(is_named(v) ? v : Value::nil());
      }
    }
  }

  std::vector<Value> values_, shape_;
  std::vector<std::pair<size_t, size_t>> functions_;
};

bool jumps_to_head(const Node& node) {
  check_stack();
  size_t from = 0, end = node.length;
  if (node.op == NodeOp::recur) return true;
  // A recur in a loop's body is the loop's; those of inner functions are theirs.
  if (node.op == NodeOp::loop) from = 1;
  if (node.op == NodeOp::function) end = 4 + static_cast<size_t>(node.number(3));
  for (size_t i = from; i < end; ++i) {
    if (is<Node>(node.slots[i]) && jumps_to_head(as<Node>(node.slots[i]))) return true;
  }
  return false;
}

const Node* arity_for(const Node& function, size_t arguments) {
  for (size_t i = 4 + static_cast<size_t>(function.number(3)); i < function.length; ++i) {
    const Node& arity = function.node(i);
    if (!arity.slots[2].is_true() && arity.number(1) == static_cast<int64_t>(arguments)) return &arity;
  }
  return nullptr;
}

/// Copies the tree of the row's first function, the calls written out.
class Joiner {
 public:
  Joiner(Value function, const Row& row) : root_(as<Proto>(as<Function>(function).proto)), row_(row) {}

  /// The new prototype, or nil when no call was written out.
  Ref join() {
    const Node& function = as<Node>(root_.tree);
    std::vector<Ref> slots;
    for (size_t i = 0; i < 2; ++i) slots.emplace_back(function.slots[i]);
    slots.push_back(node_number(0));
    slots.push_back(node_number(static_cast<int64_t>(row_.values().size())));
    // Nobody makes it by evaluating its tree, so its captures need no sources.
    for (size_t i = 0; i < row_.values().size(); ++i) slots.push_back(constant(Value::nil(), function.span));
    for (size_t i = 4 + static_cast<size_t>(function.number(3)); i < function.length; ++i)
      slots.push_back(copy_arity(function.node(i)));
    if (!joined_) return nil();
    Ref tree = make_node(NodeOp::function, function.span, std::move(slots));
    return generate(as<Node>(tree), root_.source, compiler_options().liveness);
  }

 private:
  /// What names mean in the function that is being copied.
  struct Scope {
    size_t captures;             ///< where its captured values are in the row
    int64_t self;                ///< where it is itself; -1 for the first function
    int64_t locals;              ///< added to the numbers of its locals
    std::vector<Ref> arguments;  ///< of a parameter that needs no local, what it is; else nil
    size_t depth;
  };

  static Ref constant(Value v, const Span& span) {
    std::vector<Ref> slots;
    slots.emplace_back(v);
    return make_node(NodeOp::constant, span, std::move(slots));
  }
  static Ref numbered(NodeOp op, int64_t number, const Span& span) {
    std::vector<Ref> slots;
    slots.push_back(node_number(number));
    return make_node(op, span, std::move(slots));
  }
  // The tree must not hold a node twice: what is known of a node is found by its address.
  static Ref again(Value trivial) {
    const Node& n = as<Node>(trivial);
    std::vector<Ref> slots;
    for (Value v : n.from(0)) slots.emplace_back(v);
    return make_node(n.op, n.span, std::move(slots));
  }

  Ref copy_arity(const Node& arity) {
    locals_ = arity.number(3);
    std::vector<Ref> slots;
    slots.push_back(copy(arity.node(0), Scope{0, -1, 0, {}, 0}));
    slots[0] = read_once(std::move(slots[0]));
    for (size_t i = 1; i < 3; ++i) slots.emplace_back(arity.slots[i]);
    slots.push_back(node_number(locals_));
    return make_node(NodeOp::arity, arity.span, std::move(slots));
  }

  // Binds what loops read of the captured values around them, to locals.
  Ref read_once(Ref body) {
    std::vector<Ref> bindings;
    std::vector<int64_t> local_of(row_.values().size(), -1);
    auto replace = [&](Node& read) {
      int64_t& local = local_of[static_cast<size_t>(read.number(0))];
      if (local < 0) {
        local = locals_++;
        bindings.push_back(node_number(local));
        bindings.push_back(again(Value::object(&read)));
      }
      read.op = NodeOp::local;
      read.slots[0] = Value::fixnum(local);
    };
    each_read_in_loops(as<Node>(body), false, replace);
    if (bindings.empty()) return body;
    Span span = as<Node>(body).span;
    bindings.insert(bindings.begin(), std::move(body));
    return make_node(NodeOp::let, span, std::move(bindings));
  }

  template <class F>
  static void each_read_in_loops(Node& node, bool in_loop, F& visit) {
    check_stack();
    if (node.op == NodeOp::capture && in_loop) return visit(node);
    size_t end = node.op == NodeOp::function ? 4 + static_cast<size_t>(node.number(3)) : node.length;
    for (size_t i = 0; i < end; ++i) {
      if (!is<Node>(node.slots[i])) continue;
      // A call reads what it calls where that is.
      if (node.op == NodeOp::call && i == 0 && node.node(0).op == NodeOp::capture) continue;
      each_read_in_loops(node.node(i), in_loop || (node.op == NodeOp::loop && i == 0), visit);
    }
  }

  Ref copy(const Node& node, const Scope& s) {
    check_stack();
    if (++nodes_ > k_most_nodes) throw NotFusible();
    switch (node.op) {
      case NodeOp::local: {
        auto i = static_cast<size_t>(node.number(0));
        if (i < s.arguments.size() && is<Node>(s.arguments[i])) return again(s.arguments[i]);
        return numbered(NodeOp::local, s.locals + node.number(0), node.span);
      }
      case NodeOp::capture:
        return numbered(NodeOp::capture, static_cast<int64_t>(s.captures) + node.number(0), node.span);
      case NodeOp::self:
        return s.self < 0 ? again(Value::object(&node)) : numbered(NodeOp::capture, s.self, node.span);
      case NodeOp::letfn:
      case NodeOp::sibling:
        // They speak of the row of captures as a whole.
        throw NotFusible();
      case NodeOp::call:
        return copy_call(node, s);
      case NodeOp::let:
      case NodeOp::loop:
        return copy_slots(node, s, node.length, [](size_t i) { return i % 2 == 1; });
      case NodeOp::protect:
        return copy_slots(node, s, node.length, [](size_t i) { return i == 3 || (i > 4 && i % 3 == 2); });
      case NodeOp::function:
        return copy_slots(node, s, 4 + static_cast<size_t>(node.number(3)), [](size_t) { return false; });
      default:
        return copy_slots(node, s, node.length, [](size_t) { return false; });
    }
  }

  // Slots from `end` on are of an inner function, whose names are its own.
  template <class F>
  Ref copy_slots(const Node& node, const Scope& s, size_t end, F&& is_local) {
    std::vector<Ref> slots;
    for (size_t i = 0; i < node.length; ++i) {
      Value v = node.slots[i];
      if (i >= end) {
        slots.push_back(copy_verbatim(v));
      } else if (is<Node>(v)) {
        slots.push_back(copy(as<Node>(v), s));
      } else {
        slots.push_back(is_local(i) ? node_number(s.locals + v.as_fixnum()) : Ref(v));
      }
    }
    return make_node(node.op, node.span, std::move(slots));
  }

  // Also what stays as it is has to be copied: the compiler writes into the nodes.
  Ref copy_verbatim(Value v) {
    check_stack();
    if (!is<Node>(v)) return Ref(v);
    if (++nodes_ > k_most_nodes) throw NotFusible();
    const Node& node = as<Node>(v);
    std::vector<Ref> slots;
    for (Value slot : node.from(0)) slots.push_back(copy_verbatim(slot));
    return make_node(node.op, node.span, std::move(slots));
  }

  Ref copy_call(const Node& node, const Scope& s) {
    std::vector<Ref> parts;
    for (size_t i = 0; i < node.length; ++i) parts.push_back(copy(node.node(i), s));
    const Node& callee = as<Node>(parts[0]);
    if (callee.op == NodeOp::capture) {
      auto at = static_cast<size_t>(callee.number(0));
      Value called = row_.values()[at];
      if (int64_t captures = row_.captures_of(at); captures >= 0) {
        const Proto& proto = as<Proto>(as<Function>(called).proto);
        const Node* arity = arity_for(as<Node>(proto.tree), parts.size() - 1);
        if (arity && s.depth < k_most_depth && !names_siblings(arity->node(0))) {
          Scope inner{static_cast<size_t>(captures), callee.number(0), locals_, {}, s.depth + 1};
          return write_out(node, proto, *arity, std::move(parts), std::move(inner));
        }
      } else if (is_named(called)) {
        parts[0] = name_callee(called, parts, callee.span);
        joined_ = true;
      }
    }
    return make_node(NodeOp::call, node.span, std::move(parts));
  }

  static bool names_siblings(const Node& node) {
    check_stack();
    if (node.op == NodeOp::letfn || node.op == NodeOp::sibling) return true;
    size_t end = node.op == NodeOp::function ? 4 + static_cast<size_t>(node.number(3)) : node.length;
    for (size_t i = 0; i < end; ++i) {
      if (is<Node>(node.slots[i]) && names_siblings(as<Node>(node.slots[i]))) return true;
    }
    return false;
  }

  // A keyword or native that is called. What has an instruction of its own has it by the name of its var.
  static Ref name_callee(Value called, const std::vector<Ref>& call, const Span& span) {
    if (is<Native>(called)) {
      Value name = as<Native>(called).name;
      Value ns = find_ns(ns_of(name));
      Value var = ns.is_nil() ? ns : resolve(ns, name);
      if (is<Var>(var) && as<Var>(var).load_root() == called) {
        std::vector<Ref> slots;
        slots.emplace_back(var);
        std::vector<Ref> parts(call);
        parts[0] = make_node(NodeOp::var, span, std::move(slots));
        Ref by_name = make_node(NodeOp::call, span, parts);
        if (intrinsic_of(as<Node>(by_name)) != Intrinsic::none) return parts[0];
      }
    }
    return constant(called, span);
  }

  // The body of the called function, with its parameters bound to the arguments.
  Ref write_out(const Node& call, const Proto& proto, const Node& arity, std::vector<Ref> parts, Scope s) {
    joined_ = true;
    locals_ += arity.number(3);
    bool loops = jumps_to_head(arity.node(0));
    std::vector<Ref> bindings;
    for (size_t i = 1; i < parts.size(); ++i) {
      // What costs nothing to read, and never changes while the body runs, needs no local besides.
      if (!loops && is_trivial(as<Node>(parts[i]))) {
        s.arguments.push_back(std::move(parts[i]));
      } else {
        s.arguments.emplace_back();
        bindings.push_back(node_number(s.locals + static_cast<int64_t>(i) - 1));
        bindings.push_back(std::move(parts[i]));
      }
    }
    std::vector<Ref> body;
    body.push_back(copy(arity.node(0), s));
    body.emplace_back(Value::object(&proto));
    Ref written = make_node(NodeOp::inlined, call.span, std::move(body));
    if (bindings.empty() && !loops) return written;
    bindings.insert(bindings.begin(), std::move(written));
    return make_node(loops ? NodeOp::loop : NodeOp::let, call.span, std::move(bindings));
  }

  const Proto& root_;
  const Row& row_;
  int64_t locals_ = 0;
  size_t nodes_ = 0;
  bool joined_ = false;
};

Ref join(Value function, const Row& row) {
  try {
    return Joiner(function, row).join();
  } catch (const NotFusible&) {
    return nil();
  } catch (const Thrown& e) {
    // Too large for one function: then its parts stay functions of their own. An interrupt, or no memory, is
    // no matter of ours.
    if (as<Error>(e.error()).error_class != ErrorClass::compiler) throw;
    return nil();
  }
}

Ref fused_proto(Value function, const Row& row) {
  Thread& t = this_thread();
  const std::vector<Value>& shape = row.shape();
  for (const FusedShape& known : t.fused) {
    if (std::equal(known.shape.begin(), known.shape.end(), shape.begin(), shape.end(),
                   [](const Ref& a, Value b) { return a.get() == b; }))
      return known.proto;
  }
  FusedShape made;
  for (Value v : shape) made.shape.emplace_back(v);
  made.proto = join(function, row);
  Ref proto = made.proto;
  if (t.fused.size() < k_most_shapes) {
    t.fused.push_back(std::move(made));
  } else {
    t.fused[t.fused_next++ % k_most_shapes] = std::move(made);
  }
  return proto;
}

}  // namespace

Ref fuse(Ref function) {
  if (!is<Function>(function) || !is_fusible(as<Function>(function))) return function;
  Row row(function);
  Ref proto = fused_proto(function, row);
  if (proto.is_nil()) return function;
  std::vector<Value> captures;
  for (Value v : row.values()) captures.push_back(Ref(v).take());
  return make_function(proto, captures.data(), captures.size());
}

}  // namespace reops::lang
