// The analyser's special forms, functions apart (functions.cpp).

#include <algorithm>
#include <unordered_map>

#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/compiler/analyzer.hpp"
#include "lang/compiler/forms.hpp"
#include "lang/compiler/place_scope.hpp"
#include "lang/runtime/host.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {

Analyzer::Special Analyzer::special_form(std::string_view name) {
  static const std::unordered_map<std::string_view, Special> table = {
      {"def", &Analyzer::special_def},     {"if", &Analyzer::special_if},
      {"do", &Analyzer::special_do},       {"let*", &Analyzer::special_let},
      {"loop*", &Analyzer::special_loop},  {"recur", &Analyzer::special_recur},
      {"fn*", &Analyzer::special_fn},      {"letfn*", &Analyzer::special_letfn},
      {"quote", &Analyzer::special_quote}, {"var", &Analyzer::special_var},
      {"set!", &Analyzer::special_set},    {"try", &Analyzer::special_try},
      {"throw", &Analyzer::special_throw}, {"new", &Analyzer::special_new},
      {".", &Analyzer::special_dot},       {"case*", &Analyzer::special_case},
      {"catch", &Analyzer::special_catch}, {"finally", &Analyzer::special_catch},
  };
  auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

Ref Analyzer::special_def(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() < 2 || parts.size() > 4 || !is<Symbol>(parts[1])) {
    fail(here(), "reops/bad-def",
         "def needs a symbol and at most a docstring and a value: (def name \"doc\" value)");
  }
  Value symbol = parts[1];
  Value ns = current_ns();
  if (has_ns(symbol) && ns_of(symbol) != name_of(as<Namespace>(ns).name)) {
    fail(here(), "reops/bad-def",
         "Can't def " + full_name(symbol) + " from the namespace " + full_name(as<Namespace>(ns).name),
         "Define it in its own namespace, or drop the qualifier.");
  }
  if (parts.size() == 4 && !is<String>(parts[2])) {
    fail(here(), "reops/bad-def", "def with three parts needs a docstring second, found " + pr_str(parts[2]));
  }
  Var& var = intern(ns, name_of(symbol));
  Ref written = meta(symbol);
  if (!written.is_nil() && get(written, keyword("dynamic")).truthy() &&
      var.dynamic_state() == Var::not_dynamic)
    var.dynamic = Var::never_bound;
  Ref m = written.is_nil() ? Ref(empty_map()) : written;
  auto put = [&](const char* key, Ref value) {
    m = assoc(std::move(m), Ref(keyword(key)), std::move(value));
  };
  Span at = here();
  if (source_) put("file", make_string(source_->name));
  if (at.known()) {
    put("line", node_number(at.line));
    put("column", node_number(at.column));
  }
  if (parts.size() == 4) put("doc", parts[2]);
  Context init_context = c.value();
  std::string hint = full_name(as<Namespace>(ns).name) + "/" + std::string(name_of(symbol));
  init_context.name_hint = hint;
  std::vector<Ref> slots;
  slots.emplace_back(Value::object(&var));
  slots.push_back(parts.size() > 2 ? analyze_child(form, parts.size() - 1, parts.back(), init_context)
                                   : Ref::adopt(Value::none()));
  slots.push_back(analyze(m, c.deeper(1)));
  kept_.push_back(m);
  return make_node(NodeOp::define, at, std::move(slots));
}

Ref Analyzer::special_if(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() < 3 || parts.size() > 4) {
    fail(here(), "reops/bad-if",
         "if takes a test, a then and at most an else; found " + std::to_string(parts.size() - 1) + " parts",
         "Several expressions in one branch go into a (do …).");
  }
  Span span = here();
  std::vector<Ref> slots;
  slots.push_back(analyze_child(form, 1, parts[1], c.value()));
  slots.push_back(analyze_child(form, 2, parts[2], c));
  slots.push_back(analyze_child(form, 3, parts.size() == 4 ? parts[3].get() : Value::nil(), c));
  return make_node(NodeOp::branch, span, std::move(slots));
}

Ref Analyzer::special_do(Value form, std::span<const Ref> parts, const Context& c) {
  return analyze_body(form, parts, 1, c);
}

namespace {

std::string bindings_problem(std::string_view what) {
  return std::string(what) + " needs a vector with an even number of forms: names and their values";
}

}  // namespace

