// The generator's calls and intrinsics.

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
      if (is_small_int(node.node(2))) {
        add_int(first, node.node(2).number(0));
      } else if (is_small_int(first)) {
        add_int(node.node(2), first.number(0));
      } else {
        binary(Op::add);
      }
      break;
    case Intrinsic::subtract:
      if (is_small_int(node.node(2))) {
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

}  // namespace reops::lang
