// Namespaces and loading.

#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/compiler/compiler.hpp"
#include "lang/runtime/loader.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/require.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

std::string symbol_arg(Value v, std::string_view what) {
  if (!is<Symbol>(v)) throw_class_cast(v, what);
  return full_name(v);
}

Value ns_arg(Value v) {
  if (is<Namespace>(v)) return v;
  std::string name = symbol_arg(v, "a namespace or a symbol that names one");
  Value ns = find_ns(name);
  if (ns.is_nil()) {
    throw_diagnostic(ErrorClass::exception, "reops/no-such-namespace", "No namespace: " + name + " found",
                     "Require it first: (require '" + name + ").");
  }
  return ns;
}

Ref mappings_of(Value ns) {
  Namespace& n = as<Namespace>(ns);
  return cell_load(n, n.mappings);
}

/// The mappings of a namespace that `wanted(mapped)` lets through.
template <class Wanted>
Ref select_mappings(Value ns, Wanted&& wanted) {
  Ref result(empty_map());
  map_each(mappings_of(ns), [&](Value symbol, Value mapped) {
    if (wanted(mapped)) result = map_assoc(std::move(result), Ref(symbol), Ref(mapped));
  });
  return result;
}

Ref in_ns(Args args) {
  Value ns = find_or_create_ns(symbol_arg(args[0], "a symbol to name the namespace"));
  set_current_ns(ns);
  return Ref(ns);
}

Ref the_ns(Args args) { return Ref(ns_arg(args[0])); }
Ref ns_name_native(Args args) { return Ref(as<Namespace>(ns_arg(args[0])).name); }
Ref find_ns_native(Args args) { return Ref(find_ns(symbol_arg(args[0], "a symbol"))); }
Ref create_ns(Args args) {
  return Ref(find_or_create_ns(symbol_arg(args[0], "a symbol to name the namespace")));
}

Ref remove_ns_native(Args args) {
  std::string name = symbol_arg(args[0], "a symbol");
  if (name == "clojure.core") throw_illegal_argument("clojure.core cannot be removed");
  Ref gone(find_ns(name));
  remove_ns(name);
  return gone;
}

Ref all_ns(Args) {
  std::vector<Value> found;
  Ref all = all_namespaces();
  map_each(all, [&](Value, Value ns) { found.push_back(ns); });
  return make_list(found);
}

Ref ns_map(Args args) { return mappings_of(ns_arg(args[0])); }

Ref ns_interns(Args args) {
  Value ns = ns_arg(args[0]);
  return select_mappings(ns, [&](Value v) { return is<Var>(v) && as<Var>(v).ns == ns; });
}

Ref ns_publics(Args args) {
  Value ns = ns_arg(args[0]);
  return select_mappings(
      ns, [&](Value v) { return is<Var>(v) && as<Var>(v).ns == ns && !is_private(as<Var>(v)); });
}

Ref ns_refers(Args args) {
  Value ns = ns_arg(args[0]);
  return select_mappings(ns, [&](Value v) { return is<Var>(v) && as<Var>(v).ns != ns; });
}

Ref ns_imports(Args args) {
  return select_mappings(ns_arg(args[0]), [](Value v) { return is<Type>(v); });
}

Ref ns_aliases(Args args) {
  Namespace& n = as<Namespace>(ns_arg(args[0]));
  return cell_load(n, n.aliases);
}

Ref resolve_in(Value ns, Value symbol) {
  symbol_arg(symbol, "a symbol to resolve");
  return Ref(resolve(ns, symbol));
}

Ref resolve_native(Args args) {
  if (args.size() == 1) return resolve_in(current_ns(), args[0]);
  // A local of that name hides what the namespace has.
  if (is_map(args[0]) && !map_get(args[0], args[1]).is_none()) return {};
  return resolve_in(current_ns(), args[1]);
}

Ref ns_resolve(Args args) {
  Value ns = ns_arg(args[0]);
  if (args.size() == 2) return resolve_in(ns, args[1]);
  if (is_map(args[1]) && !map_get(args[1], args[2]).is_none()) return {};
  return resolve_in(ns, args[2]);
}

