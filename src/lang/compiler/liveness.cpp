#include "lang/compiler/liveness.hpp"

#include <algorithm>

#include "lang/compiler/intrinsics.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {

Liveness::Liveness(Node& arity, size_t captures, bool enabled)
    : locals_(static_cast<size_t>(arity.number(3))),
      captures_(captures),
      enabled_(enabled),
      unused_(locals_ + captures),
      handlers_need_(locals_ + captures) {
  size_t params = static_cast<size_t>(arity.number(1)) + (arity.slots[2].is_true() ? 1 : 0);
  LocalSet live(locals_ + captures_), all_params(locals_ + captures_);
  Loop self{{}, LocalSet(locals_ + captures_)};
  for (size_t i = 0; i < params; ++i) {
    self.targets.push_back(static_cast<int64_t>(i));
    all_params.add(i);
  }
  loops_.push_back(std::move(self));
  // A function whose body jumps back keeps the captures it reads anywhere.
  if (captures_ > 0) {
    LocalSet reads(locals_ + captures_), bound(locals_ + captures_);
    collect_reads(arity.node(0), reads, bound);
    reads.each_not_in(LocalSet(locals_ + captures_), [&](size_t i) {
      if (i >= locals_) loops_[0].live.add(i);
    });
  }
  walk(arity.node(0), live);
  drop(at_, arity.node(0), all_params, live);
}

const std::vector<int64_t>& Liveness::find(const Drops& drops, const Node& node) const {
  static const std::vector<int64_t> none;
  auto found = drops.find(&node);
  return found == drops.end() ? none : found->second;
}

// Notes that where `node` begins, what is held but not needed is released. Captures stay in their function.
void Liveness::drop(Drops& drops, const Node& node, const LocalSet& held, const LocalSet& needed) {
  if (!enabled_) return;
  held.each_not_in(needed, [&](size_t i) {
    if (i < locals_) drops[&node].push_back(static_cast<int64_t>(i));
  });
}

void Liveness::use(Node& node, size_t index, LocalSet& live) {
  node.last_use = enabled_ && !live.has(index);
  live.add(index);
}

void Liveness::walk_sequence(Node& node, size_t from, LocalSet& live) {
  for (size_t i = node.length; i-- > from;) walk(node.node(i), live);
}

void Liveness::walk_call(Node& node, size_t from, size_t end, LocalSet& live) {
  for (size_t i = end; i-- > from;) {
    if (is_trivial(node.node(i))) walk(node.node(i), live);
  }
  for (size_t i = end; i-- > from;) {
    if (!is_trivial(node.node(i))) walk(node.node(i), live);
  }
}

void Liveness::walk_literal(Node& node, LocalSet& live) {
  size_t chunks = (node.length + k_literal_chunk - 1) / k_literal_chunk;
  for (size_t i = chunks; i-- > 0;) {
    size_t from = i * k_literal_chunk;
    walk_call(node, from, std::min<size_t>(from + k_literal_chunk, node.length), live);
  }
}

void Liveness::walk(Node& node, LocalSet& live) {
  check_stack();
  switch (node.op) {
    case NodeOp::local:
      use(node, static_cast<size_t>(node.number(0)), live);
      break;
    case NodeOp::capture:
      node.last_use = false;
      if (captures_ > 0) use(node, locals_ + static_cast<size_t>(node.number(0)), live);
      break;
    case NodeOp::constant:
    case NodeOp::self:
    case NodeOp::sibling:
    case NodeOp::var:
      break;
    case NodeOp::branch: {
      LocalSet other = live;
      walk(node.node(2), other);
      walk(node.node(1), live);
      drop(at_, node.node(1), other, live);
      drop(at_, node.node(2), live, other);
      live.unite(other);
      walk(node.node(0), live);
      break;
    }
    case NodeOp::let:
      walk(node.node(0), live);
      for (size_t i = node.length; i > 1; i -= 2) {
        auto local = static_cast<size_t>(node.number(i - 2));
        if (!live.has(local)) unused_.add(local);
        live.remove(local);
        walk(node.node(i - 1), live);
      }
      break;
    case NodeOp::loop:
      walk_loop(node, live);
      break;
    case NodeOp::recur: {
      const Loop& loop = loops_.back();
      live = loop.live;
      std::vector<size_t> order = recur_order(node, loop.targets);
      for (size_t i = order.size(); i-- > 0;) walk(node.node(order[i]), live);
      break;
    }
    case NodeOp::function:
      for (size_t i = 4 + static_cast<size_t>(node.number(3)); i-- > 4;) walk(node.node(i), live);
      break;
    case NodeOp::letfn:
      walk_letfn(node, live);
      break;
    case NodeOp::call:
      // The callee is read by the call itself, after all arguments, when it is at hand; else it is computed
      // first.
      if (is_trivial(node.node(0))) walk(node.node(0), live);
      walk_call(node, 1, node.length, live);
      if (!is_trivial(node.node(0))) walk(node.node(0), live);
      break;
    case NodeOp::vector:
    case NodeOp::map:
    case NodeOp::set:
      walk_literal(node, live);
      break;
    case NodeOp::define:
      walk(node.node(2), live);
      if (is<Node>(node.slots[1])) walk(node.node(1), live);
      break;
    case NodeOp::protect:
      walk_protect(node, live);
      break;
    case NodeOp::raise:
    case NodeOp::block:
      walk_sequence(node, 0, live);
      break;
    case NodeOp::choose:
      walk_choose(node, live);
      break;
    case NodeOp::inlined:
      walk(node.node(0), live);
      break;
    case NodeOp::arity:
      break;
  }
}

