// The generator's control flow: branches, bindings, loops, error handlers, calls that are written out.

#include <algorithm>

#include "lang/collection/vector.hpp"
#include "lang/compiler/generator.hpp"

namespace reops::lang {

void Generator::emit_branch(Node& node, Want want, Register to) {
  Label otherwise, end;
  Register saved = next_;
  test(node.node(0), otherwise);
  next_ = saved;
  drops(liveness_.drops_at(node.node(1)));
  emit(node.node(1), want, to);
  if (want != Want::tail) jump(end);
  place(otherwise);
  next_ = saved;
  drops(liveness_.drops_at(node.node(2)));
  emit(node.node(2), want, to);
  place(end);
}

void Generator::emit_inlined(Node& node, Want want, Register to) {
  size_t call = begin_inlined(node);
  emit(node.node(0), want, to);
  end_inlined(call);
}

void Generator::emit_let(Node& node, Want want, Register to) {
  size_t depth = scope_.size();
  Register saved = next_, saved_bound = bound_;
  uint32_t saved_far = far_next_;
  bind_all(node);
  emit(node.node(0), want, to);
  if (want != Want::tail) unbind(depth);
  scope_.resize(depth);
  next_ = saved;
  bound_ = saved_bound;
  far_next_ = saved_far;
}

void Generator::emit_loop(Node& node, Want want, Register to) {
  size_t depth = scope_.size();
  Register saved = next_, saved_bound = bound_;
  uint32_t saved_far = far_next_;
  LoopScope loop;
  for (size_t i = 1; i < node.length; i += 2) {
    bind(node.number(i), node.node(i + 1));
    loop.targets.push_back(node.number(i));
  }
  loop.start = target_ = pc();
  loop.scope_depth = scope_.size();
  loops_.push_back(std::move(loop));
  drops(liveness_.drops_at(node.node(0)));
  emit(node.node(0), want, to);
  loops_.pop_back();
  if (want != Want::tail) unbind(depth);
  scope_.resize(depth);
  next_ = saved;
  bound_ = saved_bound;
  far_next_ = saved_far;
}

// Whether `reg` holds a variable of the innermost loop.
bool Generator::is_loop_variable(Register reg) const {
  const std::vector<int64_t>& targets = loops_.back().targets;
  return std::any_of(targets.begin(), targets.end(), [&](int64_t target) {
    Place place = places_[static_cast<size_t>(target)];
    return !place.far && place.index == reg;
  });
}

void Generator::emit_recur(Node& node) {
  const LoopScope loop = loops_.back();
  Register saved = next_;
  // Arguments whose target a later one still reads wait in temporaries; the others are computed in place.
  std::vector<size_t> order = recur_order(node, loop.targets);
  std::vector<std::pair<Register, int64_t>> waiting;
  for (size_t k = 0; k < order.size(); ++k) {
    Node& argument = node.node(order[k]);
    int64_t target = loop.targets[order[k]];
    Place place = places_[static_cast<size_t>(target)];
    bool read_later = false;
    for (size_t j = k + 1; j < order.size(); ++j) read_later |= reads_local(node.node(order[j]), target);
    if (with_liveness_ && !place.far && !read_later && writes_last(argument)) {
      value(argument, place.index);
    } else {
      Register temporary = take();
      value(argument, temporary);
      waiting.emplace_back(temporary, target);
    }
  }
  // Without liveness what the body has bound is still there, and so are the old values of the targets.
  if (!with_liveness_) {
    for (size_t i = scope_.size(); i-- > loop.scope_depth;) drop_local(scope_[i]);
  }
  for (auto [temporary, target] : waiting) {
    Place place = places_[static_cast<size_t>(target)];
    if (!with_liveness_) drop_local(target);
    if (place.far) {
      word_wide(Op::far_store, temporary, place.index);
    } else {
      word(Op::move, place.index, temporary);
    }
  }
  next_ = saved;
  jump_back(loop.start);
}

void Generator::emit_letfn(Node& node, Want want, Register to) {
  auto n = static_cast<size_t>(node.number(1));
  size_t depth = scope_.size();
  Register saved = next_, saved_bound = bound_;
  uint32_t saved_far = far_next_;
  std::vector<Ref> protos;
  for (size_t i = 2 + n; i < node.length; i += 2)
    protos.push_back(generate(node.node(i + 1), source_, with_liveness_));
  std::vector<Value> row(protos.begin(), protos.end());
  Ref group = make_vector(row);
  for (size_t i = 2 + n, k = 0; i < node.length; i += 2, ++k) {
    int64_t local = node.number(i);
    Register window = next_;
    need(window + static_cast<Register>(n) + 1);
    next_ = window + static_cast<Register>(n) + 1;
    for (size_t s = 0; s < n; ++s) value(node.node(2 + s), window + static_cast<Register>(s));
    word_wide(Op::constant, window + static_cast<Register>(n), constant_index(group));
    word(Op::closure, window, static_cast<uint32_t>(n) + 1);
    extra(constant_index(protos[k]));
    next_ = window;
    Register reg = bind_register(local);
    Place place = places_[static_cast<size_t>(local)];
    if (place.far) {
      word_wide(Op::far_store, window, place.index);
    } else if (reg != window) {
      word(Op::move, reg, window);
    }
    if (with_liveness_ && liveness_.unused(local)) drop_local(local);
  }
  drops(liveness_.drops_after(node));
  emit(node.node(0), want, to);
  if (want != Want::tail) unbind(depth);
  scope_.resize(depth);
  next_ = saved;
  bound_ = saved_bound;
  far_next_ = saved_far;
}

void Generator::emit_protect(Node& node, Want want, Register to) {
  bool has_finally = is<Node>(node.slots[1]);
  size_t depth = scope_.size();
  Register saved = next_, saved_bound = bound_;
  uint32_t saved_far = far_next_;
  Label end;
  Register error = take();
  auto protect = [&](uint32_t start, uint32_t stop, uint32_t target) {
    if (start == stop) return;
    handlers_.push_back(
        {start, stop, target, static_cast<uint16_t>(error), static_cast<uint16_t>(saved_far)});
  };
  auto run_finally = [&](size_t slot) {
    if (has_finally) effect(node.node(slot));
  };

  uint32_t body_start = pc();
  value(node.node(0), to);
  uint32_t body_end = pc();
  drops(liveness_.drops_after(node));
  run_finally(1);
  jump(end);

  protect(body_start, body_end, pc());
  std::vector<std::pair<uint32_t, uint32_t>> clauses;
  for (size_t i = 4; i < node.length; i += 3) {
    Label next_clause;
    int64_t local = node.number(i + 1);
    Node& handler = node.node(i + 2);
    at(handler);
    uint32_t clause_start = pc();
    word_wide(Op::catches, error, constant_index(node.slots[i]));
    jump_operand(next_clause);
    word(Op::drop, to);
    drops(liveness_.drops_at(handler));
    places_[static_cast<size_t>(local)] = {false, error};
    scope_.push_back(local);
    Register bound_before = bound_;
    bound_ = error + 1;
    if (with_liveness_ && liveness_.unused(local)) drop_local(local);
    value(handler, to);
    drops(liveness_.drops_after(handler));
    unbind(depth);
    scope_.resize(depth);
    bound_ = bound_before;
    clauses.emplace_back(clause_start, pc());
    run_finally(1);
    jump(end);
    place(next_clause);
  }
  if (has_finally) {
    // No clause took it, or a clause failed itself. (A finally that fails is not run again.)
    for (auto [start, stop] : clauses) protect(start, stop, pc());
    word(Op::drop, to);
    drops(liveness_.drops_at(node.node(2)));
    Register bound_before = bound_;
    bound_ = error + 1;
    effect(node.node(2));
    bound_ = bound_before;
  }
  word(Op::throw_error, error);
  place(end);
  next_ = saved;
  bound_ = saved_bound;
  far_next_ = saved_far;
  if (want != Want::value) finish(want, to);
}

void Generator::emit_choose(Node& node, Want want, Register to) {
  Register saved = next_;
  Operand key = operand(node.node(0));
  next_ = saved;
  size_t arms = node.length - 3;
  at(node);
  word_wide(Op::switch_on, key.reg, constant_index(node.slots[2]));
  if (key.dies) kills(1);
  extra(static_cast<uint32_t>(arms));
  std::vector<Label> labels(arms + 1);
  uint32_t table = pc();
  for (size_t i = 0; i <= arms; ++i) extra(0);
  Label end;
  for (size_t i = 0; i <= arms; ++i) {
    Node& arm = node.node(i == arms ? 1 : 3 + i);
    // Offsets count from the end of the table.
    words_[table + i] = pc() - (table + static_cast<uint32_t>(arms) + 1);
    drops(liveness_.drops_at(arm));
    emit(arm, want, to);
    next_ = saved;
    if (want != Want::tail && i != arms) jump(end);
  }
  place(end);
}

}  // namespace reops::lang
