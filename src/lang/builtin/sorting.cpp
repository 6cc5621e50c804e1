// Order: compare and sort.

#include <algorithm>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

// True when `a` must come before `b` by a function that answers with a number or a boolean.
bool comes_before(Value comparator, Value a, Value b) {
  if (is<Record>(comparator)) return compare_by(comparator, a, b) < 0;
  Ref answer = call(comparator, {a, b});
  if (is_number(answer)) return is_negative(answer);
  return answer.truthy();
}

// Merge sort of our own: a comparator that a program wrote may contradict itself, which the standard
// library's algorithms may answer by leaving the array. Stable; `scratch` is as long as `items`.
template <class Less>
void merge_sort(std::span<Value> items, std::span<Value> scratch, const Less& less) {
  constexpr size_t k_short = 8;
  if (items.size() <= k_short) {
    for (size_t i = 1; i < items.size(); ++i) {
      for (size_t j = i; j > 0 && less(items[j], items[j - 1]); --j) std::swap(items[j], items[j - 1]);
    }
    return;
  }
  size_t half = items.size() / 2;
  auto left = items.first(half), right = items.subspan(half);
  merge_sort(left, scratch.first(half), less);
  merge_sort(right, scratch.subspan(half), less);
  if (!less(right.front(), left.back())) return;
  std::copy(items.begin(), items.end(), scratch.begin());
  size_t l = 0, r = half, out = 0;
  while (l < half && r < items.size())
    items[out++] = less(scratch[r], scratch[l]) ? scratch[r++] : scratch[l++];
  while (l < half) items[out++] = scratch[l++];
  while (r < items.size()) items[out++] = scratch[r++];
}

Ref compare_of(Args args) { return Ref::adopt(Value::fixnum(compare(args[0], args[1]))); }

Ref sort(Args args) {
  Value coll = args[args.size() - 1];
  // The values are borrowed from this vector while they are moved about, so that an error leaves nothing to
  // clean up.
  Ref source = into_vector(coll);
  size_t count = vector_count(source);
  if (count == 0) return Ref(empty_list());
  Ref metadata = meta(coll);
  std::vector<Value> items, scratch(count);
  items.reserve(count);
  bool small_integers = true;
  for (SeqIterator it(source); it.more(); it.step()) {
    items.push_back(it.value());
    small_integers = small_integers && it.value().is_fixnum();
  }
  if (args.size() == 2) {
    Ref comparator(args[0]);
    merge_sort<>(items, scratch, [&](Value a, Value b) { return comes_before(comparator, a, b); });
  } else if (small_integers) {
    std::sort(items.begin(), items.end(), [](Value a, Value b) { return a.as_fixnum() < b.as_fixnum(); });
  } else {
    merge_sort<>(items, scratch, [](Value a, Value b) { return compare(a, b) < 0; });
  }
  Ref sorted = vector_seq(make_vector(items));
  return metadata.is_nil() ? sorted : with_meta(std::move(sorted), std::move(metadata));
}

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "compare", compare_of, 2, 2, k_borrow_all, "([x y])",
     "A negative number, 0 or a positive one as x comes before y, equals it, or comes after. nil comes "
     "first; otherwise "
     "both must be of a kind that has an order: numbers, strings, keywords, symbols, characters, booleans, "
     "vectors."},
    {k_core, "sort", sort, 1, 2, k_borrow_all, "([coll] [comp coll])",
     "A sequence of the elements in ascending order, by `compare` or by comp, which answers with such a "
     "number or with "
     "true when its first argument comes first. Equal elements keep their order."},
};

}  // namespace

extern const NativeModule k_natives_sorting;
const NativeModule k_natives_sorting = {"sorting", k_defs};

}  // namespace reops::lang
