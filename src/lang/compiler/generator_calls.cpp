// The generator's calls, intrinsics and tests.

#include "lang/builtin/native.hpp"
#include "lang/compiler/generator.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

// True when `local` is read for the last time while `node` is evaluated.
bool ends_local(const Node& node, int64_t local) {
  if (node.op == NodeOp::local) return node.last_use && node.number(0) == local;
  size_t end = node.op == NodeOp::function ? 4 + static_cast<size_t>(node.number(3)) : node.length;
  for (size_t i = 0; i < end; ++i) {
    if (is<Node>(node.slots[i]) && ends_local(as<Node>(node.slots[i]), local)) return true;
  }
  return false;
}

bool small_int(const Node& n) {
  return n.op == NodeOp::constant && n.slots[0].is_fixnum() && n.number(0) >= -127 && n.number(0) <= 127;
}

}  // namespace

Generator::Operand Generator::operand(Node& node) {
  if (node.op == NodeOp::local) {
    Place place = places_[static_cast<size_t>(node.number(0))];
    if (!place.far) return {place.index, node.last_use};
  }
  Register to = take();
  value(node, to);
  return {to, true};
}

std::pair<Generator::Operand, Generator::Operand> Generator::operands(Node& a, Node& b) {
  Operand x{}, y{};
  if (!is_trivial(a)) x = operand(a);
  if (!is_trivial(b)) y = operand(b);
  if (is_trivial(a)) x = operand(a);
  if (is_trivial(b)) y = operand(b);
  return {x, y};
}

// The window of a call that is to leave its result in `to`: there, when `to` is a temporary on top of all
// others (then nothing has to be moved afterwards), else above.
Generator::Register Generator::window_for(Register to, size_t size) {
  Register window = to + 1 == next_ && to >= bound_ ? to : next_;
  need(window + static_cast<Register>(size));
  next_ = window + static_cast<Register>(size);
  return window;
}

// A call's window may begin at a bound local when that one and all above it end as arguments, each in its own
// place: then they need not be moved there. Returns where, or the first register after the bound ones.
Generator::Register Generator::window_over_locals(Node& call, Register to) const {
  auto count = static_cast<Register>(call.length - 1);
  bool nothing_above = next_ == bound_ || (next_ == bound_ + 1 && to == bound_);
  if (!with_liveness_ || !nothing_above) return bound_;
  auto ends_in_place = [&](Register reg, Node& argument) {
    for (int64_t local : scope_) {
      Place place = places_[static_cast<size_t>(local)];
      if (place.far || place.index != reg) continue;
      if (is_trivial(argument)) return ends_local(argument, local);
      return writes_last(argument) && ends_local(argument, local);
    }
    return false;
  };
  for (Register start = bound_ > count ? bound_ - count : 0; start < bound_; ++start) {
    Register reg = start;
    while (reg < bound_ && ends_in_place(reg, call.node(1 + reg - start))) ++reg;
    if (reg == bound_) return start;
  }
  return bound_;
}

bool Generator::moved_later(Node& node, size_t at, size_t end) const {
  const Node& read = node.node(at);
  for (size_t i = at + 1; i < end; ++i) {
    const Node& n = node.node(i);
    if (n.op == read.op && n.number(0) == read.number(0) && n.last_use) return true;
  }
  return false;
}