Ref Analyzer::special_let(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() < 2 || !is_vector(parts[1]) || vector_count(parts[1]) % 2 != 0) {
    fail(here(), "reops/bad-let", bindings_problem("let"));
  }
  Value bindings = parts[1];
  Span span = here();
  size_t visible = function_->locals.size();
  std::vector<Ref> slots(1);
  Context inner = c;
  for (size_t i = 0; i < vector_count(bindings); i += 2) {
    Value name = vector_at(bindings, i);
    if (!is<Symbol>(name) || has_ns(name)) {
      fail(here(), "reops/bad-let", "let* binds plain symbols, found " + pr_str(name));
    }
    Context init = inner.value();
    init.name_hint = name_of(name);
    Ref value = analyze_child(bindings, i + 1, vector_at(bindings, i + 1), init);
    slots.push_back(node_number(bind(name)));
    slots.push_back(std::move(value));
    inner.bind();
  }
  slots[0] = analyze_body(form, parts, 2, inner);
  function_->locals.resize(visible);
  return make_node(NodeOp::let, span, std::move(slots));
}

Ref Analyzer::special_loop(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() < 2 || !is_vector(parts[1]) || vector_count(parts[1]) % 2 != 0) {
    fail(here(), "reops/bad-loop", bindings_problem("loop"));
  }
  Value bindings = parts[1];
  Span span = here();
  size_t visible = function_->locals.size();
  std::vector<Ref> slots(1);
  Context inner = c;
  for (size_t i = 0; i < vector_count(bindings); i += 2) {
    Value name = vector_at(bindings, i);
    if (!is<Symbol>(name) || has_ns(name)) {
      fail(here(), "reops/bad-loop", "loop* binds plain symbols, found " + pr_str(name));
    }
    Ref value = analyze_child(bindings, i + 1, vector_at(bindings, i + 1), inner.value());
    slots.push_back(node_number(bind(name)));
    slots.push_back(std::move(value));
    inner.bind();
  }
  inner.recur_arity = vector_count(bindings) / 2;
  inner.in_try = false;
  slots[0] = analyze_body(form, parts, 2, inner);
  function_->locals.resize(visible);
  return make_node(NodeOp::loop, span, std::move(slots));
}

Ref Analyzer::special_recur(Value form, std::span<const Ref> parts, const Context& c) {
  if (c.recur_arity == k_no_recur) {
    fail(here(), "reops/recur-not-in-tail-position",
         c.in_try ? "Can't recur from inside try to outside of it" : "Can only recur from tail position",
         c.in_try ? "Put the loop inside the try, or the try into a function of its own."
                  : "recur must be the last thing its loop or fn does.");
  }
  if (c.recur_arity != parts.size() - 1) {
    fail(here(), "reops/recur-arity",
         "recur needs " + std::to_string(c.recur_arity) + " arguments here, found " +
             std::to_string(parts.size() - 1));
  }
  Span span = here();
  std::vector<Ref> slots;
  for (size_t i = 1; i < parts.size(); ++i) {
    slots.push_back(analyze_argument(form, i, parts[i], c, static_cast<uint32_t>(i)));
  }
  return make_node(NodeOp::recur, span, std::move(slots));
}

Ref Analyzer::special_quote(Value, std::span<const Ref> parts, const Context&) {
  std::vector<Ref> slots;
  slots.push_back(parts.size() > 1 ? parts[1] : nil());
  return make_node(NodeOp::constant, here(), std::move(slots));
}

Ref Analyzer::special_var(Value form, std::span<const Ref> parts, const Context&) {
  if (parts.size() != 2 || !is<Symbol>(parts[1]))
    fail(here(), "reops/bad-var", "var takes one symbol: (var name)");
  PlaceScope place(*this, positions_ ? positions_->of_child(form, 1, parts[1]) : Span{});
  Value named = lang::resolve(current_ns(), parts[1]);
  if (!is<Var>(named)) named = resolve_name(parts[1]);
  if (!is<Var>(named)) fail(here(), "reops/bad-var", full_name(parts[1]) + " is not a var");
  std::vector<Ref> slots;
  slots.emplace_back(named);
  return make_node(NodeOp::constant, here(), std::move(slots));
}

Ref Analyzer::special_set(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() != 3 || !is<Symbol>(parts[1])) {
    fail(here(), "reops/bad-set",
         "set! takes a var that this thread has bound, and a value: (set! *print-length* 10)");
  }
  if (!local_reference(parts[1]).is_nil()) {
    fail(here(), "reops/bad-set", "Can't set! the local " + full_name(parts[1]) + ": locals never change",
         "Use an atom or a volatile, or bind a new local.");
  }
  Value named = resolve_name(parts[1]);
  if (!is<Var>(named)) fail(here(), "reops/bad-set", full_name(parts[1]) + " is not a var");
  Span span = here();
  std::vector<Ref> slots, arguments;
  slots.emplace_back(named);
  arguments.push_back(make_node(NodeOp::constant, span, std::move(slots)));
  arguments.push_back(analyze_child(form, 2, parts[2], c.deeper(1)));
  return native_call("clojure.core/var-set", span, std::move(arguments));
}

