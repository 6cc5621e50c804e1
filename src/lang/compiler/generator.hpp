#pragma once
// Resolved tree to register bytecode.
//
// Registers are handed out like a stack: locals and temporaries in order of nesting, windows of calls on top.
// A local beyond the first 160 lives in a far slot of the frame and is fetched when it is used; what is
// nested deeper than the 256 registers that instructions can name has been given a function of its own by the
// analyser.

#include <vector>

#include "lang/compiler/intrinsics.hpp"
#include "lang/compiler/liveness.hpp"
#include "lang/compiler/node.hpp"
#include "lang/vm/code.hpp"

namespace reops::lang {

/// True when the code of `node` writes its result register only after it has read all it reads, so that the
/// register may still hold a local that the node uses.
bool writes_last(const Node& node);

/// The prototype of a `function` node. `source` is the name of the file (a String, or nil).
Ref generate(Node& function, Value source, bool liveness);

/// Generates one arity.
class Generator {
 public:
  Generator(Node& function, Node& arity, Value source, bool liveness);
  Ref run();

 private:
  using Register = uint32_t;
  static constexpr Register k_registers = 256;

  struct Place {
    bool far = false;
    uint32_t index = 0;
  };
  struct Operand {
    Register reg;
    bool dies;
  };
  struct Label {
    std::vector<uint32_t> jumps;  // words that hold an offset to this label
  };
  struct LoopScope {
    uint32_t start;
    std::vector<int64_t> targets;
    size_t scope_depth;
  };

  // Values: `value` leaves the node's value, owned, in register `to`; `effect` leaves nothing; `tail` returns
  // it.
  void value(Node& node, Register to);
  void effect(Node& node);
  void tail(Node& node);
  /// How `value`, `effect` and `tail` share code: where the result of a form with inner control flow goes.
  enum class Want { value, effect, tail };
  void emit(Node& node, Want want, Register to);
  void finish(Want want, Register to);

  void emit_branch(Node& node, Want want, Register to);
  void emit_inlined(Node& node, Want want, Register to);
  void emit_let(Node& node, Want want, Register to);
  void emit_loop(Node& node, Want want, Register to);
  void emit_recur(Node& node);
  bool is_loop_variable(Register reg) const;
  void emit_letfn(Node& node, Want want, Register to);
  void emit_protect(Node& node, Want want, Register to);
  void emit_choose(Node& node, Want want, Register to);
  void emit_call(Node& node, Register to);
  void emit_intrinsic(Node& node, Intrinsic intrinsic, Register to);
  void emit_chunk_append(Node& node);
  void emit_boolean(Node& node, Register to);
  void emit_function(Node& node, Register to);
  void emit_literal(Node& node, Op make, Register to);
  void emit_define(Node& node, Register to);
  void emit_constant(Value value, Register to);
  void emit_local(Node& node, Register to);

  /// Jumps to `otherwise` when the test does not hold, falls through when it does.
  void test(Node& node, Label& otherwise);
  void test_within(Node& node, Label& otherwise);
  bool test_intrinsic(Node& node, Label& otherwise);

  /// A register to read `node` from: a local's own, or a fresh temporary.
  Operand operand(Node& node);
  /// Both operands of an instruction; what is trivial is fetched last.
  std::pair<Operand, Operand> operands(Node& a, Node& b);

  /// Fills the window at `window` with nodes [from, end); returns the mask of those only lent (when `lend`).
  uint8_t fill_window(Node& node, size_t from, size_t end, Register window, bool lend);
  /// True when a later argument moves away what argument `at` (a local or a capture) reads.
  bool moved_later(Node& node, size_t at, size_t end) const;
  Register window_for(Register to, size_t size);
  Register window_over_locals(Node& call, Register to) const;

  // Scopes.
  void bind_all(Node& let);
  void bind(int64_t local, Node& init);
  Register bind_register(int64_t local);
  void unbind(size_t depth);
  void drop_local(int64_t local);
  void drops(const std::vector<int64_t>& locals);

  // Emission.
  uint32_t word(Op op, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0);
  uint32_t word_wide(Op op, uint32_t a, uint32_t bx);
  void extra(uint32_t w);
  void kills(uint8_t bits) { kills_[last_op_] = bits; }
  void jump(Label& label);
  Op count_with(Op end, uint32_t counter) const;
  void jump_back(uint32_t start);
  void place(Label& label);
  void jump_operand(Label& label);
  uint32_t constant_index(Value v);
  void at(const Node& node);
  void note_place(const Span& span);
  /// The code made between the two stands for the call that `node`, an `inlined`, was.
  size_t begin_inlined(Node& node);
  void end_inlined(size_t call);
  Register take();
  void need(Register end);
  uint32_t pc() const { return static_cast<uint32_t>(words_.size()); }

  Node& function_;
  Node& arity_;
  Value source_;
  bool with_liveness_;
  Liveness liveness_;

  std::vector<Place> places_;
  std::vector<int64_t> scope_;  // locals bound now, innermost last
  Register next_ = 0;
  Register bound_ = 0;  // registers below hold locals
  Register high_ = 0;
  uint32_t far_next_ = 0, far_high_ = 0;
  std::vector<LoopScope> loops_;

  std::vector<uint32_t> words_;
  std::vector<uint8_t> kills_;
  uint32_t last_op_ = 0;
  uint32_t target_ = 0;  // the last place that a jump may lead to
  std::vector<Ref> constants_;
  std::vector<Handler> handlers_;
  std::vector<CodePosition> positions_;
  std::vector<InlinedCall> inlined_calls_;
  Span span_;
};

}  // namespace reops::lang
