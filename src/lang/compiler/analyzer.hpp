#pragma once
// Forms to resolved tree: macro expansion, names, special forms.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/compiler/node.hpp"
#include "lang/reader/position.hpp"

namespace reops::lang {

/// Analyses the forms of one top-level form. Not reused.
class Analyzer {
 public:
  Analyzer(const PositionTable* positions, std::shared_ptr<const Source> source);

  /// `form` as the body of a function without parameters: a `function` node.
  Ref analyze_top_level(Value form, Span around = {});
  /// Where the form stands in the source; unknown when a macro made it.
  Span span_of(Value form) const;

  /// One step of expansion with an empty environment.
  Ref expand_once(Value form);
  /// Expands until the head is no macro.
  Ref expand(Ref form);

 private:
  // Scopes. A Local lives in one arity; a reference from an inner function goes through captures, level by
  // level.
  struct Local {
    Ref symbol;
    int64_t index;
  };
  struct Group;  // of a letfn
  struct Function {
    Function* outer;
    Ref name;                   // Symbol of a named fn, or nil
    std::vector<Local> locals;  // visible now, innermost last
    int64_t next_local = 0;
    std::vector<Ref> captures;                                // source nodes, resolved in `outer`
    std::vector<std::pair<Function*, int64_t>> capture_keys;  // which local of which function each stands for
    Group* group = nullptr;
    std::string display_name;
    bool has_self() const { return !name.is_nil(); }
  };
  struct Group {
    Function* owner;  // function the letfn stands in
    std::vector<Ref> names;
    std::vector<Ref> captures;
    std::vector<std::pair<Function*, int64_t>> capture_keys;
  };
  // What the surrounding form allows and costs.
  struct Context {
    size_t recur_arity = k_no_recur;  // arguments a `recur` here takes
    bool in_try = false;              // a recur would have to cross a try
    uint32_t pressure = 0;            // registers in use, as the generator will count them
    std::string_view name_hint = {};  // what a function made here is called
    /// One more local is bound: in a register, or in a far slot.
    void bind() { pressure += pressure < k_near_locals ? 1 : 0; }
    Context value() const { return {k_no_recur, false, pressure, {}}; }
    Context deeper(uint32_t registers) const { return {k_no_recur, false, pressure + registers, {}}; }
  };
  static constexpr size_t k_no_recur = ~size_t{0};

  using Special = Ref (Analyzer::*)(Value form, std::span<const Ref> parts, const Context&);
  static Special special_form(std::string_view name);

  Ref analyze(Value form, const Context& c);
  Ref analyze_child(Value parent, size_t index, Value form, const Context& c);
  Ref analyze_argument(Value parent, size_t index, Value form, const Context& c, uint32_t depth);
  Ref analyze_symbol(Value symbol, const Context& c);
  Ref analyze_list(Value form, const Context& c);
  Ref analyze_call(Value form, std::span<const Ref> parts, const Context& c);
  Ref analyze_body(Value form, std::span<const Ref> parts, size_t from, const Context& c);
  Ref analyze_vector(Value form, const Context& c);
  Ref analyze_map(Value form, const Context& c);
  Ref analyze_set(Value form, const Context& c);
  Ref literal(NodeOp op, Value form, std::vector<Ref> items, const Context& c);
  Ref outline(Value form, const Context& c);

  Ref special_def(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_if(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_do(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_let(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_loop(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_recur(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_fn(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_letfn(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_quote(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_var(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_set(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_try(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_catch(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_throw(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_new(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_dot(Value form, std::span<const Ref> parts, const Context& c);
  Ref special_case(Value form, std::span<const Ref> parts, const Context& c);

  // Functions.
  Ref analyze_function(Value form, Value name, std::span<const Ref> methods, Group* group, bool once,
                       const Context& c);
  Ref analyze_arity(Function& f, Value method, bool& variadic, size_t& params);
  Ref function_node(Function& f, Value form, Value name, Ref arglists, int64_t flags,
                    std::span<const Ref> captures, std::vector<Ref> arities);
  Ref arglist_of(Value params);

  // Interop (interop.cpp).
  Ref native_call(std::string_view name, Span span, std::vector<Ref> arguments);
  Ref host_member(Value type, std::string_view member, Value symbol);

  // Names (scope.cpp).
  Ref local_reference(Value symbol);
  Ref reference_from(Function& f, Function* owner, int64_t index);
  bool find_local(Value symbol, Function*& owner, int64_t& index);
  int64_t bind(Value symbol);
  Value resolve_macro(Value head);
  Value resolve_name(Value symbol);
  static std::string hint_of_elsewhere(Value symbol, Value ns);
  std::string hint_of_misspelling(Value symbol, Value ns);
  Ref macro_environment();

  // Places and errors.
  Span here() const { return span_stack_.empty() ? Span{} : span_stack_.back(); }
  [[noreturn]] void fail(Span at, std::string_view type, std::string_view message,
                         std::string_view hint = {});
  Ref call_macro(Value macro, Value form);

  const PositionTable* positions_;
  std::shared_ptr<const Source> source_;
  Function* function_ = nullptr;
  std::vector<Span> span_stack_;
  std::vector<Ref> kept_;  // expansions stay alive while positions point at them by identity
  friend class PlaceScope;
};

}  // namespace reops::lang
