// Vars: roots, metadata, thread bindings.

#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/monitor.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

Var& var_arg(Value v) {
  if (auto* var = try_as<Var>(v)) return *var;
  throw_class_cast(v, "a var, such as #'my.ns/name");
}

Ref is_var(Args args) { return boolean(is<Var>(args[0])); }
Ref var_get(Args args) { return deref(var_arg(args[0])); }

Ref var_set(Args args) {
  set_binding(var_arg(args[0]), Ref(args[1]));
  return Ref(args[1]);
}

Ref alter_var_root(Args args) { return alter_root(var_arg(args[0]), args[1], args.from(2)); }

Value ns_arg(Value v) {
  if (is<Namespace>(v)) return v;
  if (!is<Symbol>(v)) throw_class_cast(v, "a namespace or a symbol that names one");
  Value ns = find_ns(full_name(v));
  if (ns.is_nil()) throw_error(ErrorClass::exception, "No namespace: " + full_name(v) + " found");
  return ns;
}

Ref intern_native(Args args) {
  Value ns = ns_arg(args[0]);
  if (!is<Symbol>(args[1])) throw_class_cast(args[1], "a symbol to name the var");
  Var& var = intern(ns, name_of(args[1]));
  Value meta = as<Symbol>(args[1]).meta;
  if (!meta.is_nil()) set_definition_meta(var, Ref(meta));
  if (args.size() > 2) set_root(var, Ref(args[2]));
  return Ref(Value::object(&var));
}

Ref find_var(Args args) {
  if (!is<Symbol>(args[0]) || !has_ns(args[0])) {
    throw_illegal_argument("find-var needs a symbol with a namespace, and was given " + pr_str(args[0]));
  }
  Value ns = find_ns(ns_of(args[0]));
  if (ns.is_nil()) throw_illegal_argument("There is no namespace " + std::string(ns_of(args[0])));
  Value found = resolve(ns, args[0]);
  return is<Var>(found) ? Ref(found) : nil();
}

Ref local_var(Args args) { return make_local_var(args[0]); }

Ref is_bound(Args args) {
  for (Value v : args.from(0)) {
    Var& var = var_arg(v);
    if (var.load_root().is_none() && find_binding(var).is_none()) return boolean(false);
  }
  return boolean(true);
}

Ref is_thread_bound(Args args) {
  for (Value v : args.from(0)) {
    if (find_binding(var_arg(v)).is_none()) return boolean(false);
  }
  return boolean(true);
}

Ref push_thread_bindings(Args args) {
  if (!is_map(args[0])) throw_class_cast(args[0], "a map from vars to values");
  push_bindings(args[0]);
  return {};
}

Ref pop_thread_bindings(Args) {
  pop_bindings();
  return {};
}

Ref get_thread_bindings(Args) { return thread_bindings(); }

Ref binding_frame_native(Args) {
  Ref frame = binding_frame();
  return frame.is_nil() ? Ref(empty_map()) : frame;
}

Ref call_conveyed(Args args) {
  ConveyedBindings bindings{Ref(args[0])};
  Ref f(args[1]);
  std::vector<Ref> keep;
  for (Value v : args.from(2)) keep.emplace_back(v);
  std::vector<Value> rest(keep.begin(), keep.end());
  return call(f, rest);
}

Ref alter_meta(Args args) {
  MonitorScope alone(args[0]);
  Ref before = meta(args[0]);
  std::vector<Value> all{before.get()};
  for (Value v : args.from(2)) all.push_back(v);
  return set_reference_meta(args[0], call(args[1], all));
}

Ref reset_meta(Args args) { return set_reference_meta(args[0], Ref(args[1])); }

/// Roots as with-redefs saves them: an unbound var stands for itself.
Ref var_roots(Args args) {
  Ref roots(empty_map());
  for (SeqIterator it(args[0]); it.more(); it.step()) {
    Ref key(it.value());
    Value root = var_arg(key).load_root();
    Ref held(root.is_none() ? key.get() : root);
    map_put(roots, std::move(key), std::move(held));
  }
  return roots;
}