uint8_t Generator::fill_window(Node& node, size_t from, size_t end, Register window, bool lend) {
  auto slot = [&](size_t i) { return window + static_cast<Register>(i - from); };
  uint8_t lent = 0;
  auto lent_here = [&](size_t i) { lent = static_cast<uint8_t>(lent | 1u << (i - from)); };
  // A lent slot must not outlive any instruction that can fail, as reading a var can: only what nothing is
  // evaluated after may be lent.
  size_t last_evaluated = end;
  for (size_t i = from; i < end; ++i) {
    if (!is_trivial(node.node(i))) last_evaluated = i;
  }
  for (size_t i = from; i < end; ++i) {
    Node& n = node.node(i);
    if (is_trivial(n)) continue;
    if (lend && i == last_evaluated && i - from < 8 && n.op == NodeOp::var && !as<Var>(n.slots[0]).dynamic) {
      word_wide(Op::lend_var, slot(i), constant_index(n.slots[0]));
      lent_here(i);
    } else {
      value(n, slot(i));
    }
  }
  for (size_t i = from; i < end; ++i) {
    Node& n = node.node(i);
    if (!is_trivial(n)) continue;
    bool may_lend = lend && i - from < 8;
    switch (n.op) {
      case NodeOp::local: {
        Place place = places_[static_cast<size_t>(n.number(0))];
        // A value that a later argument moves away must be held here too, or a native could update it under
        // our eyes.
        if (may_lend && !place.far && !n.last_use && !moved_later(node, i, end)) {
          word(Op::lend, slot(i), place.index);
          lent_here(i);
        } else {
          value(n, slot(i));
        }
        break;
      }
      case NodeOp::constant:
        if (may_lend && n.slots[0].is_object()) {
          word_wide(Op::lend_constant, slot(i), constant_index(n.slots[0]));
          lent_here(i);
        } else {
          value(n, slot(i));
        }
        break;
      case NodeOp::capture:
        if (may_lend && !n.last_use && !moved_later(node, i, end)) {
          word_wide(Op::lend_capture, slot(i), static_cast<uint32_t>(n.number(0)));
          lent_here(i);
        } else {
          value(n, slot(i));
        }
        break;
      case NodeOp::self:
        if (may_lend) {
          word(Op::lend_self, slot(i));
          lent_here(i);
        } else {
          value(n, slot(i));
        }
        break;
      default:
        value(n, slot(i));
        break;
    }
  }
  return lent;
}

void Generator::emit_call(Node& node, Register to) {
  if (Intrinsic intrinsic = intrinsic_of(node); intrinsic != Intrinsic::none)
    return emit_intrinsic(node, intrinsic, to);
  Register saved = next_;
  Node& callee = node.node(0);
  auto n = static_cast<Register>(node.length - 1);
  bool dynamic = callee.op == NodeOp::var && as<Var>(callee.slots[0]).dynamic;
  // Frames of functions called from here would lie over the slots of far locals, so these calls run above the
  // frame.
  bool above = far_next_ > 0;
  bool computed =
      dynamic || (callee.op != NodeOp::var && !is_trivial(callee)) || (above && callee.op != NodeOp::local);
  Operand function{};
  Register window = 0;
  // A computed callee waits in a temporary below the window.
  if (computed) {
    function = {take(), true};
    if (callee.op == NodeOp::capture) {
      // The arguments may read it too: it is not moved.
      word_wide(Op::capture, function.reg, static_cast<uint32_t>(callee.number(0)));
    } else {
      value(callee, function.reg);
    }
    window = next_;
  } else if (Register start = window_over_locals(node, to); start < bound_) {
    window = start;
    next_ = std::max(bound_, window + n);
    if (callee.op == NodeOp::local)
      function = {places_[static_cast<size_t>(callee.number(0))].index, callee.last_use};
  } else {
    if (callee.op == NodeOp::local) {
      Place place = places_[static_cast<size_t>(callee.number(0))];
      if (place.far) {
        // Liveness has it read by the call itself, after the arguments: until then its slot keeps it.
        function = {take(), true};
        word_wide(Op::far_copy, function.reg, place.index);
      } else {
        function = {place.index, callee.last_use};
      }
    }
    window = window_for(to, std::max<size_t>(n, 1));
  }
  need(std::max(next_, window + std::max<Register>(n, 1)));
  next_ = std::max(next_, window + std::max<Register>(n, 1));
  // A function takes a count at once of what it is lent: then it may as well be given one. What is called in
  // a local or a capture mostly is a function, and so is what a protocol finds; natives are called by their
  // vars.
  bool lend = callee.op == NodeOp::constant && is<Native>(callee.slots[0]);
  if (callee.op == NodeOp::var) {
    Value root = as<Var>(callee.slots[0]).load_root();
    lend = !is<Function>(root) && !is<ProtocolFn>(root);
  }
  uint8_t lent = fill_window(node, 1, node.length, window, lend);
  at(node);
  bool in_register = computed || callee.op == NodeOp::local;
  // The callee's register is let go of after the call, so the result cannot be left there.
  Register target = in_register && function.dies && function.reg == to ? window : to;
  auto call = [&](Op op, uint32_t what) {
    if (what > 0xffffff)
      throw_diagnostic(ErrorClass::compiler, "reops/function-too-large",
                       "This function has too many constants for one piece of code; split it");
    word(op, window, n, lent);
    extra(what | target << 24);
  };
  if (in_register) {
    call(above ? Op::call_above : Op::call_register, function.reg);
    if (function.dies) word(Op::drop, function.reg);
    if (callee.op == NodeOp::local && callee.last_use) {
      if (Place place = places_[static_cast<size_t>(callee.number(0))]; place.far)
        word_wide(Op::far_drop, 0, place.index);
    }
  } else {
    switch (callee.op) {
      case NodeOp::var:
        call(Op::call_var, constant_index(callee.slots[0]));
        break;
      case NodeOp::capture:
        call(Op::call_capture, static_cast<uint32_t>(callee.number(0)));
        break;
      case NodeOp::self:
        call(Op::call_self, 0);
        break;
      default:
        call(Op::call_constant, constant_index(callee.slots[0]));
        break;
    }
  }
  if (target != to) word(Op::move, to, target);
  next_ = saved;
}

