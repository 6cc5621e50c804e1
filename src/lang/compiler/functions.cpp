// The analyser's functions: fn*, letfn*, arities.

#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/compiler/analyzer.hpp"
#include "lang/compiler/forms.hpp"
#include "lang/compiler/place_scope.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

constexpr size_t k_most_params = 20;

bool once_marked(Value head) {
  Ref m = meta(head);
  return !m.is_nil() && get(m, keyword("once")).truthy();
}

}  // namespace

Ref Analyzer::special_fn(Value form, std::span<const Ref> parts, const Context& c) {
  size_t at = 1;
  Value name;
  if (at < parts.size() && is<Symbol>(parts[at])) name = parts[at++];
  if (at == parts.size()) fail(here(), "reops/bad-fn", "fn* needs parameters: (fn* [x] …)");
  std::vector<Ref> methods;
  Ref single;
  if (is_vector(parts[at])) {
    // One arity without parentheses of its own.
    std::vector<Value> method;
    for (size_t i = at; i < parts.size(); ++i) method.push_back(parts[i]);
    single = make_list(method);
    methods.push_back(single);
    kept_.push_back(single);
  } else {
    methods.assign(parts.begin() + static_cast<std::ptrdiff_t>(at), parts.end());
  }
  Ref written = user_meta(form);
  if (written.is_nil()) return analyze_function(form, name, methods, nullptr, once_marked(parts[0]), c);
  // Metadata written before a function is the function's.
  kept_.push_back(written);
  std::vector<Ref> arguments;
  arguments.push_back(analyze_function(form, name, methods, nullptr, once_marked(parts[0]), c));
  arguments.push_back(analyze(written, c.deeper(1)));
  return native_call("clojure.core/with-meta", here(), std::move(arguments));
}

Ref Analyzer::analyze_function(Value form, Value name, std::span<const Ref> methods, Group* group, bool once,
                               const Context& c) {
  Function f{};
  f.outer = function_;
  f.group = group;
  if (!name.is_nil()) f.name = Ref(name);
  std::string outer_name = function_ ? function_->display_name : "";
  f.display_name = !c.name_hint.empty()   ? std::string(c.name_hint)
                   : !name.is_nil()       ? full_name(name)
                   : outer_name == "eval" ? "fn"
                                          : outer_name + "/fn";
  function_ = &f;
  std::vector<Ref> arities;
  std::vector<Value> arglists;
  std::vector<Ref> kept_lists;
  size_t variadic_count = 0, variadic_params = 0, most_fixed = 0;
  std::vector<bool> taken(k_most_params + 1);
  for (const Ref& method : methods) {
    if (!is_list_form(method) || !is_vector(first(method))) {
      fail(here(), "reops/bad-fn",
           "An arity of a function is a list that starts with its parameters, found " + pr_str(method));
    }
    bool variadic = false;
    size_t params = 0;
    PlaceScope place(*this, span_of(method));
    arities.push_back(analyze_arity(f, method, variadic, params));
    kept_lists.push_back(arglist_of(first(method)));
    arglists.push_back(kept_lists.back());
    if (variadic) {
      ++variadic_count;
      variadic_params = params;
    } else {
      if (taken[params])
        fail(here(), "reops/bad-fn",
             "The function has two arities of " + std::to_string(params) + " parameters");
      taken[params] = true;
      most_fixed = std::max(most_fixed, params);
    }
  }
  if (variadic_count > 1) fail(here(), "reops/bad-fn", "A function can have only one arity with &");
  if (variadic_count == 1 && most_fixed > variadic_params) {
    fail(here(), "reops/bad-fn", "A fixed arity can't have more parameters than the one with &");
  }
  function_ = f.outer;
  Ref display = make_symbol(f.display_name);
  return function_node(f, form, display, make_list(arglists), once ? k_function_once : int64_t{0},
                       group ? std::span<const Ref>() : std::span<const Ref>(f.captures), std::move(arities));
}

Ref Analyzer::function_node(Function&, Value, Value name, Ref arglists, int64_t flags,
                            std::span<const Ref> captures, std::vector<Ref> arities) {
  std::vector<Ref> slots;
  slots.emplace_back(name);
  slots.push_back(std::move(arglists));
  slots.push_back(node_number(flags));
  slots.push_back(node_number(static_cast<int64_t>(captures.size())));
  for (const Ref& capture : captures) slots.push_back(capture);
  for (Ref& arity : arities) slots.push_back(std::move(arity));
  return make_node(NodeOp::function, here(), std::move(slots));
}

