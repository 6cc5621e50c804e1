// Multimethods and the relation they dispatch by; the hierarchy functions are in core/multimethods.clj.

#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/multimethod.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

MultiFn& multi_argument(Value v) {
  if (!is<MultiFn>(v)) throw_class_cast(v, "a multimethod");
  return as<MultiFn>(v);
}

Ref isa(Args args) {
  if (args.size() == 3) return boolean(is_a(args[0], args[1], args[2]));
  static Var& global = intern(find_ns("clojure.core"), "global-hierarchy");
  Ref hierarchy(global.load_root());
  return boolean(is_a(hierarchy.get().is_none() ? Value::nil() : hierarchy.get(), args[0], args[1]));
}

Ref make(Args args) {
  // Evaluated anew, a defmulti keeps its methods and takes the new dispatch function.
  Ref existing = defined_value(args[0]);
  if (is<MultiFn>(existing) && full_name(as<MultiFn>(existing).name) == full_name(args[0])) {
    redefine_multi(as<MultiFn>(existing), args[1], args[2], args[3]);
    return existing;
  }
  return make_multi(args[0], args[1], args[2], args[3]);
}

Ref add(Args args) {
  add_method(multi_argument(args[0]), args[1], args[2]);
  return Ref(args[0]);
}
Ref remove(Args args) {
  remove_method(multi_argument(args[0]), args[1]);
  return Ref(args[0]);
}
Ref remove_all(Args args) {
  remove_all_methods(multi_argument(args[0]));
  return Ref(args[0]);
}
Ref prefer(Args args) {
  prefer_method(multi_argument(args[0]), args[1], args[2]);
  return Ref(args[0]);
}
Ref methods(Args args) { return Ref(load_table(multi_argument(args[0]).methods)); }
Ref prefers(Args args) { return Ref(load_table(multi_argument(args[0]).prefers)); }
Ref method_for(Args args) {
  Ref method = multi_method_for(multi_argument(args[0]), args[1]);
  return method.get().is_none() ? nil() : method;
}

Ref dispatch(Args args) { return Ref(load_table(multi_argument(args[0]).dispatch)); }

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "isa?", isa, 2, 3, k_borrow_all, "([child parent] [h child parent])",
     "True if child equals parent, was derived from it (in the hierarchy h, or else the global one), is a "
     "class whose "
     "instances are parent's too, or both are vectors of which this holds item by item."},
    {k_core, "remove-method", remove, 2, 2, k_borrow_all, "([multifn dispatch-val])",
     "Takes the method for that dispatch value away."},
    {k_core, "remove-all-methods", remove_all, 1, 1, k_borrow_all, "([multifn])",
     "Takes all methods and preferences of the multimethod away."},
    {k_core, "prefer-method", prefer, 3, 3, k_borrow_all, "([multifn dispatch-val-x dispatch-val-y])",
     "Where the methods for both values match, the one for x is to be chosen."},
    {k_core, "methods", methods, 1, 1, k_borrow_all, "([multifn])",
     "The multimethod's methods: dispatch value to function."},
    {k_core, "prefers", prefers, 1, 1, k_borrow_all, "([multifn])",
     "The multimethod's preferences: dispatch value to the set of those it is preferred to."},
    {k_core, "get-method", method_for, 2, 2, k_borrow_all, "([multifn dispatch-val])",
     "The method that would be chosen for a dispatch value, the default one if there is no better, or nil."},
    {"reops.internal", "make-multi", make, 4, 4, k_borrow_all, "([name dispatch default hierarchy])",
     "A multimethod; one that the var of that qualified name holds already is changed, and keeps its "
     "methods."},
    {"reops.internal", "multi-dispatch", dispatch, 1, 1, k_borrow_all, "([multifn])",
     "The function whose answer chooses the multimethod's method."},
    {"reops.internal", "add-method", add, 3, 3, k_borrow_all, "([multifn dispatch-val f])",
     "Makes f the method for that dispatch value."},
};

}  // namespace

extern const NativeModule k_natives_multimethods;
const NativeModule k_natives_multimethods = {"multimethods", k_defs};

}  // namespace reops::lang