void Liveness::walk_loop(Node& node, LocalSet& live) {
  Loop loop{{}, live};
  for (size_t i = 1; i < node.length; i += 2) loop.targets.push_back(node.number(i));
  // Whatever the body reads from outside is needed again when it jumps back.
  LocalSet bound(locals_ + captures_);
  collect_reads(node.node(0), loop.live, bound);
  bound.each_not_in(LocalSet(locals_ + captures_), [&](size_t i) { loop.live.remove(i); });
  LocalSet held = loop.live;
  for (int64_t t : loop.targets) {
    loop.live.remove(static_cast<size_t>(t));
    held.add(static_cast<size_t>(t));
  }
  loops_.push_back(std::move(loop));
  walk(node.node(0), live);
  drop(at_, node.node(0), held, live);
  loops_.pop_back();
  // What the loop binds is there from its own initial value on, which later ones may read.
  live = held;
  for (size_t i = node.length; i > 1; i -= 2) {
    live.remove(static_cast<size_t>(node.number(i - 2)));
    walk(node.node(i - 1), live);
  }
}

void Liveness::walk_protect(Node& node, LocalSet& live) {
  bool has_finally = is<Node>(node.slots[1]);
  // Control that leaves normally runs the first copy of finally.
  if (has_finally) walk(node.node(1), live);
  LocalSet after = live, outer_need = handlers_need_;
  // Control that leaves by an error that no clause takes runs the second copy and goes on up.
  LocalSet unhandled = outer_need;
  if (has_finally) walk(node.node(2), unhandled);
  handlers_need_ = unhandled;
  LocalSet needed = unhandled;
  std::vector<LocalSet> clauses;
  for (size_t i = 4; i < node.length; i += 3) {
    Node& handler = node.node(i + 2);
    LocalSet clause = after;
    clause.unite(unhandled);
    drop(after_, handler, clause, after);
    walk(handler, clause);
    auto local = static_cast<size_t>(node.number(i + 1));
    if (!clause.has(local)) unused_.add(local);
    clause.remove(local);
    needed.unite(clause);
    clauses.push_back(std::move(clause));
  }
  // Any instruction of the body may lead to a handler: what they need is live throughout.
  handlers_need_ = needed;
  live.unite(needed);
  LocalSet at_end = live;
  walk(node.node(0), live);
  handlers_need_ = outer_need;
  drop(after_, node, at_end, after);
  LocalSet held = live;
  held.unite(at_end);
  for (size_t i = 4, k = 0; i < node.length; i += 3, ++k) drop(at_, node.node(i + 2), held, clauses[k]);
  if (has_finally) {
    for (const LocalSet& clause : clauses) held.unite(clause);
    drop(at_, node.node(2), held, unhandled);
  }
}

void Liveness::walk_letfn(Node& node, LocalSet& live) {
  auto n = static_cast<size_t>(node.number(1));
  walk(node.node(0), live);
  for (size_t i = 2 + n; i < node.length; i += 2) {
    auto local = static_cast<size_t>(node.number(i));
    if (!live.has(local)) unused_.add(local);
    live.remove(local);
  }
  // Every function gets a copy of every capture, so none of these readings moves; what ends here is released
  // after.
  LocalSet sources(locals_ + captures_), body = live;
  for (size_t i = 2; i < 2 + n; ++i) {
    walk(node.node(i), sources);
    node.node(i).last_use = false;
  }
  drop(after_, node, sources, body);
  live.unite(sources);
}

void Liveness::walk_choose(Node& node, LocalSet& live) {
  std::vector<std::pair<Node*, LocalSet>> arms;
  LocalSet all(locals_ + captures_);
  auto arm = [&](Node& n) {
    LocalSet l = live;
    walk(n, l);
    all.unite(l);
    arms.emplace_back(&n, std::move(l));
  };
  arm(node.node(1));
  for (size_t i = 3; i < node.length; ++i) arm(node.node(i));
  for (auto& [n, l] : arms) drop(at_, *n, all, l);
  live = all;
  walk(node.node(0), live);
}

void Liveness::collect_reads(const Node& node, LocalSet& reads, LocalSet& bound) const {
  check_stack();
  auto binds = [&](size_t i) { bound.add(static_cast<size_t>(node.number(i))); };
  size_t end = node.length;
  switch (node.op) {
    case NodeOp::local:
      reads.add(static_cast<size_t>(node.number(0)));
      return;
    case NodeOp::capture:
      if (captures_ > 0) reads.add(locals_ + static_cast<size_t>(node.number(0)));
      return;
    case NodeOp::let:
    case NodeOp::loop:
      for (size_t i = 1; i < node.length; i += 2) binds(i);
      break;
    case NodeOp::letfn:
      for (size_t i = 2 + static_cast<size_t>(node.number(1)); i < node.length; i += 2) binds(i);
      break;
    case NodeOp::protect:
      for (size_t i = 4; i < node.length; i += 3) binds(i + 1);
      break;
    case NodeOp::function:
      end = 4 + static_cast<size_t>(node.number(3));
      break;
    default:
      break;
  }
  for (size_t i = 0; i < end; ++i) {
    if (is<Node>(node.slots[i])) collect_reads(as<Node>(node.slots[i]), reads, bound);
  }
}

}  // namespace reops::lang
