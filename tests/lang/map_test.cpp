// Maps against std::map, with keys that collide, in every mix of updates in place and updates of held
// versions.

#include "lang/collection/map.hpp"

#include <map>

#include "collection_support.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/hash_map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

using namespace testing;

using Model = std::map<int64_t, int64_t>;

Model entries(Value m) {
  Model out;
  map_each(m, [&](Value k, Value v) { RC_ASSERT(out.emplace(as_int(k), as_int(v)).second); });
  return out;
}

Ref map_of(const Model& model) {
  Ref m(empty_map());
  for (auto [k, v] : model) map_put(m, own(k), own(v));
  return m;
}

/// Everything that can be asked of a map agrees with the model.
void check(Value m, const Model& model) {
  RC_ASSERT(map_count(m) == model.size());
  RC_ASSERT(entries(m) == model);
  for (auto [k, v] : model) {
    Ref key = own(k);
    RC_ASSERT(as_int(map_get(m, key)) == v);
  }
  for (int n = 0; n < 300; n += 7) {
    Ref key = own(awkward_key(n));
    RC_ASSERT(map_get(m, key).is_none() == !model.contains(awkward_key(n)));
  }
}

/// A node below the root that holds one entry alone ought to be an entry of the node above.
void check_shape(Value node, bool root) {
  if (is<CollisionNode>(node)) {
    RC_ASSERT(as<CollisionNode>(node).length >= 4u);
    return;
  }
  HashNode& n = as<HashNode>(node);
  uint32_t entry_count = n.aux, child_count = n.length - 2u * n.aux;
  RC_ASSERT(static_cast<uint32_t>(std::popcount(n.entry_map)) == entry_count);
  RC_ASSERT(static_cast<uint32_t>(std::popcount(n.child_map)) == child_count);
  RC_ASSERT((n.entry_map & n.child_map) == 0u);
  RC_ASSERT(n.length <= n.capacity);
  if (!root) RC_ASSERT(child_count > 0 || entry_count > 1);
  for (uint32_t i = 0; i < child_count; ++i) check_shape(n.slots[2 * entry_count + i], false);
}

struct Kept {
  Ref map;
  Model model;
};

RC_GTEST_PROP(Map, BehavesAsTheModel, ()) {
  Model model;
  Ref m(empty_map());
  std::vector<Kept> kept;
  int span = *rc::gen::element(6, 12, 60, 300, 3000);
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 9), rc::gen::inRange(0, span), rc::gen::inRange(1, 40)));
  for (auto [what, start, n] : steps) {
    for (int i = 0; i < n && what < 7; ++i) {
      int64_t k = awkward_key((start + i * 5) % span);
      Ref key = own(k);
      if (what < 4) {
        m = map_assoc(std::move(m), key, own(i));
        model[k] = i;
      } else {
        m = map_dissoc(std::move(m), key);
        model.erase(k);
      }
    }
    if (what == 7) kept.push_back({m, model});
    if (what == 8) publish(m);
    if (kept.size() > 6) kept.erase(kept.begin());
  }
  check(m, model);
  if (is<HashMap>(m)) check_shape(as<HashMap>(m).root, true);
  for (const Kept& k : kept) check(k.map, k.model);
  RC_ASSERT(equal(m, map_of(model)));
  RC_ASSERT(equal(map_of(model), m));
  RC_ASSERT(hash(m) == hash(map_of(model)));
}

RC_GTEST_PROP(Map, SequencesWalkAllEntriesOnce, ()) {
  Model model;
  int n = *rc::gen::inRange(0, 200);
  for (int i = 0; i < n; ++i) model[awkward_key(*rc::gen::inRange(0, 400))] = i;
  Ref m = map_of(model);
  Model walked, by_parts;
  bool hold = *rc::gen::arbitrary<bool>();
  std::vector<Ref> held;
  for (Ref s = seq(m); !s.is_nil(); s = next_consuming(std::move(s))) {
    if (hold) held.push_back(s);
    Ref e = first(s);
    RC_ASSERT(is<MapEntry>(e));
    walked.emplace(as_int(as<MapEntry>(e).key), as_int(as<MapEntry>(e).value));
  }
  RC_ASSERT(walked == model);
  std::vector<int64_t> ks = ints(keys(m)), vs = ints(vals(m));
  RC_ASSERT(ks.size() == model.size());
  for (size_t i = 0; i < ks.size(); ++i) by_parts.emplace(ks[i], vs[i]);
  RC_ASSERT(by_parts == model);
  for (size_t i = 0; i < held.size(); ++i) {
    RC_ASSERT(count(held[i]) == model.size() - i);
    RC_ASSERT(as_int(as<MapEntry>(first(held[i])).key) == ks[i]);
  }
}