Ref Analyzer::special_throw(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() != 2)
    fail(here(), "reops/bad-throw", "throw takes one error: (throw (ex-info \"message\" {}))");
  Span span = here();
  std::vector<Ref> slots;
  slots.push_back(analyze_child(form, 1, parts[1], c.value()));
  return make_node(NodeOp::raise, span, std::move(slots));
}

Ref Analyzer::special_catch(Value form, std::span<const Ref>, const Context&) {
  fail(here(), "reops/catch-outside-try", pr_str(first(form)) + " stands outside of a try");
}

Ref Analyzer::special_try(Value form, std::span<const Ref> parts, const Context& c) {
  auto clause_is = [](Value v, std::string_view name) {
    return is_list_form(v) && symbol_is(first(v), name);
  };
  size_t body_end = 1;
  while (body_end < parts.size() && !clause_is(parts[body_end], "catch") &&
         !clause_is(parts[body_end], "finally"))
    ++body_end;
  std::vector<Value> catches;
  Value finally;
  for (size_t i = body_end; i < parts.size(); ++i) {
    if (!finally.is_nil()) fail(here(), "reops/bad-try", "finally must be the last clause of a try");
    if (clause_is(parts[i], "catch")) {
      catches.push_back(parts[i]);
    } else if (clause_is(parts[i], "finally")) {
      finally = parts[i];
    } else {
      fail(here(), "reops/bad-try",
           "Only catch and finally may follow a catch clause, found " + pr_str(parts[i]));
    }
  }
  Context inner = c.value();
  inner.in_try = c.recur_arity != k_no_recur || c.in_try;
  inner.pressure += 1;
  Span span = here();
  size_t visible = function_->locals.size();
  std::vector<Ref> slots;
  slots.push_back(analyze_body(form, std::span<const Ref>(parts.data(), body_end), 1, inner));
  if (catches.empty() && finally.is_nil()) return std::move(slots[0]);
  Ref error_symbol = make_symbol("error");
  auto analyze_finally = [&] {
    std::vector<Ref> body = parts_of(finally);
    Context effect = inner;
    effect.pressure += 1;
    return analyze_body(finally, body, 1, effect);
  };
  // The two copies of finally need trees of their own: what lives on afterwards differs.
  slots.push_back(finally.is_nil() ? Ref::adopt(Value::none()) : analyze_finally());
  slots.push_back(finally.is_nil() ? Ref::adopt(Value::none()) : analyze_finally());
  slots.push_back(node_number(function_->next_local++));
  for (Value clause : catches) {
    std::vector<Ref> words = parts_of(clause);
    if (words.size() < 3 || !is<Symbol>(words[2]) || has_ns(words[2])) {
      fail(span_of(clause), "reops/bad-try", "catch needs a class and a name: (catch Exception e …)");
    }
    PlaceScope place(*this, span_of(clause));
    Value type;
    if (words[1].get() == keyword("default")) {
      type = resolve_host_class("Throwable");
    } else if (is<Symbol>(words[1])) {
      PlaceScope class_place(*this, positions_ ? positions_->of(words[1]) : Span{});
      type = resolve_name(words[1]);
    }
    if (!is<Type>(type))
      fail(here(), "reops/bad-try", "catch needs a class, found " + pr_str(words[1]),
           "Exception catches all common errors.");
    slots.emplace_back(type);
    slots.push_back(node_number(bind(words[2])));
    Context handler = inner;
    handler.pressure += 1;
    slots.push_back(analyze_body(clause, words, 3, handler));
    function_->locals.resize(visible);
  }
  return make_node(NodeOp::protect, span, std::move(slots));
}

// (case* expr default (constants …) result …)
Ref Analyzer::special_case(Value form, std::span<const Ref> parts, const Context& c) {
  Span span = here();
  Ref table(empty_map());
  std::vector<Ref> results;
  for (size_t i = 3; i + 1 < parts.size(); i += 2) {
    int64_t index = static_cast<int64_t>(results.size());
    for (SeqIterator it(parts[i]); it.more(); it.step()) {
      Ref constant(it.value());
      if (contains(table, constant)) {
        fail(here(), "reops/duplicate-case", "case has the constant " + pr_str(constant) + " twice");
      }
      table = map_assoc(std::move(table), std::move(constant), node_number(index));
    }
    results.push_back(analyze_child(form, i + 1, parts[i + 1], c));
  }
  std::vector<Ref> slots;
  slots.push_back(analyze_child(form, 1, parts[1], c.value()));
  slots.push_back(analyze_child(form, 2, parts[2], c));
  slots.push_back(std::move(table));
  for (Ref& r : results) slots.push_back(std::move(r));
  return make_node(NodeOp::choose, span, std::move(slots));
}

}  // namespace reops::lang
