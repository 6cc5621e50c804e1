// Sorted maps and sets.

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/views.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

// What a sorted map keeps of a comparator: nil when it is `compare`, which needs no call.
Ref comparator_argument(Ref f) {
  constexpr uint64_t k_comparators =
      k_functions | k_opaque_bit | kinds(Kind::MultiFn, Kind::Var, Kind::Record);
  if (!(kind_bit(f) & k_comparators)) throw_class_cast(f, "a function of two keys as the comparator");
  if (is<Native>(f) && full_name(as<Native>(f).name) == "clojure.core/compare") return nil();
  return f;
}

Ref fill_map(Ref map, Args args, size_t from) {
  if ((args.size() - from) % 2 != 0) {
    throw_illegal_argument("Keys and values must come in pairs: no value was given for the key " +
                           describe(args[args.size() - 1]));
  }
  for (size_t i = from; i < args.size(); i += 2) map_put(map, args.take(i), args.take(i + 1));
  return map;
}
Ref fill_set(Ref set, Args args, size_t from) {
  for (size_t i = from; i < args.size(); ++i) set_put(set, args.take(i));
  return set;
}

Ref sorted_map(Args args) { return fill_map(make_sorted_map(nil()), args, 0); }
Ref sorted_map_by(Args args) { return fill_map(make_sorted_map(comparator_argument(args.take(0))), args, 1); }
Ref sorted_set(Args args) { return fill_set(make_sorted_set(nil()), args, 0); }
Ref sorted_set_by(Args args) { return fill_set(make_sorted_set(comparator_argument(args.take(0))), args, 1); }
Ref sorted_p(Args args) { return boolean(is_sorted(args[0])); }

const SortedMap& sorted_argument(Value v) {
  if (!is_sorted(v)) throw_class_cast(v, "a sorted map or set");
  return as<SortedMap>(is_set(v) ? as<Set>(v).map : v);
}

Ref compare_keys(Args args) {
  return Ref::adopt(Value::fixnum(compare_by(sorted_argument(args[0]).comparator, args[1], args[2])));
}

Ref seq_from(Args args) {
  const SortedMap& map = sorted_argument(args[0]);
  bool descending = args[2].truthy();
  SortedPlace place;
  if (!sorted_seek(map, args[1], descending, place)) return nil();
  return sorted_seq(args[0], place, descending);
}

constexpr const char* k_core = "clojure.core";
constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_core, "sorted-map", sorted_map, 0, k_variadic, k_own_all, "([& keyvals])",
     "A map of the keys and values, which alternate, in the order that `compare` gives the keys."},
    {k_core, "sorted-map-by", sorted_map_by, 1, k_variadic, k_own_all, "([comparator & keyvals])",
     "A map of the keys and values, which alternate, in the order of the comparator: a function of two keys "
     "that returns a negative number, 0 or a positive one as the first comes before the second, is the same "
     "key, or comes after; or true when the first comes before.\n"
     "  (sorted-map-by > 1 :a 2 :b)   ; {2 :b, 1 :a}"},
    {k_core, "sorted-set", sorted_set, 0, k_variadic, k_own_all, "([& items])",
     "A set of the items, in the order that `compare` gives them."},
    {k_core, "sorted-set-by", sorted_set_by, 1, k_variadic, k_own_all, "([comparator & items])",
     "A set of the items in the order of the comparator (see sorted-map-by)."},
    {k_core, "sorted?", sorted_p, 1, 1, k_borrow_all, "([coll])", "True for a sorted map or set."},
    {k_internal, "sorted-compare", compare_keys, 3, 3, k_borrow_all, "([sorted a b])",
     "How a and b compare as keys of the sorted collection: -1, 0, 1, or whatever number `compare` gives."},
    {k_internal, "sorted-seq-from", seq_from, 3, 3, k_borrow_all, "([sorted key descending?])",
     "The sorted collection from key on, or from the first that lies behind it; nil when none does."},
};

}  // namespace

extern const NativeModule k_natives_sorted;
const NativeModule k_natives_sorted = {"sorted", k_defs};

}  // namespace reops::lang