void Generator::emit_intrinsic(Node& node, Intrinsic intrinsic, Register to) {
  if (intrinsic >= Intrinsic::less) return emit_boolean(node, to);
  Register saved = next_;
  Node& first = node.node(1);
  auto unary = [&](Op op, uint32_t c = 0) {
    Operand x = operand(first);
    at(node);
    word(op, to, x.reg, c);
    if (x.dies) kills(2);
  };
  auto binary = [&](Op op) {
    auto [x, y] = operands(first, node.node(2));
    at(node);
    word(op, to, x.reg, y.reg);
    kills(static_cast<uint8_t>((x.dies ? 2 : 0) | (y.dies ? 4 : 0)));
  };
  auto add_int = [&](Node& x_node, int64_t i) {
    Operand x = operand(x_node);
    at(node);
    word(Op::add_int, to, x.reg, static_cast<uint8_t>(i));
    if (x.dies) kills(2);
  };
  auto get_constant = [&](Value key) {
    Operand x = operand(first);
    at(node);
    word(Op::get_constant, to, x.reg);
    if (x.dies) kills(2);
    extra(constant_index(key));
  };
  switch (intrinsic) {
    case Intrinsic::add:
      if (small_int(node.node(2))) {
        add_int(first, node.node(2).number(0));
      } else if (small_int(first)) {
        add_int(node.node(2), first.number(0));
      } else {
        binary(Op::add);
      }
      break;
    case Intrinsic::subtract:
      if (small_int(node.node(2))) {
        add_int(first, -node.node(2).number(0));
      } else {
        binary(Op::subtract);
      }
      break;
    case Intrinsic::multiply:
      binary(Op::multiply);
      break;
    case Intrinsic::quotient:
      binary(Op::quotient);
      break;
    case Intrinsic::remainder:
      binary(Op::remainder);
      break;
    case Intrinsic::modulo:
      binary(Op::modulo);
      break;
    case Intrinsic::increment:
      add_int(first, 1);
      break;
    case Intrinsic::decrement:
      add_int(first, -1);
      break;
    case Intrinsic::get:
      if (node.node(2).op == NodeOp::constant) {
        get_constant(node.node(2).slots[0]);
      } else {
        binary(Op::get);
      }
      break;
    case Intrinsic::get_keyword:
      get_constant(node.node(0).slots[0]);
      break;
    case Intrinsic::nth:
      binary(Op::nth);
      break;
    case Intrinsic::element: {
      Operand x = operand(first);
      at(node);
      // Right after the test whether there is one: both in one instruction.
      if (!x.dies && last_op_ + 2 == pc() && target_ != pc() && kills_[last_op_] == 0 &&
          words_[last_op_] == (static_cast<uint32_t>(Op::jump_exhausted) | x.reg << 8)) {
        words_[last_op_] = static_cast<uint32_t>(Op::step) | to << 8 | x.reg << 16;
        break;
      }
      word(Op::element, to, x.reg);
      if (x.dies) kills(2);
      break;
    }
    case Intrinsic::conj: {
      auto [coll, item] = operands(first, node.node(2));
      if (!coll.dies) {
        Register copied = take();
        word(Op::copy, copied, coll.reg);
        coll.reg = copied;
      }
      at(node);
      word(Op::conj, to, coll.reg, item.reg);
      if (item.dies) kills(4);
      break;
    }
    case Intrinsic::first:
      unary(Op::first);
      break;
    case Intrinsic::next:
      unary(Op::next);
      break;
    case Intrinsic::rest:
      unary(Op::rest);
      break;
    case Intrinsic::seq:
      unary(Op::seq);
      break;
    case Intrinsic::field:
      unary(Op::field, static_cast<uint32_t>(node.node(2).number(0)));
      break;
    default:
      break;
  }
  next_ = saved;
}