Ref requiring_resolve(Args args) {
  symbol_arg(args[0], "a symbol with a namespace");
  if (!has_ns(args[0]))
    throw_illegal_argument("requiring-resolve needs a symbol with a namespace: " + full_name(args[0]));
  Ref found = resolve_in(current_ns(), args[0]);
  if (!found.is_nil()) return found;
  Ref lib = make_symbol("", ns_of(args[0]));
  Value spec = lib.get();
  require({&spec, 1}, false);
  return resolve_in(current_ns(), args[0]);
}

Ref ns_unmap(Args args) {
  symbol_arg(args[1], "a symbol");
  unmap(ns_arg(args[0]), args[1]);
  return {};
}

Ref alias(Args args) {
  symbol_arg(args[0], "a symbol for the alias");
  add_alias(current_ns(), args[0], ns_arg(args[1]));
  return {};
}

Ref ns_unalias(Args args) {
  symbol_arg(args[1], "a symbol");
  remove_alias(ns_arg(args[0]), args[1]);
  return {};
}

Ref refer_native(Args args) {
  refer_filtered(ns_arg(args[0]), args.from(1));
  return {};
}

Ref refer_clojure(Args args) {
  if (args.size() == 0) {
    refer_core(current_ns());
  } else {
    refer_filtered(find_ns("clojure.core"), args.from(0));
  }
  return {};
}

Ref require_native(Args args) {
  require(args.from(0), false);
  return {};
}

Ref use_native(Args args) {
  require(args.from(0), true);
  return {};
}

Ref import_native(Args args) {
  Ref last;
  for (Value spec : args.from(0)) last = import(spec);
  return last;
}

Ref note_loaded_native(Args args) {
  note_loaded(symbol_arg(args[0], "a symbol"));
  return {};
}

Ref note_unloaded_native(Args args) {
  note_unloaded(symbol_arg(args[0], "a symbol"));
  return {};
}

Ref loaded_libs_native(Args) { return loaded_libs(); }

std::string text_arg(Value v, std::string_view what) {
  if (!is<String>(v)) throw_class_cast(v, what);
  return std::string(text_of(v));
}

Ref load(Args args) {
  for (Value path : args.from(0)) {
    std::string text = text_arg(path, "the path of a file to load, as a string");
    load_stem(stem_of_load(text), "file " + text);
  }
  return {};
}

Ref load_file_native(Args args) { return load_file(text_arg(args[0], "the path of a file, as a string")); }

Ref load_string(Args args) {
  return load_source(text_arg(args[0], "a string of source text"), "load-string");
}

Ref eval_native(Args args) { return eval(args[0]); }
Ref macroexpand_1(Args args) { return macroexpand_once(args[0]); }

Ref macroexpand(Args args) {
  Ref form(args[0]);
  for (;;) {
    Ref next = macroexpand_once(form);
    if (next.get() == form.get()) return form;
    form = std::move(next);
  }
}

