// Sorted maps and sets against std::map, in every mix of updates in place and updates of held versions.

#include <map>

#include "collection_support.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

using namespace testing;

using Model = std::map<int64_t, int64_t>;

Ref sorted_map() { return make_sorted_map(nil()); }

Ref map_of(const Model& model) {
  Ref m = sorted_map();
  for (auto [k, v] : model) map_put(m, own(k), own(v));
  return m;
}

std::vector<std::pair<int64_t, int64_t>> entries(Value m) {
  std::vector<std::pair<int64_t, int64_t>> out;
  map_each(m, [&](Value k, Value v) { out.emplace_back(as_int(k), as_int(v)); });
  return out;
}

// Heights are right, and no node's sides differ by more than one.
int check_balance(Value node) {
  if (node.is_nil()) return 0;
  const SortedNode& n = as<SortedNode>(node);
  int left = check_balance(n.left), right = check_balance(n.right);
  RC_ASSERT(std::abs(left - right) <= 1);
  RC_ASSERT(n.aux == std::max(left, right) + 1);
  return n.aux;
}

void check(Value m, const Model& model) {
  check_balance(as<SortedMap>(m).root);
  RC_ASSERT(map_count(m) == model.size());
  RC_ASSERT(entries(m) == (std::vector<std::pair<int64_t, int64_t>>(model.begin(), model.end())));
  for (int64_t k = -3; k < 300; k += 7) {
    auto found = model.find(k);
    Value value = map_get(m, fix(k));
    RC_ASSERT(value.is_none() == (found == model.end()));
    if (found != model.end()) RC_ASSERT(as_int(value) == found->second);
  }
}

struct Kept {
  Ref map;
  Model model;
};

RC_GTEST_PROP(SortedMap, BehavesAsTheModel, ()) {
  Model model;
  Ref m = sorted_map();
  std::vector<Kept> kept;
  int span = *rc::gen::element(3, 12, 60, 300, 3000);
  int stride = *rc::gen::element(1, 5, 97);
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 9), rc::gen::inRange(0, span), rc::gen::inRange(1, 40)));
  for (auto [what, start, n] : steps) {
    for (int i = 0; i < n && what < 7; ++i) {
      int64_t k = (start + i * stride) % span;
      if (what < 4) {
        m = map_assoc(std::move(m), own(k), own(i));
        model[k] = i;
      } else {
        m = map_dissoc(std::move(m), fix(k));
        model.erase(k);
      }
    }
    if (what == 7) kept.push_back({m, model});
    if (what == 8) publish(m);
    if (kept.size() > 6) kept.erase(kept.begin());
  }
  check(m, model);
  for (const Kept& k : kept) check(k.map, k.model);
  Ref unordered(empty_map());
  for (auto [k, v] : model) map_put(unordered, own(k), own(v));
  RC_ASSERT(equal(m, map_of(model)));
  RC_ASSERT(equal(m, unordered));
  RC_ASSERT(equal(unordered, m));
  RC_ASSERT(hash(m) == hash(unordered));
}

RC_GTEST_PROP(SortedMap, IsWalkedBothWaysFromAnywhere, ()) {
  Model model;
  int n = *rc::gen::inRange(0, 200);
  for (int i = 0; i < n; ++i) model[*rc::gen::inRange(0, 400)] = i;
  Ref m = map_of(model);
  bool descending = *rc::gen::arbitrary<bool>(), hold = *rc::gen::arbitrary<bool>();
  int64_t key = *rc::gen::inRange(-2, 402);
  std::vector<int64_t> expected;
  for (auto [k, v] : model) {
    if (descending ? k <= key : k >= key) expected.push_back(k);
  }
  if (descending) std::reverse(expected.begin(), expected.end());

  SortedPlace place;
  RC_ASSERT(sorted_seek(as<SortedMap>(m), fix(key), descending, place) == !expected.empty());
  if (expected.empty()) return;
  Ref s = sorted_seq(m, place, descending);
  RC_ASSERT(count(s) == expected.size());
  std::vector<int64_t> iterated, stepped;
  for (SeqIterator it(s.get()); it.more(); it.step())
    iterated.push_back(as_int(as<MapEntry>(it.value()).key));
  std::vector<Ref> held;
  while (!s.is_nil()) {
    if (hold) held.push_back(s);
    stepped.push_back(as_int(as<MapEntry>(first(s)).key));
    s = next_consuming(std::move(s));
  }
  RC_ASSERT(iterated == expected);
  RC_ASSERT(stepped == expected);
  for (size_t i = 0; i < held.size(); ++i) RC_ASSERT(as_int(as<MapEntry>(first(held[i])).key) == expected[i]);
}

