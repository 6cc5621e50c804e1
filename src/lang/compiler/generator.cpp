#include "lang/compiler/generator.hpp"

#include <algorithm>

#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

size_t movable_captures(const Node& function) {
  return function.number(2) & k_function_once ? static_cast<size_t>(function.number(3)) : 0;
}

// The instruction that ends a loop which begins with `head`.
Op loop_to(Op head) {
  switch (head) {
    case Op::jump_not_less:
      return Op::loop_less;
    case Op::jump_not_less_int:
      return Op::loop_less_int;
    case Op::jump_not_greater_int:
      return Op::loop_greater_int;
    case Op::jump_not_num_equal_int:
      return Op::loop_num_equal_int;
    default:
      return Op::loop;
  }
}

}  // namespace

bool writes_last(const Node& node) {
  switch (node.op) {
    case NodeOp::branch:
      return writes_last(node.node(1)) && writes_last(node.node(2));
    case NodeOp::let:
      return writes_last(node.node(0));
    case NodeOp::inlined:
      return writes_last(node.node(0));
    case NodeOp::block:
      return writes_last(node.node(node.length - 1));
    case NodeOp::loop:
    case NodeOp::letfn:
    case NodeOp::protect:
    case NodeOp::choose:
    case NodeOp::recur:
    case NodeOp::raise:
      return false;
    default:
      return true;
  }
}

Ref generate(Node& function, Value source, bool liveness) {
  size_t first_arity = 4 + static_cast<size_t>(function.number(3));
  std::vector<Ref> codes;
  uint16_t max_fixed = 0;
  for (size_t i = first_arity; i < function.length; ++i) {
    Generator g(function, function.node(i), source, liveness);
    codes.push_back(g.run());
    const Code& c = as<Code>(codes.back());
    if (!c.variadic) max_fixed = std::max<uint16_t>(max_fixed, c.params);
  }
  Proto* p = allocate<Proto>((max_fixed + 1u) * sizeof(Value));
  p->length = 5 + max_fixed + 1u;
  p->max_fixed = max_fixed;
  p->once = function.number(2) & k_function_once;
  p->is_macro = false;
  p->name = Ref(function.slots[0]).take();
  p->source = Ref(source).take();
  p->tree = Ref(Value::object(&function)).take();
  p->arglists = Ref(function.slots[1]).take();
  p->variadic = Value();
  for (size_t i = 0; i <= max_fixed; ++i) p->by_arity[i] = Value();
  for (Ref& code : codes) {
    const Code& c = as<Code>(code);
    (c.variadic ? p->variadic : p->by_arity[c.params]) = code.take();
  }
  return Ref::adopt(p);
}

Generator::Generator(Node& function, Node& arity, Value source, bool liveness)
    : function_(function),
      arity_(arity),
      source_(source),
      with_liveness_(liveness),
      liveness_(arity, movable_captures(function), liveness),
      places_(static_cast<size_t>(arity.number(3))) {}

Ref Generator::run() {
  bool variadic = arity_.slots[2].is_true();
  auto params = static_cast<size_t>(arity_.number(1));
  size_t slots = params + (variadic ? 1 : 0);
  LoopScope self{0, {}, slots};
  for (size_t i = 0; i < slots; ++i) {
    bind_register(static_cast<int64_t>(i));
    self.targets.push_back(static_cast<int64_t>(i));
  }
  loops_.push_back(std::move(self));
  need(std::max<Register>(next_, 1));
  at(arity_);
  Node& body = arity_.node(0);
  drops(liveness_.drops_at(body));
  tail(body);
  std::vector<Value> constants(constants_.begin(), constants_.end());
  CodeParts parts{};
  parts.constants = constants;
  parts.instructions = words_;
  parts.handlers = handlers_;
  parts.positions = positions_;
  parts.inlined_calls = inlined_calls_;
  parts.kills = kills_;
  parts.registers = static_cast<uint16_t>(far_high_ > 0 ? k_registers + far_high_ : high_);
  parts.params = static_cast<uint8_t>(params);
  parts.variadic = variadic;
  return make_code(parts);
}

// ---- values
// ------------------------------------------------------------------------------------------------------

