#include "lang/compiler/analyzer.hpp"

#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/compiler/forms.hpp"
#include "lang/compiler/place_scope.hpp"
#include "lang/compiler/unchecked_math.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

// Calls with more arguments, and expressions nested deeper than these, are compiled in another shape: the
// frame has 256 registers that instructions can name, and the generator's locals take up to 160 of them
// (generator.hpp).
constexpr size_t k_most_arguments = 24;
constexpr uint32_t k_most_pressure = 200;

bool is_constant(const Ref& node) { return as<Node>(node).op == NodeOp::constant; }

Ref constant(Span span, Ref value) {
  std::vector<Ref> slots;
  slots.push_back(std::move(value));
  return make_node(NodeOp::constant, span, std::move(slots));
}

}  // namespace

Analyzer::Analyzer(const PositionTable* positions, std::shared_ptr<const Source> source)
    : positions_(positions), source_(std::move(source)) {}

Ref Analyzer::analyze_top_level(Value form, Span around) {
  PlaceScope outer(*this, around);
  PlaceScope place(*this, span_of(form));
  Function f{};
  f.outer = nullptr;
  f.display_name = "eval";
  function_ = &f;
  Context c;
  c.pressure = 1;
  Ref body = analyze(form, c);
  Span span = as<Node>(body).span;
  std::vector<Ref> arity;
  arity.push_back(std::move(body));
  arity.push_back(node_number(0));
  arity.push_back(boolean(false));
  arity.push_back(node_number(f.next_local));
  std::vector<Ref> arities;
  arities.push_back(make_node(NodeOp::arity, span, std::move(arity)));
  Ref node = function_node(f, form, Value::nil(), nil(), 0, {}, std::move(arities));
  function_ = nullptr;
  return node;
}

Span Analyzer::span_of(Value form) const { return positions_ ? positions_->of(form) : Span{}; }

void Analyzer::fail(Span at, std::string_view type, std::string_view message, std::string_view hint) {
  Ref data(empty_map());
  auto put = [&](const char* key, Ref value) {
    data = map_assoc(std::move(data), Ref(keyword(key)), std::move(value));
  };
  put("type", Ref(keyword(type)));
  if (source_) put("file", make_string(source_->name));
  if (at.known()) {
    put("line", node_number(at.line));
    put("column", node_number(at.column));
    put("end-line", node_number(at.end_line));
    put("end-column", node_number(at.end_column));
  }
  if (!hint.empty()) put("hint", make_string(hint));
  throw_error(ErrorClass::compiler, message, data);
}

Ref Analyzer::analyze_child(Value parent, size_t index, Value form, const Context& c) {
  PlaceScope place(*this, positions_ ? positions_->of_child(parent, index, form) : Span{});
  return analyze(form, c);
}

Ref Analyzer::analyze(Value form, const Context& c) {
  check_stack();
  PlaceScope place(*this, span_of(form));
  if (!form.is_object()) return constant(here(), Ref(form));
  switch (form.as_object()->kind) {
    case Kind::Symbol:
      return analyze_symbol(form, c);
    case Kind::EmptyList:
      return constant(here(), Ref(form));
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry:
      return analyze_vector(form, c);
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap:
      return analyze_map(form, c);
    case Kind::Set:
    case Kind::SortedSet:
      return analyze_set(form, c);
    default:
      break;
  }
  if (is_seq(form)) return analyze_list(form, c);
  if (is<LazySeq>(form)) {
    Ref s = seq(form);
    return s.is_nil() ? constant(here(), Ref(empty_list())) : analyze_list(s, c);
  }
  return constant(here(), Ref(form));
}

Ref Analyzer::analyze_symbol(Value symbol, const Context&) {
  if (!has_ns(symbol)) {
    Ref local = local_reference(symbol);
    if (!local.is_nil()) return local;
  }
  Value named = resolve_name(symbol);
  if (is<Var>(named)) {
    if (as<Var>(named).macro) {
      fail(here(), "reops/macro-as-value", "Can't take the value of the macro " + full_name(symbol),
           "A macro is expanded when it is called; wrap it in a function to pass it on.");
    }
    std::vector<Ref> slots;
    slots.emplace_back(named);
    return make_node(NodeOp::var, here(), std::move(slots));
  }
  return constant(here(), Ref(named));
}

