// The generator's tests: as jumps, and as booleans.

#include "lang/compiler/generator.hpp"

namespace reops::lang {

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
    if (is_small_int(b)) {
      with_int(swapped ? swapped_int : op_int, a, b.number(0));
    } else if (is_small_int(a)) {
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