void Generator::emit_chunk_append(Node& node) {
  Register saved = next_;
  auto [chunk, item] = operands(node.node(1), node.node(2));
  bool itself = chunk.reg == item.reg;
  at(node);
  word(Op::chunk_append, chunk.reg, item.reg);
  if (item.dies && !itself) kills(2);
  if (chunk.dies || (item.dies && itself)) word(Op::drop, chunk.reg);
  next_ = saved;
}

// A test whose answer is wanted as a value.
void Generator::emit_boolean(Node& node, Register to) {
  Register saved = next_;
  auto binary = [&](Op op, bool swapped = false) {
    auto [x, y] = operands(node.node(1), node.node(2));
    if (swapped) std::swap(x, y);
    at(node);
    word(op, to, x.reg, y.reg);
    kills(static_cast<uint8_t>((x.dies ? 2 : 0) | (y.dies ? 4 : 0)));
  };
  auto unary = [&](Op op) {
    Operand x = operand(node.node(1));
    at(node);
    word(op, to, x.reg);
    if (x.dies) kills(2);
  };
  auto with_int = [&](Op op, Node& x_node, int64_t i) {
    Operand x = operand(x_node);
    at(node);
    word(op, to, x.reg, static_cast<uint8_t>(i));
    if (x.dies) kills(2);
  };
  auto compare = [&](Op op, Op op_int, Op swapped_int, bool swapped = false) {
    Node& a = node.node(1);
    Node& b = node.node(2);
    if (small_int(b)) {
      with_int(swapped ? swapped_int : op_int, a, b.number(0));
    } else if (small_int(a)) {
      with_int(swapped ? op_int : swapped_int, b, a.number(0));
    } else {
      binary(op, swapped);
    }
  };
  switch (intrinsic_of(node)) {
    case Intrinsic::less:
      compare(Op::less, Op::less_int, Op::greater_int);
      break;
    case Intrinsic::greater:
      compare(Op::less, Op::less_int, Op::greater_int, true);
      break;
    case Intrinsic::less_equal:
      binary(Op::less_equal);
      break;
    case Intrinsic::greater_equal:
      binary(Op::less_equal, true);
      break;
    case Intrinsic::num_equal:
      compare(Op::num_equal, Op::num_equal_int, Op::num_equal_int);
      break;
    case Intrinsic::is_zero:
      with_int(Op::num_equal_int, node.node(1), 0);
      break;
    case Intrinsic::is_positive:
      with_int(Op::greater_int, node.node(1), 0);
      break;
    case Intrinsic::is_negative:
      with_int(Op::less_int, node.node(1), 0);
      break;
    case Intrinsic::equal:
      binary(Op::equal);
      break;
    case Intrinsic::identical:
      binary(Op::identical);
      break;
    case Intrinsic::is_nil:
      unary(Op::is_nil);
      break;
    case Intrinsic::logical_not:
      unary(Op::logical_not);
      break;
    default: {
      // some?, reduced? and so on: as a jump over true or false.
      Label otherwise, end;
      test(node, otherwise);
      word(Op::load_true, to);
      jump(end);
      place(otherwise);
      word(Op::load_false, to);
      place(end);
      break;
    }
  }
  next_ = saved;
}

void Generator::test(Node& node, Label& otherwise) {
  at(node);
  Register saved = next_;
  if (node.op == NodeOp::constant) {
    if (!node.slots[0].truthy()) jump(otherwise);
    return;
  }
  if (node.op == NodeOp::inlined || (node.op == NodeOp::let && with_liveness_))
    return test_within(node, otherwise);
  if (node.op == NodeOp::call && test_intrinsic(node, otherwise)) {
    next_ = saved;
    return;
  }
  Operand x = operand(node);
  word(Op::jump_false, x.reg);
  if (x.dies) kills(1);
  jump_operand(otherwise);
  next_ = saved;
}