RC_GTEST_PROP(SortedSet, BehavesAsTheModel, ()) {
  std::map<int64_t, bool> model;
  Ref s = make_sorted_set(nil());
  std::vector<std::pair<Ref, std::map<int64_t, bool>>> kept;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 6), rc::gen::inRange(0, 100)));
  for (auto [what, k] : steps) {
    if (what < 3) {
      set_put(s, own(k));
      model[k] = true;
    } else if (what < 5) {
      set_remove(s, fix(k));
      model.erase(k);
    } else {
      kept.emplace_back(s, model);
    }
  }
  kept.emplace_back(s, model);
  for (const auto& [set, content] : kept) {
    std::vector<int64_t> members;
    for (auto [k, _] : content) members.push_back(k);
    RC_ASSERT(set_count(set) == content.size());
    RC_ASSERT(ints(set) == members);
    std::reverse(members.begin(), members.end());
    RC_ASSERT(ints(reverse_seq(set)) == members);
  }
}

TEST(SortedMap, IsUpdatedInPlaceWhenNobodyElseHoldsIt) {
  Ref m = sorted_map();
  for (int64_t i = 0; i < 1000; ++i) map_put(m, own(i), own(i));
  Object* map = m.object();
  Object* root = as<SortedMap>(m).root.as_object();
  map_put(m, own(5), own(50));
  map_remove(m, fix(6));
  EXPECT_EQ(m.object(), map);
  EXPECT_EQ(as<SortedMap>(m).root.as_object(), root);
  Ref held = m;
  map_put(m, own(5), own(500));
  EXPECT_EQ(map_get(held, fix(5)), fix(50));
  EXPECT_EQ(map_get(m, fix(5)), fix(500));
}

TEST(SortedMap, KeepsTheKeyItHas) {
  Ref first_key = make_string("a"), second_key = make_string("a");
  Ref m = map_assoc(map_assoc(sorted_map(), first_key, own(1)), second_key, own(2));
  EXPECT_EQ(map_count(m), 1u);
  EXPECT_EQ(map_find(m, second_key)[0], first_key.get());
  EXPECT_EQ(map_find(m, first_key)[1], fix(2));
}

TEST(SortedMap, RefusesKeysWithoutOrder) {
  Ref m = sorted_map();
  EXPECT_EQ(error_class_of([&] { map_put(m, Ref(empty_map()), own(1)); }), ErrorClass::class_cast);
  map_put(m, own(1), own(1));
  EXPECT_EQ(error_class_of([&] { map_put(m, make_string("a"), own(1)); }), ErrorClass::class_cast);
  EXPECT_EQ(error_class_of([&] { map_get(m, Value::boolean(true)); }), ErrorClass::class_cast);
  EXPECT_EQ(map_count(m), 1u);
}

class SortedByFunction : public OnThread {};

TEST_F(SortedByFunction, AnswersWithNumbersOrBooleans) {
  Ref less = native([](Args args) { return boolean(as_int(args[0]) > as_int(args[1])); }, 2);
  Ref by_last_digit = native([](Args args) { return own(as_int(args[0]) % 10 - as_int(args[1]) % 10); }, 2);
  Ref down = make_sorted_set(less), digits = make_sorted_set(by_last_digit);
  for (int64_t i : {3, 11, 7, 21, 5}) {
    set_put(down, own(i));
    set_put(digits, own(i));
  }
  EXPECT_EQ(ints(down), (std::vector<int64_t>{21, 11, 7, 5, 3}));
  EXPECT_EQ(ints(digits), (std::vector<int64_t>{11, 3, 5, 7}));
  Ref empty_one = empty(down);
  EXPECT_EQ(as<SortedMap>(as<Set>(empty_one).map).comparator, less.get());
}

TEST_F(SortedByFunction, StaysAsItWasWhenTheComparatorThrows) {
  Ref fussy = native(
      [](Args args) {
        if (as_int(args[0]) == 13) throw_illegal_argument("not 13");
        return own(as_int(args[0]) - as_int(args[1]));
      },
      2);
  Ref s = make_sorted_set(fussy);
  for (int64_t i = 0; i < 10; ++i) set_put(s, own(i));
  EXPECT_EQ(error_class_of([&] { set_put(s, own(13)); }), ErrorClass::illegal_argument);
  EXPECT_EQ(error_class_of([&] { set_remove(s, fix(13)); }), ErrorClass::illegal_argument);
  EXPECT_EQ(set_count(s), 10u);
  EXPECT_EQ(ints(s).size(), 10u);
}

TEST_F(SortedByFunction, EqualsMapsOfOtherOrdersByContent) {
  Ref down = native([](Args args) { return boolean(as_int(args[0]) > as_int(args[1])); }, 2);
  Ref a = sorted_map(), b = make_sorted_map(down);
  for (int64_t i = 0; i < 20; ++i) {
    map_put(a, own(i), own(i));
    map_put(b, own(i), own(i));
  }
  EXPECT_TRUE(equal(a, b));
  EXPECT_TRUE(equal(b, a));
  map_put(b, own(3), own(4));
  EXPECT_FALSE(equal(a, b));
}

}  // namespace
}  // namespace reops::lang