const NativeDef k_defs[] = {
    {"clojure.core", "in-ns", in_ns, 1, 1, k_borrow_all, "([name])",
     "Makes the namespace of that name the current one, creating it if needed. Without names of clojure.core "
     "in it: see ns."},
    {"clojure.core", "the-ns", the_ns, 1, 1, k_borrow_all, "([x])",
     "The namespace that x is or names; an error when there is none."},
    {"clojure.core", "ns-name", ns_name_native, 1, 1, k_borrow_all, "([ns])",
     "The name of a namespace, a symbol."},
    {"clojure.core", "find-ns", find_ns_native, 1, 1, k_borrow_all, "([sym])",
     "The namespace of that name, or nil."},
    {"clojure.core", "create-ns", create_ns, 1, 1, k_borrow_all, "([sym])",
     "The namespace of that name, made if it is missing."},
    {"clojure.core", "remove-ns", remove_ns_native, 1, 1, k_borrow_all, "([sym])",
     "Forgets a namespace. Code that uses its vars goes on using them."},
    {"clojure.core", "all-ns", all_ns, 0, 0, k_borrow_all, "([])", "All namespaces."},
    {"clojure.core", "ns-map", ns_map, 1, 1, k_borrow_all, "([ns])",
     "All that names mean in a namespace: symbol to var or class."},
    {"clojure.core", "ns-interns", ns_interns, 1, 1, k_borrow_all, "([ns])",
     "A namespace's own vars by name."},
    {"clojure.core", "ns-publics", ns_publics, 1, 1, k_borrow_all, "([ns])",
     "A namespace's own vars that are not private, by name."},
    {"clojure.core", "ns-refers", ns_refers, 1, 1, k_borrow_all, "([ns])",
     "Vars of other namespaces that a namespace refers to, by name."},
    {"clojure.core", "ns-imports", ns_imports, 1, 1, k_borrow_all, "([ns])",
     "Classes and record types a namespace knows by name."},
    {"clojure.core", "ns-aliases", ns_aliases, 1, 1, k_borrow_all, "([ns])",
     "The aliases of a namespace: symbol to namespace."},
    {"clojure.core", "resolve", resolve_native, 1, 2, k_borrow_all, "([sym] [env sym])",
     "What a symbol means in the current namespace: a var, a class, or nil; nil also for a key of env, a map "
     "of locals."},
    {"clojure.core", "ns-resolve", ns_resolve, 2, 3, k_borrow_all, "([ns sym] [ns env sym])",
     "What a symbol means in a namespace: a var, a class, or nil."},
    {"clojure.core", "requiring-resolve", requiring_resolve, 1, 1, k_borrow_all, "([sym])",
     "Resolves a symbol with a namespace, requiring the namespace first if needed."},
    {"clojure.core", "ns-unmap", ns_unmap, 2, 2, k_borrow_all, "([ns sym])",
     "Takes a name out of a namespace."},
    {"clojure.core", "alias", alias, 2, 2, k_borrow_all, "([alias namespace-sym])",
     "Lets alias stand for another namespace in the current one."},
    {"clojure.core", "ns-unalias", ns_unalias, 2, 2, k_borrow_all, "([ns sym])",
     "Takes an alias out of a namespace."},
    {"clojure.core", "refer", refer_native, 1, k_variadic, k_borrow_all, "([ns-sym & filters])",
     "Makes public names of a namespace visible in the current one. Filters: :only, :exclude, :rename."},
    {"clojure.core", "refer-clojure", refer_clojure, 0, k_variadic, k_borrow_all, "([& filters])",
     "refer for clojure.core."},
    {"clojure.core", "require", require_native, 0, k_variadic, k_borrow_all, "([& args])",
     "Loads libraries that are not loaded yet. Each is a symbol, a vector [my.lib :as m :as-alias a :refer "
     "[f g] :rename {f h}] "
     "or a prefix list (my lib [other :as o]). Flags: :reload, :reload-all, :verbose."},
    {"clojure.core", "use", use_native, 0, k_variadic, k_borrow_all, "([& args])",
     "Like require, and refers to all public names, or those that :only, :exclude and :rename leave."},
    {"reops.internal", "import", import_native, 0, k_variadic, k_borrow_all, "([& specs])",
     "Makes classes and record types known by their short names. What the macro import becomes."},
    {"reops.internal", "note-loaded", note_loaded_native, 1, 1, k_borrow_all, "([lib])",
     "Notes that a library need not be loaded any more. For ns."},
    {"reops.internal", "note-unloaded", note_unloaded_native, 1, 1, k_borrow_all, "([lib])",
     "Notes that a library has to be loaded again by who needs it."},
    {"clojure.core", "loaded-libs", loaded_libs_native, 0, 0, k_borrow_all, "([])",
     "The set of libraries loaded so far."},
    {"clojure.core", "load", load, 0, k_variadic, k_borrow_all, "([& paths])",
     "Loads files by path without ending: \"/my/part\" from the load path, \"part\" beside the current "
     "namespace's file."},
    {"clojure.core", "load-file", load_file_native, 1, 1, k_borrow_all, "([name])",
     "Reads and evaluates a file; returns the value of its last form."},
    {"clojure.core", "load-string", load_string, 1, 1, k_borrow_all, "([s])",
     "Reads and evaluates all forms of a string; returns the value of the last."},
    {"clojure.core", "eval", eval_native, 1, 1, k_borrow_all, "([form])",
     "Evaluates a form in the current namespace."},
    {"clojure.core", "macroexpand-1", macroexpand_1, 1, 1, k_borrow_all, "([form])",
     "What a macro call becomes in one step; any other form is itself."},
    {"clojure.core", "macroexpand", macroexpand, 1, 1, k_borrow_all, "([form])",
     "Expands a form until it is no macro call any more. Forms inside are left as they are."},
};

}  // namespace

extern const NativeModule k_natives_namespaces;
const NativeModule k_natives_namespaces = {"namespaces", k_defs};

}  // namespace reops::lang