Ref Analyzer::analyze_arity(Function& f, Value method, bool& variadic, size_t& params) {
  std::vector<Ref> parts = parts_of(method);
  Value list = parts[0];
  f.next_local = 0;
  f.locals.clear();
  size_t n = vector_count(list);
  Context c;
  for (size_t i = 0; i < n; ++i) {
    Value p = vector_at(list, i);
    if (!is<Symbol>(p) || has_ns(p))
      fail(here(), "reops/bad-fn", "fn* takes plain symbols as parameters, found " + pr_str(p));
    if (symbol_is(p, "&")) {
      if (variadic || i + 2 != n) fail(here(), "reops/bad-fn", "& must be followed by exactly one parameter");
      variadic = true;
      continue;
    }
    bind(p);
    if (!variadic) ++params;
  }
  if (params > k_most_params) {
    fail(here(), "reops/bad-fn", "A function can have at most 20 fixed parameters",
         "Take the rest with & or pass a map.");
  }
  c.recur_arity = params + (variadic ? 1 : 0);
  c.pressure = static_cast<uint32_t>(c.recur_arity) + 1;
  Span span = here();
  std::vector<Ref> slots;
  slots.push_back(analyze_body(method, parts, 1, c));
  slots.push_back(node_number(static_cast<int64_t>(params)));
  slots.push_back(boolean(variadic));
  slots.push_back(node_number(f.next_local));
  f.locals.clear();
  return make_node(NodeOp::arity, span, std::move(slots));
}

// Parameters as documentation shows them.
Ref Analyzer::arglist_of(Value params) { return Ref(params); }

// (letfn* [name (fn* name [params] …) …] body …): the functions see each other. They share one row of
// captures, and a reference from one to another makes that function anew from the row, so that no function
// holds another: no cycles.
Ref Analyzer::special_letfn(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() < 2 || !is_vector(parts[1]) || vector_count(parts[1]) % 2 != 0) {
    fail(here(), "reops/bad-letfn", "letfn* needs a vector of names and functions");
  }
  Value bindings = parts[1];
  Span span = here();
  Group group{};
  group.owner = function_;
  for (size_t i = 0; i < vector_count(bindings); i += 2) group.names.emplace_back(vector_at(bindings, i));
  std::vector<Ref> functions;
  for (size_t i = 1; i < vector_count(bindings); i += 2) {
    Ref expanded = expand(Ref(vector_at(bindings, i)));
    if (!is_list_form(expanded) || !symbol_is(first(expanded), "fn*")) {
      fail(here(), "reops/bad-letfn", "letfn* binds functions, found " + pr_str(expanded));
    }
    std::vector<Ref> words = parts_of(expanded);
    size_t at = 1;
    if (at < words.size() && is<Symbol>(words[at])) ++at;
    std::vector<Ref> methods;
    Ref single;
    if (at < words.size() && is_vector(words[at])) {
      std::vector<Value> method;
      for (size_t k = at; k < words.size(); ++k) method.push_back(words[k]);
      single = make_list(method);
      kept_.push_back(single);
      methods.push_back(single);
    } else {
      methods.assign(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
    }
    PlaceScope place(*this, span_of(vector_at(bindings, i)));
    functions.push_back(analyze_function(expanded, group.names[i / 2], methods, &group, false, c.value()));
  }
  size_t visible = function_->locals.size();
  std::vector<Ref> slots(1);
  slots.push_back(node_number(static_cast<int64_t>(group.captures.size())));
  for (Ref& capture : group.captures) slots.push_back(std::move(capture));
  Context inner = c;
  for (size_t i = 0; i < functions.size(); ++i) {
    slots.push_back(node_number(bind(group.names[i])));
    slots.push_back(std::move(functions[i]));
    inner.bind();
  }
  slots[0] = analyze_body(form, parts, 2, inner);
  function_->locals.resize(visible);
  return make_node(NodeOp::letfn, span, std::move(slots));
}

}  // namespace reops::lang
