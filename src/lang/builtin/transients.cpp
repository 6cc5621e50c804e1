// Transients.

#include "lang/builtin/native.hpp"
#include "lang/collection/transient.hpp"
#include "lang/collection/vector.hpp"

namespace reops::lang {
namespace {

Ref transient(Args args) { return make_transient(args.take(0)); }
Ref persistent_of(Args args) { return persistent(args[0]); }
Ref conj_one(Args args) {
  if (args.size() == 0) return make_transient(Ref(empty_vector()));
  if (args.size() == 2) transient_conj(args[0], args.take(1));
  return args.take(0);
}
Ref assoc_pairs(Args args) {
  if (args.size() % 2 == 0) {
    throw_illegal_argument("Keys and values must come in pairs: no value was given for the key " +
                           describe(args[args.size() - 1]));
  }
  for (size_t i = 1; i < args.size(); i += 2) transient_assoc(args[0], args.take(i), args.take(i + 1));
  return args.take(0);
}
Ref dissoc_keys(Args args) {
  for (size_t i = 1; i < args.size(); ++i) transient_dissoc(args[0], args[i]);
  return args.take(0);
}
Ref disj_items(Args args) {
  for (size_t i = 1; i < args.size(); ++i) transient_disj(args[0], args[i]);
  return args.take(0);
}
Ref pop_one(Args args) {
  transient_pop(args[0]);
  return args.take(0);
}

constexpr const char* k_core = "clojure.core";
constexpr uint32_t k_borrow_but_first = k_borrow_all & ~borrow(0);

constexpr NativeDef k_defs[] = {
    {k_core, "transient", transient, 1, 1, k_own_all, "([coll])",
     "A transient that begins as the vector, map or set coll, which itself stays as it is."},
    {k_core, "persistent!", persistent_of, 1, 1, k_borrow_all, "([coll])",
     "The collection that the transient has become. The transient cannot be used afterwards."},
    {k_core, "conj!", conj_one, 0, 2, k_own_all, "([] [coll] [coll x])",
     "Adds x to the transient, and returns it."},
    {k_core, "assoc!", assoc_pairs, 3, k_variadic, k_own_all, "([coll key val] [coll key val & kvs])",
     "Puts val under key in the transient map or vector, and returns it."},
    {k_core, "dissoc!", dissoc_keys, 2, k_variadic, k_borrow_but_first, "([map key] [map key & ks])",
     "Takes the keys out of the transient map, and returns it."},
    {k_core, "disj!", disj_items, 2, k_variadic, k_borrow_but_first, "([set item] [set item & items])",
     "Takes the items out of the transient set, and returns it."},
    {k_core, "pop!", pop_one, 1, 1, k_own_all, "([coll])",
     "Takes the last element off the transient vector, and returns it."},
};

}  // namespace

extern const NativeModule k_natives_transients;
const NativeModule k_natives_transients = {"transients", k_defs};

}  // namespace reops::lang