Ref swap_roots(Args args) {
  if (!is_map(args[0])) throw_class_cast(args[0], "a map from vars to values");
  Ref before(empty_map());
  map_each(args[0], [&](Value key, Value value) {
    Var& var = var_arg(key);
    Value root = var.load_root();
    before = map_assoc(std::move(before), Ref(key), Ref(root.is_none() ? key : root));
    if (value == key) {
      unbind_root(var);
    } else {
      set_root(var, Ref(value));
    }
  });
  return before;
}

const NativeDef k_defs[] = {
    {"clojure.core", "var?", is_var, 1, 1, k_borrow_all, "([v])", "True for a var."},
    {"clojure.core", "var-get", var_get, 1, 1, k_borrow_all, "([x])",
     "The value of a var: this thread's, or the root."},
    {"clojure.core", "var-set", var_set, 2, 2, k_borrow_all, "([x val])",
     "Changes this thread's binding of the var; returns val."},
    {"clojure.core", "alter-var-root", alter_var_root, 2, k_variadic, k_borrow_all, "([v f & args])",
     "Replaces the root of a var by (f root args…), one alteration at a time; returns the new root."},
    {"clojure.core", "intern", intern_native, 2, 3, k_borrow_all, "([ns name] [ns name val])",
     "The var of that name in a namespace, made if it is missing, with val as its root if given. The name's "
     "metadata "
     "becomes the var's."},
    {"clojure.core", "find-var", find_var, 1, 1, k_borrow_all, "([sym])",
     "The var that a symbol with a namespace names, or nil."},
    {"reops.internal", "local-var", local_var, 1, 1, k_borrow_all, "([name])",
     "A var of no namespace, to be bound in this thread. For with-local-vars."},
    {"clojure.core", "bound?", is_bound, 0, k_variadic, k_borrow_all, "([& vars])",
     "True when every var has a value."},
    {"clojure.core", "thread-bound?", is_thread_bound, 0, k_variadic, k_borrow_all, "([& vars])",
     "True when every var has a binding in this thread."},
    {"clojure.core", "push-thread-bindings", push_thread_bindings, 1, 1, k_borrow_all, "([bindings])",
     "Binds vars in this thread from a map, until pop-thread-bindings. Use binding or with-bindings."},
    {"clojure.core", "pop-thread-bindings", pop_thread_bindings, 0, 0, k_borrow_all, "([])",
     "Ends what the last push-thread-bindings began."},
    {"clojure.core", "get-thread-bindings", get_thread_bindings, 0, 0, k_borrow_all, "([])",
     "This thread's bindings: a map from vars to values."},
    {"reops.internal", "binding-frame", binding_frame_native, 0, 0, k_borrow_all, "([])",
     "This thread's bindings as they are handed to another thread."},
    {"reops.internal", "call-conveyed", call_conveyed, 2, k_variadic, k_borrow_all, "([frame f & args])",
     "Calls f with the bindings of a frame in effect."},
    {"clojure.core", "alter-meta!", alter_meta, 2, k_variadic, k_borrow_all, "([iref f & args])",
     "Replaces the metadata of a var, namespace or atom by (f metadata args…), one alteration at a time; "
     "returns it."},
    {"clojure.core", "reset-meta!", reset_meta, 2, 2, k_borrow_all, "([iref metadata-map])",
     "Replaces the metadata of a var, namespace or atom."},
    {"reops.internal", "var-roots", var_roots, 1, 1, k_borrow_all, "([vars])",
     "A map from vars to their roots, as swap-roots! takes it: an unbound var has itself."},
    {"reops.internal", "swap-roots!", swap_roots, 1, 1, k_borrow_all, "([roots])",
     "Gives vars the roots of a map; returns the map that puts the old ones back. For with-redefs."},
};

}  // namespace

extern const NativeModule k_natives_vars;
const NativeModule k_natives_vars = {"vars", k_defs};

}  // namespace reops::lang