Ref Analyzer::analyze_list(Value form, const Context& c) {
  std::vector<Ref> parts = parts_of(form);
  Value head = parts[0];
  if (is<Symbol>(head)) {
    if (!has_ns(head)) {
      if (Special special = special_form(name_of(head))) {
        return (this->*special)(form, parts, c);
      }
    }
    Ref expanded = expand_once(form);
    if (expanded.get() != form) {
      kept_.push_back(expanded);
      return analyze(expanded, c);
    }
  }
  return analyze_call(form, parts, c);
}

Ref Analyzer::expand(Ref form) {
  for (;;) {
    Ref next = expand_once(form);
    if (next.get() == form.get()) return form;
    kept_.push_back(next);
    form = std::move(next);
  }
}

Ref Analyzer::expand_once(Value form) {
  if (!is_seq(form)) return Ref(form);
  Ref head = first(form);
  if (!is<Symbol>(head)) return Ref(form);
  std::string_view name = name_of(head);
  if (!has_ns(head) && special_form(name)) return Ref(form);
  PlaceScope place(*this, span_of(form));
  if (Value macro = resolve_macro(head); !macro.is_nil()) return call_macro(macro, form);
  // (.method target args…) and (Class. args…)
  if (!has_ns(head) && name.size() > 1 && name.front() == '.' && name != "..") {
    std::vector<Ref> parts = parts_of(form);
    if (parts.size() < 2) {
      fail(here(), "reops/bad-interop",
           "A method call needs a target: (" + std::string(name) + " target args…)");
    }
    std::vector<Value> dot{};
    Ref dot_symbol = make_symbol("."), member = make_symbol(name.substr(1));
    // A class as the target is meant as the value it is: only (. Class member) reaches for its static
    // members.
    if (is<Symbol>(parts[1]) && local_reference(parts[1]).is_nil() &&
        is<Type>(lang::resolve(current_ns(), parts[1]))) {
      parts[1] = make_list({make_symbol("clojure.core/identity"), parts[1]});
    }
    dot = {dot_symbol, parts[1], member};
    for (size_t i = 2; i < parts.size(); ++i) dot.push_back(parts[i]);
    return make_list(dot);
  }
  if (name.size() > 1 && name.back() == '.' && name != "..") {
    std::string full = full_name(head);
    full.pop_back();
    Ref new_symbol = make_symbol("new"), class_symbol = make_symbol(full);
    std::vector<Value> made{new_symbol, class_symbol};
    std::vector<Ref> parts = parts_of(form);
    for (size_t i = 1; i < parts.size(); ++i) made.push_back(parts[i]);
    return make_list(made);
  }
  return Ref(form);
}

Ref Analyzer::analyze_argument(Value parent, size_t index, Value form, const Context& c, uint32_t depth) {
  Context inner = c.deeper(depth);
  if (inner.pressure > k_most_pressure && is_seq(form)) return outline(form, inner);
  return analyze_child(parent, index, form, inner);
}

// Too deep for the registers of one frame: ((fn* [] form)) starts a new one.
Ref Analyzer::outline(Value form, const Context& c) {
  Ref fn = make_symbol("fn*"), params = make_vector(std::span<const Value>());
  Ref function = make_list({fn, params, form});
  Ref call_form = make_list({function});
  kept_.push_back(call_form);
  Context shallow = c;
  shallow.pressure = 1;
  return analyze(call_form, shallow);
}