RC_GTEST_PROP(Map, SmallOnesKeepTheOrderOfInsertion, ()) {
  std::vector<int64_t> order;
  Ref m(empty_map());
  const auto wanted = *rc::gen::container<std::vector<int>>(12, rc::gen::inRange(0, 10));
  for (int n : wanted) {
    int64_t k = awkward_key(n);
    bool known = std::find(order.begin(), order.end(), k) != order.end();
    if (!known && order.size() == k_array_map_limit) break;
    if (!known) order.push_back(k);
    m = map_assoc(std::move(m), own(k), own(1));
  }
  RC_ASSERT(ints(keys(m)) == order);
}

RC_GTEST_PROP(Set, BehavesAsTheModel, ()) {
  std::map<int64_t, bool> model;
  Ref s(empty_set());
  std::vector<std::pair<Ref, std::map<int64_t, bool>>> kept;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 8), rc::gen::inRange(0, 100)));
  for (auto [what, n] : steps) {
    int64_t k = awkward_key(n);
    if (what < 4) {
      s = set_conj(std::move(s), own(k));
      model[k] = true;
    } else if (what < 6) {
      Ref key = own(k);
      s = set_disj(std::move(s), key);
      model.erase(k);
    } else if (what == 6) {
      kept.emplace_back(s, model);
    } else {
      publish(s);
    }
  }
  kept.emplace_back(s, model);
  for (auto& [set, expected] : kept) {
    std::map<int64_t, bool> members;
    for (int64_t i : ints(set)) members[i] = true;
    RC_ASSERT(members == expected);
    RC_ASSERT(set_count(set) == expected.size());
    for (auto [k, unused] : expected) {
      Ref key = own(k);
      RC_ASSERT(as_int(set_get(set, key)) == k);
    }
  }
  Ref rebuilt(empty_set());
  for (auto it = model.rbegin(); it != model.rend(); ++it) set_put(rebuilt, own(it->first));
  RC_ASSERT(equal(s, rebuilt));
  RC_ASSERT(hash(s) == hash(rebuilt));
}

TEST(Map, FamilyOfCollisionsReallyCollides) {
  for (uint32_t i = 0; i < 100; ++i) ASSERT_EQ(hash(own(colliding(i))), hash(own(colliding(0))));
}

TEST(Map, HoldsAThousandKeysOfOneHash) {
  Ref m(empty_map());
  for (uint32_t i = 0; i < 1000; ++i) map_put(m, own(colliding(i)), own(i));
  ASSERT_EQ(map_count(m), 1000u);
  Ref half = m;
  for (uint32_t i = 0; i < 1000; i += 2) map_remove(half, own(colliding(i)));
  for (uint32_t i = 0; i < 1000; ++i) {
    Ref key = own(colliding(i));
    EXPECT_EQ(map_get(m, key), fix(i));
    EXPECT_EQ(map_get(half, key), i % 2 ? fix(i) : Value::none());
  }
  for (uint32_t i = 1; i < 1000; i += 2) map_remove(half, own(colliding(i)));
  EXPECT_EQ(map_count(half), 0u);
  EXPECT_TRUE(equal(half, empty_map()));
}