void Generator::value(Node& node, Register to) { emit(node, Want::value, to); }

void Generator::effect(Node& node) {
  Register saved = next_;
  Register to = take();
  emit(node, Want::effect, to);
  next_ = saved;
}

void Generator::tail(Node& node) {
  Register saved = next_;
  Register to = take();
  emit(node, Want::tail, to);
  next_ = saved;
}

// What stands after a form whose value is now in `to`.
void Generator::finish(Want want, Register to) {
  if (want == Want::effect) word(Op::drop, to);
  if (want != Want::tail) return;
  // Without liveness the parameters (and whatever is still bound) are released only now.
  if (!with_liveness_) {
    for (size_t i = scope_.size(); i-- > 0;) drop_local(scope_[i]);
  }
  word(Op::leave, to);
}

void Generator::emit(Node& node, Want want, Register to) {
  check_stack();
  if (want == Want::effect && is_trivial(node)) {
    if (node.op == NodeOp::local && node.last_use) drop_local(node.number(0));
    return;
  }
  at(node);
  switch (node.op) {
    case NodeOp::branch:
      return emit_branch(node, want, to);
    case NodeOp::let:
      return emit_let(node, want, to);
    case NodeOp::inlined:
      return emit_inlined(node, want, to);
    case NodeOp::loop:
      return emit_loop(node, want, to);
    case NodeOp::recur:
      return emit_recur(node);
    case NodeOp::letfn:
      return emit_letfn(node, want, to);
    case NodeOp::protect:
      return emit_protect(node, want, to);
    case NodeOp::choose:
      return emit_choose(node, want, to);
    case NodeOp::block:
      for (size_t i = 0; i + 1 < node.length; ++i) effect(node.node(i));
      return emit(node.node(node.length - 1), want, to);
    case NodeOp::constant:
      emit_constant(node.slots[0], to);
      break;
    case NodeOp::local:
      if (Place place = places_[static_cast<size_t>(node.number(0))];
          want == Want::tail && node.last_use && !place.far) {
        word(Op::leave, place.index);
        return;
      }
      emit_local(node, to);
      break;
    case NodeOp::capture:
      word_wide(node.last_use ? Op::take_capture : Op::capture, to, static_cast<uint32_t>(node.number(0)));
      break;
    case NodeOp::self:
      word(Op::self, to);
      break;
    case NodeOp::sibling:
      word_wide(Op::sibling, to, static_cast<uint32_t>(node.number(0)));
      break;
    case NodeOp::var: {
      bool dynamic = as<Var>(node.slots[0]).dynamic;
      word_wide(dynamic ? Op::dynamic_var : Op::var, to, constant_index(node.slots[0]));
      break;
    }
    case NodeOp::function:
      emit_function(node, to);
      break;
    case NodeOp::call:
      if (intrinsic_of(node) == Intrinsic::chunk_append) {
        emit_chunk_append(node);
        if (want == Want::effect) return;
        word(Op::nil, to);
        break;
      }
      emit_call(node, to);
      break;
    case NodeOp::define:
      emit_define(node, to);
      break;
    case NodeOp::raise: {
      value(node.node(0), to);
      at(node);
      word(Op::throw_error, to);
      return;
    }
    case NodeOp::vector:
      emit_literal(node, Op::vector, to);
      break;
    case NodeOp::map:
      emit_literal(node, Op::map, to);
      break;
    case NodeOp::set:
      emit_literal(node, Op::set, to);
      break;
    case NodeOp::arity:
      break;
  }
  finish(want, to);
}

void Generator::emit_constant(Value v, Register to) {
  if (v.is_nil()) {
    word(Op::nil, to);
  } else if (v.is_true()) {
    word(Op::load_true, to);
  } else if (v.is_false()) {
    word(Op::load_false, to);
  } else if (v.is_fixnum() && v.as_fixnum() >= -32768 && v.as_fixnum() <= 32767) {
    word_wide(Op::load_int, to, static_cast<uint16_t>(v.as_fixnum()));
  } else {
    word_wide(Op::constant, to, constant_index(v));
  }
}

