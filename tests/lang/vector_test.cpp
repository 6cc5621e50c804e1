// Vectors against std::vector: whatever is done to a version, in place or not, those held elsewhere stay as
// they were.

#include "lang/collection/vector.hpp"

#include "collection_support.hpp"
#include "lang/collection/access.hpp"

namespace reops::lang {
namespace {

using namespace testing;

using Model = std::vector<int64_t>;

Ref vector_of(const Model& model) {
  Ref v(empty_vector());
  for (int64_t i : model) vector_push(v, own(i));
  return v;
}

Model iota(size_t count) {
  Model m(count);
  for (size_t i = 0; i < count; ++i) m[i] = static_cast<int64_t>(i);
  return m;
}

/// Reads every element by index, which takes other paths than walking does.
Model by_index(Value v) {
  Model m;
  for (size_t i = 0; i < vector_count(v); ++i) m.push_back(as_int(vector_at(v, i)));
  return m;
}

// Sizes around which the tree changes its shape.
size_t awkward_size() {
  return *rc::gen::element<size_t>(0, 1, 2, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 1055, 1056, 1057, 1088,
                                   2000, 32799, 32800, 32801, 33000);
}

/// A version that the test keeps, and what it must stay.
struct Kept {
  Ref vector;
  Model model;
};

void check(const std::vector<Kept>& kept) {
  for (const Kept& k : kept) RC_ASSERT(by_index(k.vector) == k.model);
}

RC_GTEST_PROP(Vector, BehavesAsTheModel, ()) {
  Model model = iota(awkward_size());
  Ref v = vector_of(model);
  std::vector<Kept> kept;
  // Stretches of one operation cross the borders between shapes.
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 8), rc::gen::inRange(0, 80)));
  for (auto [what, n] : steps) {
    switch (what) {
      case 0:
      case 1:
        for (int i = 0; i < n; ++i) {
          v = vector_conj(std::move(v), own(i));
          model.push_back(i);
        }
        break;
      case 2:
      case 3:
        for (int i = 0; i < n && !model.empty(); ++i) {
          v = vector_pop(std::move(v));
          model.pop_back();
        }
        break;
      case 4:
      case 5:
        if (model.empty()) break;
        for (int i = 0; i < n; ++i) {
          size_t at = static_cast<size_t>(i * 7919 + n) % model.size();
          v = vector_assoc(std::move(v), at, own(-i));
          model[at] = -i;
        }
        break;
      case 6:
        kept.push_back({v, model});
        break;
      case 7:
        publish(v);
        break;
    }
    if (kept.size() > 8) kept.erase(kept.begin());
  }
  RC_ASSERT(by_index(v) == model);
  RC_ASSERT(ints(v) == model);
  RC_ASSERT(equal(v, vector_of(model)));
  RC_ASSERT(hash(v) == hash(vector_of(model)));
  check(kept);
}

RC_GTEST_PROP(Vector, WindowsBehaveAsSlices, ()) {
  Model model = iota(awkward_size() % 1100);
  Ref v = vector_of(model);
  size_t from = *rc::gen::inRange<size_t>(0, model.size() + 1);
  size_t to = *rc::gen::inRange<size_t>(from, model.size() + 1);
  Ref window = subvector(v, from, to);
  Model slice(model.begin() + static_cast<ptrdiff_t>(from), model.begin() + static_cast<ptrdiff_t>(to));
  RC_ASSERT(by_index(window) == slice);
  RC_ASSERT(ints(window) == slice);
  RC_ASSERT(equal(window, vector_of(slice)));

  // A window of a window looks at the vector itself.
  size_t inner_from = *rc::gen::inRange<size_t>(0, slice.size() + 1);
  Ref inner = subvector(window, inner_from, slice.size());
  RC_ASSERT(by_index(inner) == Model(slice.begin() + static_cast<ptrdiff_t>(inner_from), slice.end()));

  bool hold_vector = *rc::gen::arbitrary<bool>();
  Ref held = hold_vector ? v : nil();
  v = nil();
  Ref changed = vector_conj(window, own(-1));
  changed = vector_conj(std::move(changed), own(-2));
  Model expected = slice;
  expected.insert(expected.end(), {-1, -2});
  RC_ASSERT(by_index(changed) == expected);
  changed = vector_assoc(std::move(changed), 0, own(-3));
  expected[0] = -3;
  changed = vector_pop(std::move(changed));
  expected.pop_back();
  RC_ASSERT(by_index(changed) == expected);
  RC_ASSERT(by_index(window) == slice);
  if (hold_vector) RC_ASSERT(by_index(held) == model);
}