TEST(Map, IsUpdatedInPlaceAllTheWayDown) {
  Ref m(empty_map());
  for (int64_t i = 0; i < 100'000; ++i) map_put(m, own(i * 7), own(i));
  Object* map = m.object();
  Object* root = as<HashMap>(m).root.as_object();
  const Value* place = map_find(m, fix(7 * 5000));
  m = map_assoc(std::move(m), own(7 * 5000), own(-1));
  EXPECT_EQ(m.object(), map);
  EXPECT_EQ(as<HashMap>(m).root.as_object(), root);
  EXPECT_EQ(map_find(m, fix(7 * 5000)), place);
  EXPECT_EQ(place[1], fix(-1));
}

TEST(Map, AssocOfWhatIsThereAlreadyCopiesNothing) {
  for (int64_t size : {5, 50}) {
    Ref m(empty_map());
    for (int64_t i = 0; i < size; ++i) map_put(m, own(i), own(i));
    Ref same = map_assoc(m, own(3), own(3));
    EXPECT_EQ(same.object(), m.object());
    Ref missing = map_dissoc(m, fix(1000));
    EXPECT_EQ(missing.object(), m.object());
  }
}

TEST(Map, RemovesAKeyThatWasLentByTheMapItself) {
  Ref m(empty_map());
  for (int i = 0; i < 20; ++i) map_put(m, make_string("key " + std::to_string(i)), own(i));
  for (int left = 20; left > 0; --left) {
    Value key = MapCursor(m).key();
    m = map_dissoc(std::move(m), key);
    ASSERT_EQ(map_count(m), static_cast<size_t>(left - 1));
  }
}

TEST(Map, FindsStringsByContent) {
  Ref m(empty_map());
  for (int i = 0; i < 5000; ++i) map_put(m, make_string("host-" + std::to_string(i)), own(i));
  for (int i = 0; i < 5000; ++i) {
    Ref key = make_string("host-" + std::to_string(i));
    ASSERT_EQ(map_get(m, key), fix(i));
  }
}

TEST(Map, LargeArrayMapKeepsItsOrderAndItsLastDuplicate) {
  std::vector<Value> pairs;
  for (int i = 19; i >= 0; --i) pairs.insert(pairs.end(), {fix(i), fix(i)});
  pairs.insert(pairs.end(), {fix(7), fix(70)});
  Ref m = make_array_map(pairs);
  std::vector<int64_t> ks = ints(keys(m));
  ASSERT_EQ(ks.size(), 20u);
  EXPECT_EQ(ks.front(), 19);
  EXPECT_EQ(ks.back(), 0);
  EXPECT_EQ(map_get(m, fix(7)), fix(70));
  EXPECT_TRUE(is<HashMap>(map_assoc(m, own(100), own(1))));
}

TEST(Map, LiteralWithDuplicatesTakesTheLast) {
  Ref m = make_map({fix(1), fix(10), fix(2), fix(20), fix(1), fix(11)});
  EXPECT_EQ(map_count(m), 2u);
  EXPECT_EQ(map_get(m, fix(1)), fix(11));
}

// A key whose equality fails: the map must stay whole, in place or not, whether the error comes while looking
// or placing.
Ref poisoned_key() {
  return make_lazy_seq(native([](Args) -> Ref { throw_illegal_state("poisoned"); }));
}

class MapOnThread : public OnThread {};

TEST_F(MapOnThread, StaysAsItWasWhenAKeysEqualityThrows) {
  for (int64_t size : {3, 8, 40}) {
    Ref m(empty_map());
    for (int64_t i = 0; i < size; ++i) {
      Ref key = make_vector({fix(i), fix(i)});
      map_put(m, key, own(i));
    }
    Ref key = poisoned_key();
    EXPECT_EQ(error_class_of([&] { map_put(m, key, own(1)); }), ErrorClass::illegal_state);
    EXPECT_EQ(error_class_of([&] { map_remove(m, key); }), ErrorClass::illegal_state);
    EXPECT_EQ(map_count(m), static_cast<size_t>(size));
    for (int64_t i = 0; i < size; ++i) {
      Ref known = make_vector({fix(i), fix(i)});
      EXPECT_EQ(map_get(m, known), fix(i));
    }
  }
}

TEST(Map, GenericOperations) {
  Ref m = make_map({fix(1), fix(2)});
  EXPECT_EQ(get(m, fix(1)), fix(2));
  EXPECT_EQ(get(m, fix(5), fix(9)), fix(9));
  EXPECT_TRUE(equal(conj(m, make_vector({fix(3), fix(4)})), make_map({fix(1), fix(2), fix(3), fix(4)})));
  EXPECT_TRUE(equal(conj(m, make_map({fix(1), fix(7)})), make_map({fix(1), fix(7)})));
  EXPECT_TRUE(equal(conj(m, nil()), m));
  EXPECT_EQ(error_class_of([&] { conj(m, make_vector({fix(3)})); }), ErrorClass::illegal_argument);
  EXPECT_TRUE(equal(assoc(nil(), own(1), own(2)), m));
  EXPECT_TRUE(dissoc(nil(), fix(1)).is_nil());
  EXPECT_TRUE(equal(find(m, fix(1)), make_vector({fix(1), fix(2)})));
  EXPECT_TRUE(find(m, fix(2)).is_nil());
}

}  // namespace
}  // namespace reops::lang