void Generator::emit_local(Node& node, Register to) {
  Place place = places_[static_cast<size_t>(node.number(0))];
  if (place.far) {
    word_wide(node.last_use ? Op::far_move : Op::far_copy, to, place.index);
  } else if (place.index != to) {
    word(node.last_use ? Op::move : Op::copy, to, place.index);
  }
}

void Generator::emit_function(Node& node, Register to) {
  auto n = static_cast<size_t>(node.number(3));
  Register saved = next_;
  Register window = window_for(to, std::max<size_t>(n, 1));
  fill_window(node, 4, 4 + n, window, false);
  Ref proto = generate(node, source_, with_liveness_);
  word(Op::closure, window, static_cast<uint32_t>(n));
  extra(constant_index(proto));
  if (window != to) word(Op::move, to, window);
  next_ = saved;
}

void Generator::emit_literal(Node& node, Op make, Register to) {
  Register saved = next_;
  size_t chunk = std::min<size_t>(node.length, k_literal_chunk);
  Register window = window_for(to, k_literal_chunk + 1);
  fill_window(node, 0, chunk, window, false);
  at(node);
  word(make, window, static_cast<uint32_t>(chunk));
  for (size_t from = chunk; from < node.length; from += k_literal_chunk) {
    size_t end = std::min<size_t>(from + k_literal_chunk, node.length);
    next_ = window + 1 + static_cast<Register>(k_literal_chunk);
    fill_window(node, from, end, window + 1, false);
    at(node);
    word(Op::append, window, static_cast<uint32_t>(end - from));
  }
  if (window != to) word(Op::move, to, window);
  next_ = saved;
}

void Generator::emit_define(Node& node, Register to) {
  Register saved = next_;
  Register window = window_for(to, 2);
  if (is<Node>(node.slots[1])) {
    value(node.node(1), window);
  } else {
    word_wide(Op::constant, window, constant_index(Value::none()));
  }
  value(node.node(2), window + 1);
  at(node);
  word_wide(Op::define, window, constant_index(node.slots[0]));
  if (window != to) word(Op::move, to, window);
  next_ = saved;
}

// ---- scopes
// ------------------------------------------------------------------------------------------------------

Generator::Register Generator::bind_register(int64_t local) {
  scope_.push_back(local);
  Place& place = places_[static_cast<size_t>(local)];
  if (next_ < k_near_locals) {
    place = {false, next_};
    Register reg = take();
    bound_ = next_;
    return reg;
  }
  place = {true, far_next_++};
  far_high_ = std::max(far_high_, far_next_);
  return 0;
}

void Generator::bind_all(Node& let) {
  for (size_t i = 1; i < let.length; i += 2) {
    int64_t local = let.number(i);
    if (with_liveness_ && liveness_.unused(local)) {
      effect(let.node(i + 1));
    } else {
      bind(local, let.node(i + 1));
    }
  }
}

void Generator::bind(int64_t local, Node& init) {
  Register to = take();
  value(init, to);
  next_ = to;
  bind_register(local);
  Place place = places_[static_cast<size_t>(local)];
  if (place.far) word_wide(Op::far_store, to, place.index);
}

void Generator::drop_local(int64_t local) {
  Place place = places_[static_cast<size_t>(local)];
  if (place.far) {
    word_wide(Op::far_drop, 0, place.index);
  } else {
    word(Op::drop, place.index);
  }
}

void Generator::drops(const std::vector<int64_t>& locals) {
  for (int64_t local : locals) drop_local(local);
}

// Ends the scope of the locals past `depth`. With liveness they are dead already.
void Generator::unbind(size_t depth) {
  if (with_liveness_) return;
  for (size_t i = scope_.size(); i-- > depth;) drop_local(scope_[i]);
}

// ---- emission
// ----------------------------------------------------------------------------------------------------

uint32_t Generator::word(Op op, uint32_t a, uint32_t b, uint32_t c) {
  last_op_ = pc();
  words_.push_back(static_cast<uint32_t>(op) | a << 8 | b << 16 | c << 24);
  kills_.push_back(0);
  return last_op_;
}