// The test is what a let or a call that is written out comes to. (What a let binds has ended with its body.)
void Generator::test_within(Node& node, Label& otherwise) {
  if (node.op == NodeOp::inlined) {
    size_t call = begin_inlined(node);
    test(node.node(0), otherwise);
    return end_inlined(call);
  }
  size_t depth = scope_.size();
  Register saved = next_, saved_bound = bound_;
  uint32_t saved_far = far_next_;
  bind_all(node);
  test(node.node(0), otherwise);
  scope_.resize(depth);
  next_ = saved;
  bound_ = saved_bound;
  far_next_ = saved_far;
}

bool Generator::test_intrinsic(Node& node, Label& otherwise) {
  auto wide_int = [](const Node& n) {
    return n.op == NodeOp::constant && n.slots[0].is_fixnum() && n.number(0) >= INT32_MIN &&
           n.number(0) <= INT32_MAX;
  };
  auto compare = [&](Op op, bool swapped = false) {
    auto [x, y] = operands(node.node(1), node.node(2));
    if (swapped) std::swap(x, y);
    at(node);
    word(op, x.reg, y.reg);
    kills(static_cast<uint8_t>((x.dies ? 1 : 0) | (y.dies ? 2 : 0)));
    jump_operand(otherwise);
  };
  auto compare_int = [&](Op op, Node& a, int64_t i) {
    Operand x = operand(a);
    at(node);
    word(op, x.reg);
    if (x.dies) kills(1);
    extra(static_cast<uint32_t>(static_cast<int32_t>(i)));
    jump_operand(otherwise);
  };
  auto jump_if = [&](Op op) {
    Operand x = operand(node.node(1));
    at(node);
    word(op, x.reg);
    if (x.dies) kills(1);
    jump_operand(otherwise);
  };
  auto less = [&](bool swapped) {
    Node& a = node.node(swapped ? 2 : 1);
    Node& b = node.node(swapped ? 1 : 2);
    if (wide_int(b)) {
      compare_int(Op::jump_not_less_int, a, b.number(0));
    } else if (wide_int(a)) {
      compare_int(Op::jump_not_greater_int, b, a.number(0));
    } else {
      compare(Op::jump_not_less, swapped);
    }
  };
  auto num_equal = [&] {
    Node& a = node.node(1);
    Node& b = node.node(2);
    if (wide_int(b)) {
      compare_int(Op::jump_not_num_equal_int, a, b.number(0));
    } else if (wide_int(a)) {
      compare_int(Op::jump_not_num_equal_int, b, a.number(0));
    } else {
      compare(Op::jump_not_num_equal);
    }
  };
  switch (intrinsic_of(node)) {
    case Intrinsic::less:
      less(false);
      return true;
    case Intrinsic::greater:
      less(true);
      return true;
    case Intrinsic::less_equal:
      compare(Op::jump_not_less_equal);
      return true;
    case Intrinsic::greater_equal:
      compare(Op::jump_not_less_equal, true);
      return true;
    case Intrinsic::num_equal:
      num_equal();
      return true;
    case Intrinsic::equal:
      compare(Op::jump_not_equal);
      return true;
    case Intrinsic::is_zero:
      compare_int(Op::jump_not_num_equal_int, node.node(1), 0);
      return true;
    case Intrinsic::is_positive:
      compare_int(Op::jump_not_greater_int, node.node(1), 0);
      return true;
    case Intrinsic::is_negative:
      compare_int(Op::jump_not_less_int, node.node(1), 0);
      return true;
    case Intrinsic::iterator_step:
      jump_if(Op::jump_exhausted);
      return true;
    case Intrinsic::is_reduced:
      jump_if(Op::jump_not_reduced);
      return true;
    case Intrinsic::is_nil:
      jump_if(Op::jump_not_nil);
      return true;
    case Intrinsic::is_some:
      jump_if(Op::jump_nil);
      return true;
    case Intrinsic::logical_not: {
      Label holds;
      test(node.node(1), holds);
      jump(otherwise);
      place(holds);
      return true;
    }
    default:
      return false;
  }
}

}  // namespace reops::lang
