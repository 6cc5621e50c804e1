// The analyser's names: locals, captures, macros, vars.

#include "lang/codec/report.hpp"
#include "lang/collection/access.hpp"
#include "lang/compiler/analyzer.hpp"
#include "lang/compiler/forms.hpp"
#include "lang/runtime/host.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

// Stand-ins for "local index" in capture keys: a function's own name, and the members of a letfn group.
constexpr int64_t k_self = -1;
constexpr int64_t k_first_sibling = -2;

bool same_name(Value a, Value b) { return !has_ns(a) && !has_ns(b) && name_of(a) == name_of(b); }

Ref reference_node(NodeOp op, int64_t index, Span span) {
  std::vector<Ref> slots;
  if (op != NodeOp::self) slots.push_back(node_number(index));
  return make_node(op, span, std::move(slots));
}

}  // namespace

int64_t Analyzer::bind(Value symbol) {
  int64_t index = function_->next_local++;
  function_->locals.push_back({Ref(symbol), index});
  return index;
}

bool Analyzer::find_local(Value symbol, Function*& owner, int64_t& index) {
  for (Function* f = function_; f; f = f->outer) {
    for (size_t i = f->locals.size(); i-- > 0;) {
      if (same_name(f->locals[i].symbol, symbol)) {
        owner = f;
        index = f->locals[i].index;
        return true;
      }
    }
    if (f->has_self() && same_name(f->name, symbol)) {
      owner = f;
      index = k_self;
      return true;
    }
    if (!f->group) continue;
    for (size_t i = 0; i < f->group->names.size(); ++i) {
      if (same_name(f->group->names[i], symbol)) {
        owner = f;
        index = k_first_sibling - static_cast<int64_t>(i);
        return true;
      }
    }
  }
  return false;
}

Ref Analyzer::local_reference(Value symbol) {
  Function* owner;
  int64_t index;
  if (has_ns(symbol) || !find_local(symbol, owner, index)) return nil();
  return reference_from(*function_, owner, index);
}

Ref Analyzer::reference_from(Function& f, Function* owner, int64_t index) {
  if (&f == owner) {
    if (index == k_self) return reference_node(NodeOp::self, 0, here());
    if (index <= k_first_sibling) return reference_node(NodeOp::sibling, k_first_sibling - index, here());
    return reference_node(NodeOp::local, index, here());
  }
  // Members of a letfn group share one row of captures, so that each can be made from any other.
  auto& keys = f.group ? f.group->capture_keys : f.capture_keys;
  auto& sources = f.group ? f.group->captures : f.captures;
  std::pair<Function*, int64_t> key{owner, index};
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return reference_node(NodeOp::capture, static_cast<int64_t>(i), here());
  }
  Ref source = reference_from(*f.outer, owner, index);
  keys.push_back(key);
  sources.push_back(std::move(source));
  return reference_node(NodeOp::capture, static_cast<int64_t>(keys.size()) - 1, here());
}

Value Analyzer::resolve_macro(Value head) {
  Function* owner;
  int64_t index;
  if (!has_ns(head) && find_local(head, owner, index)) return Value::nil();
  Value named = lang::resolve(current_ns(), head);
  return is<Var>(named) && as<Var>(named).macro ? named : Value::nil();
}

Value Analyzer::resolve_name(Value symbol) {
  Value named = lang::resolve(current_ns(), symbol);
  if (is<Var>(named) && !may_use(current_ns(), as<Var>(named))) {
    fail(here(), "reops/private-name", full_name(symbol) + " is private in its namespace",
         "What is private is for its own namespace; to use it all the same, as in a test, write @#'" +
             var_name(as<Var>(named)) + ".");
  }
  if (!named.is_nil()) return named;
  if (has_ns(symbol)) {
    Value type = lang::resolve(current_ns(), make_symbol({}, ns_of(symbol)));
    if (is<Type>(type)) return host_member(type, name_of(symbol), symbol);
  } else {
    Value type = resolve_host_class(name_of(symbol));
    if (!type.is_nil()) return type;
  }
  Value ns = current_ns();
  if (has_ns(symbol)) {
    Value alias = get(as<Namespace>(ns).aliases, make_symbol(ns_of(symbol))).get();
    ns = is<Namespace>(alias) ? alias : find_ns(ns_of(symbol));
    if (ns.is_nil()) {
      fail(here(), "reops/unknown-namespace", "No namespace or alias: " + std::string(ns_of(symbol)),
           "Load it first: (require '[" + std::string(ns_of(symbol)) + "])");
    }
  }
  std::string hint = hint_of_elsewhere(symbol, ns);
  if (hint.empty()) hint = hint_of_misspelling(symbol, ns);
  fail(here(), "reops/unresolved-symbol", "Unresolved symbol: " + full_name(symbol), hint);
}