uint32_t Generator::word_wide(Op op, uint32_t a, uint32_t bx) {
  if (bx > 0xffff)
    throw_diagnostic(ErrorClass::compiler, "reops/function-too-large",
                     "This function has too many constants for one piece of code; split it");
  return word(op, a, bx & 255, bx >> 8);
}

void Generator::extra(uint32_t w) {
  words_.push_back(w);
  kills_.push_back(0);
}

void Generator::jump(Label& label) {
  label.jumps.push_back(pc());
  word(Op::jump);
}

// Where the loop that `end` ends has just counted register `counter`, the instruction that does both.
Op Generator::count_with(Op end, uint32_t counter) const {
  bool counts = last_op_ + 1 == pc() && target_ != pc() &&
                (words_[last_op_] & 0xffff) == (static_cast<uint32_t>(Op::add_int) | counter << 8);
  if (counts && end == Op::loop_less) return Op::count_less;
  if (counts && end == Op::loop_less_int) return Op::count_less_int;
  return end;
}

void Generator::jump_back(uint32_t start) {
  // A loop over an iterator: its test at the end, too, spares a jump in every round.
  if (start < words_.size() && (words_[start] & 255) == static_cast<uint32_t>(Op::step) &&
      !is_loop_variable(words_[start] >> 16 & 255)) {
    word(Op::loop_step);
    words_.back() |= words_[start] & 0xffffff00;
    extra(start + 2 - (pc() + 1));
  }
  Op op = start < words_.size() ? loop_to(static_cast<Op>(words_[start] & 255)) : Op::loop;
  Op counting = op == Op::loop ? op : count_with(op, words_[start] >> 8 & 255);
  if (counting != op) {
    words_[last_op_] = (words_[last_op_] & 0xffffff00) | static_cast<uint32_t>(counting);
    extra(start - (pc() + 1));
    return;
  }
  uint32_t offset = start - (pc() + 1);
  word(op);
  words_.back() |= offset << 8;
}

void Generator::jump_operand(Label& label) {
  label.jumps.push_back(pc());
  extra(0);
}

void Generator::place(Label& label) {
  target_ = pc();
  for (uint32_t at : label.jumps) {
    uint32_t offset = pc() - (at + 1);
    // A plain jump carries its offset in the word; any other has a word for it.
    if (words_[at] == static_cast<uint32_t>(Op::jump)) {
      words_[at] |= offset << 8;
    } else {
      words_[at] = offset;
    }
  }
}

uint32_t Generator::constant_index(Value v) {
  for (size_t i = 0; i < constants_.size(); ++i) {
    if (constants_[i].get() == v) return static_cast<uint32_t>(i);
  }
  constants_.emplace_back(v);
  return static_cast<uint32_t>(constants_.size() - 1);
}

void Generator::at(const Node& node) {
  if (!node.span.known() ||
      (node.span.line == span_.line && node.span.column == span_.column && !positions_.empty()))
    return;
  note_place(node.span);
}

void Generator::note_place(const Span& span) {
  span_ = span;
  CodePosition p{pc(), span_.line, span_.column, span_.end_line, span_.end_column};
  if (!positions_.empty() && positions_.back().pc == p.pc) {
    positions_.back() = p;
  } else {
    positions_.push_back(p);
  }
}

size_t Generator::begin_inlined(Node& node) {
  const Span& called = node.span;
  inlined_calls_.push_back({pc(), 0, constant_index(node.slots[1]), called.line, called.column,
                            called.end_line, called.end_column});
  // What follows is of another function, perhaps of another file.
  note_place(as<Node>(as<Proto>(node.slots[1]).tree).span);
  return inlined_calls_.size() - 1;
}

void Generator::end_inlined(size_t call) {
  InlinedCall& c = inlined_calls_[call];
  c.end = pc();
  note_place({c.line, c.column, c.end_line, c.end_column});
}

Generator::Register Generator::take() {
  need(next_ + 1);
  return next_++;
}

void Generator::need(Register end) {
  if (end > k_registers) {
    throw_diagnostic(
        ErrorClass::compiler, "reops/expression-too-large",
        "This expression is nested too deeply for one function; name its parts with let or functions");
  }
  high_ = std::max(high_, end);
}

}  // namespace reops::lang