Ref Analyzer::analyze_call(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() - 1 > k_most_arguments) {
    // (f a b …) with very many arguments is (apply f [a b …]).
    std::vector<Value> items;
    for (size_t i = 1; i < parts.size(); ++i) items.push_back(parts[i]);
    Ref apply = make_symbol("clojure.core", "apply"), vector = make_vector(items);
    Ref call_form = make_list({apply, parts[0], vector});
    kept_.push_back(call_form);
    return analyze(call_form, c);
  }
  Span span = here();
  std::vector<Ref> slots;
  Value head = parts[0];
  if (is<Symbol>(head) && local_reference(head).is_nil()) {
    Ref unchecked = unchecked_call(lang::resolve(current_ns(), head), parts);
    if (!unchecked.get().is_none()) {
      kept_.push_back(unchecked);
      return analyze(unchecked, c);
    }
  }
  if (is<Symbol>(head) && has_ns(head) && local_reference(head).is_nil()) {
    // Class/member: called when it is a function, its value when it is a constant without arguments.
    Value named = resolve_name(head);
    if (is<Var>(named)) {
      slots.push_back(analyze_child(form, 0, head, c.value()));
    } else {
      if (parts.size() == 1 && !is_kind(named, Kind::Native) && !is_kind(named, Kind::Function)) {
        return constant(span, Ref(named));
      }
      slots.push_back(constant(span, Ref(named)));
    }
  } else {
    slots.push_back(analyze_argument(form, 0, head, c, 0));
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    slots.push_back(analyze_argument(form, i, parts[i], c, static_cast<uint32_t>(i)));
  }
  return make_node(NodeOp::call, span, std::move(slots));
}

Ref Analyzer::analyze_body(Value form, std::span<const Ref> parts, size_t from, const Context& c) {
  if (parts.size() == from) return constant(here(), nil());
  if (parts.size() == from + 1) return analyze_child(form, from, parts[from], c);
  Span span = here();
  std::vector<Ref> slots;
  for (size_t i = from; i < parts.size(); ++i) {
    bool last = i + 1 == parts.size();
    slots.push_back(analyze_child(form, i, parts[i], last ? c : c.value()));
  }
  return make_node(NodeOp::block, span, std::move(slots));
}

Ref Analyzer::literal(NodeOp op, Value form, std::vector<Ref> items, const Context& c) {
  bool all_constant = true;
  for (const Ref& item : items) all_constant = all_constant && is_constant(item);
  Ref written = user_meta(form);
  Span span = here();
  if (all_constant) {
    std::vector<Value> values;
    for (const Ref& item : items) values.push_back(as<Node>(item).slots[0]);
    Ref value = op == NodeOp::vector ? make_vector(values)
                : op == NodeOp::map  ? make_map(values)
                                     : make_set(values);
    if (written.is_nil()) return constant(span, std::move(value));
  }
  Ref node = make_node(op, span, std::move(items));
  if (written.is_nil()) return node;
  std::vector<Ref> arguments;
  arguments.push_back(std::move(node));
  arguments.push_back(analyze(written, c.deeper(1)));
  return native_call("clojure.core/with-meta", span, std::move(arguments));
}

Ref Analyzer::analyze_vector(Value form, const Context& c) {
  std::vector<Ref> items;
  size_t n = vector_count(form);
  for (size_t i = 0; i < n; ++i) {
    items.push_back(
        analyze_argument(form, i, vector_at(form, i), c, static_cast<uint32_t>(std::min<size_t>(i, 40) + 1)));
  }
  return literal(NodeOp::vector, form, std::move(items), c);
}

Ref Analyzer::analyze_map(Value form, const Context& c) {
  std::vector<Ref> items;
  size_t i = 0;
  map_each(form, [&](Value key, Value value) {
    uint32_t depth = static_cast<uint32_t>(std::min<size_t>(i, 40) + 1);
    items.push_back(analyze_argument(form, i, key, c, depth));
    items.push_back(analyze_argument(form, i + 1, value, c, depth + 1));
    i += 2;
  });
  return literal(NodeOp::map, form, std::move(items), c);
}

Ref Analyzer::analyze_set(Value form, const Context& c) {
  std::vector<Ref> items;
  size_t i = 0;
  for (SeqIterator it(form); it.more(); it.step(), ++i) {
    Ref item(it.value());
    items.push_back(analyze_argument(form, i, item, c, static_cast<uint32_t>(std::min<size_t>(i, 40) + 1)));
  }
  return literal(NodeOp::set, form, std::move(items), c);
}

}  // namespace reops::lang