TEST(Vector, IsUpdatedInPlaceWhenNobodyElseHoldsIt) {
  Ref v = vector_of(iota(40'000));
  Object* before = v.object();
  Object* leaf = Value::object(&vector_leaf(as<Vector>(v), 5)).as_object();
  v = vector_assoc(std::move(v), 5, own(-1));
  v = vector_conj(std::move(v), own(-2));
  v = vector_pop(std::move(v));
  EXPECT_EQ(v.object(), before);
  EXPECT_EQ(Value::object(&vector_leaf(as<Vector>(v), 5)).as_object(), leaf);
}

TEST(Vector, IsCopiedWhenItsOwnerOrAnAncestorOfTheNodeIsShared) {
  Ref v = vector_of(iota(2000));
  Ref other = v;
  v = vector_assoc(std::move(v), 5, own(-1));
  EXPECT_EQ(as_int(vector_at(v, 5)), -1);
  EXPECT_EQ(as_int(vector_at(other, 5)), 5);
  // Now the two share all other leaves: writing into one of those through the unique vector must not reach
  // the other.
  v = vector_assoc(std::move(v), 700, own(-2));
  EXPECT_EQ(as_int(vector_at(other, 700)), 700);
  publish(v);
  Ref third = vector_assoc(v, 800, own(-3));
  EXPECT_EQ(as_int(vector_at(v, 800)), 800);
  EXPECT_EQ(as_int(vector_at(third, 800)), -3);
}

TEST(Vector, GrowsPastThreeLevelsAndShrinksBack) {
  constexpr int64_t k_count = 1'100'000;  // more than 32^4 + 32
  Ref v(empty_vector());
  for (int64_t i = 0; i < k_count; ++i) vector_push(v, own(i));
  ASSERT_EQ(vector_count(v), static_cast<size_t>(k_count));
  for (int64_t i = 0; i < k_count; i += 997) ASSERT_EQ(as_int(vector_at(v, static_cast<size_t>(i))), i);
  Ref held = v;
  while (vector_count(v) > 20) vector_drop_last(v);
  EXPECT_EQ(ints(v), iota(20));
  EXPECT_EQ(vector_count(held), static_cast<size_t>(k_count));
  EXPECT_EQ(as_int(vector_at(held, 1'099'999)), 1'099'999);
}

TEST(Vector, KeepsMetadataThroughUpdates) {
  Ref m = make_map({fix(1), fix(2)});
  Ref v = with_meta(vector_of(iota(3)), m);
  EXPECT_TRUE(equal(meta(vector_pop(vector_conj(v, own(4)))), m));
  EXPECT_TRUE(equal(meta(vector_assoc(v, 0, own(4))), m));
}

TEST(Vector, RefusesIndexesThatItDoesNotHave) {
  Ref v = vector_of(iota(3));
  EXPECT_TRUE(vector_at(v, 3).is_none());
  EXPECT_EQ(error_class_of([&] { vector_assoc(v, 4, own(0)); }), ErrorClass::index_out_of_bounds);
  EXPECT_EQ(error_class_of([&] { subvector(v, 2, 5); }), ErrorClass::index_out_of_bounds);
  EXPECT_EQ(error_class_of([&] { subvector(v, 2, 1); }), ErrorClass::index_out_of_bounds);
  EXPECT_EQ(error_class_of([&] { vector_pop(Ref(empty_vector())); }), ErrorClass::illegal_state);
  EXPECT_EQ(ints(v), iota(3));
}

TEST(Vector, MapEntriesAreVectorsOfTwo) {
  Ref e = make_map_entry(fix(1), fix(2));
  EXPECT_TRUE(equal(e, vector_of({1, 2})));
  EXPECT_EQ(hash(e), hash(vector_of({1, 2})));
  EXPECT_EQ(ints(vector_conj(e, own(3))), (Model{1, 2, 3}));
  EXPECT_EQ(ints(vector_assoc(e, 1, own(9))), (Model{1, 9}));
  EXPECT_EQ(ints(vector_pop(e)), Model{1});
  EXPECT_EQ(ints(e), (Model{1, 2}));
}

}  // namespace
}  // namespace reops::lang