// The very name means something in another namespace: of a namespace that was asked for a name which it only
// refers to, where it is from; of a verb that is at the prompt but not here, how to have it here.
std::string Analyzer::hint_of_elsewhere(Value symbol, Value ns) {
  const Value asked = has_ns(symbol) ? ns : find_ns("user");
  if (!is<Namespace>(asked)) return {};
  const Ref mappings = cell_load(*asked.as_object(), as<Namespace>(asked).mappings);
  const Ref found = get(mappings, make_symbol(name_of(symbol)));
  if (!is<Var>(found) || !may_use(ns, as<Var>(found))) return {};
  const std::string name(name_of(symbol)), from = full_name(as<Namespace>(as<Var>(found).ns).name);
  if (has_ns(symbol)) return "`" + name + "` is from elsewhere there: write `" + from + "/" + name + "`.";
  return "`" + name + "` is at the prompt. To have it here: (require '[" + from + " :refer [" + name + "]])";
}

std::string Analyzer::hint_of_misspelling(Value symbol, Value ns) {
  std::vector<std::string> candidates;
  if (!has_ns(symbol)) {
    for (Function* f = function_; f; f = f->outer) {
      for (const Local& l : f->locals) candidates.push_back(full_name(l.symbol));
    }
  }
  Ref mappings = cell_load(*ns.as_object(), as<Namespace>(ns).mappings);
  map_each(mappings, [&](Value name, Value what) {
    // Through a namespace's name only what it defines can be reached.
    const bool reached =
        !has_ns(symbol) || (is<Var>(what) && as<Var>(what).ns == ns && may_use(current_ns(), as<Var>(what)));
    if (reached) candidates.emplace_back(name_of(name));
  });
  const std::string best = suggest(name_of(symbol), candidates);
  if (best.empty()) return {};
  return "Did you mean `" + (has_ns(symbol) ? std::string(ns_of(symbol)) + "/" : "") + best + "`?";
}

// What a macro sees as &env: the local names. Made only when a macro is called.
Ref Analyzer::macro_environment() {
  Ref env;
  for (Function* f = function_; f; f = f->outer) {
    for (const Local& l : f->locals) {
      env = map_assoc(env.is_nil() ? Ref(empty_map()) : std::move(env), l.symbol, l.symbol);
    }
    if (f->has_self()) env = map_assoc(env.is_nil() ? Ref(empty_map()) : std::move(env), f->name, f->name);
  }
  return env;
}

Ref Analyzer::call_macro(Value macro, Value form) {
  Ref env = macro_environment();
  std::vector<Ref> parts = parts_of(form);
  std::vector<Value> args{form, env};
  for (size_t i = 1; i < parts.size(); ++i) args.push_back(parts[i]);
  Ref function(as<Var>(macro).load_root());
  try {
    return call(function, args);
  } catch (const Thrown& t) {
    const Error& e = as<Error>(t.error());
    if (e.error_class == ErrorClass::compiler || e.error_class == ErrorClass::interrupted ||
        e.error_class == ErrorClass::out_of_memory || e.error_class == ErrorClass::stack_overflow) {
      throw;
    }
    Span at = here();
    Ref data(empty_map());
    auto put = [&](const char* key, Ref value) {
      data = map_assoc(std::move(data), Ref(keyword(key)), std::move(value));
    };
    put("type", Ref(keyword("reops/macro-failed")));
    put("macro", make_symbol(var_name(as<Var>(macro))));
    if (source_) put("file", make_string(source_->name));
    if (at.known()) {
      put("line", node_number(at.line));
      put("column", node_number(at.column));
      put("end-line", node_number(at.end_line));
      put("end-column", node_number(at.end_column));
    }
    std::string why = is<String>(e.message) ? std::string(text_of(e.message))
                                            : std::string(error_class_name(e.error_class));
    throw Thrown(make_error(ErrorClass::compiler, "The macro " + var_name(as<Var>(macro)) + " failed: " + why,
                            data, t.error()));
  }
}

}  // namespace reops::lang
