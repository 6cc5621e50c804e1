// Equality, hashing and order across kinds.

#include "lang/value/equality.hpp"

#include <set>

#include "collection_support.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

using namespace testing;

/// A value made of nested collections, from a stream of choices.
Ref nested(const std::vector<int>& choices, size_t& at, int depth) {
  auto choose = [&](int n) { return at < choices.size() ? choices[at++] % n : 0; };
  int what = depth > 3 ? choose(4) : choose(9);
  switch (what) {
    case 0:
      return nil();
    case 1:
      return boolean(choose(2));
    case 2:
      return own(choose(5));
    case 3:
      return make_string(std::string(static_cast<size_t>(choose(3)), 'x'));
    default:
      break;
  }
  Ref v(empty_vector());
  int count = choose(4);
  for (int i = 0; i < count; ++i) vector_push(v, nested(choices, at, depth + 1));
  std::vector<Value> items;
  for (int i = 0; i < count; ++i) items.push_back(vector_at(v, static_cast<size_t>(i)));
  switch (what) {
    case 4:
      return v;
    case 5:
      return make_list(items);
    case 6:
      return make_set(items);
    case 7:
      return subvector(v, 0, items.size());
    default: {
      if (items.size() % 2) items.push_back(Value::nil());
      return make_map(items);
    }
  }
}

RC_GTEST_PROP(Equality, EqualValuesHashEquallyAndEqualityIsAnEquivalence, ()) {
  const auto choices = *rc::gen::container<std::vector<int>>(60, rc::gen::inRange(0, 2520));
  size_t at = 0;
  std::vector<Ref> values;
  while (at < choices.size()) values.push_back(nested(choices, at, 0));
  // A second copy of each, so that equal pairs are not rare.
  size_t again = 0;
  while (again < choices.size()) values.push_back(nested(choices, again, 0));
  for (const Ref& a : values) {
    RC_ASSERT(equal(a, a));
    for (const Ref& b : values) {
      RC_ASSERT(equal(a, b) == equal(b, a));
      if (!equal(a, b)) continue;
      RC_ASSERT(hash(a) == hash(b));
      for (const Ref& c : values) RC_ASSERT(equal(a, c) == equal(b, c));
    }
  }
  for (size_t i = 0; i < values.size() / 2; ++i) RC_ASSERT(equal(values[i], values[i + values.size() / 2]));
}

TEST(Equality, EmptyCollections) {
  EXPECT_TRUE(equal(empty_vector(), empty_list()));
  EXPECT_EQ(hash(empty_vector()), hash(empty_list()));
  EXPECT_FALSE(equal(empty_vector(), empty_map()));
  EXPECT_FALSE(equal(empty_list(), empty_set()));
  EXPECT_FALSE(equal(empty_map(), empty_set()));
  EXPECT_FALSE(equal(empty_list(), Value::nil()));
}

TEST(Equality, IntegersAreEqualAcrossTheirForms) {
  Ref big = big_integer(5);
  EXPECT_TRUE(equal(fix(5), big));
  EXPECT_TRUE(equal(big, fix(5)));
  EXPECT_EQ(hash(fix(5)), hash(big));
  EXPECT_FALSE(equal(fix(5), real(5.0)));
  Ref m = make_map({big, fix(1)});
  EXPECT_EQ(map_get(m, fix(5)), fix(1));
  for (int64_t i = 10; i < 40; ++i) map_put(m, own(i), own(i));
  EXPECT_EQ(map_get(m, fix(5)), fix(1));
}

TEST(Equality, SmallIntegersAndTheirPairsHashApart) {
  std::set<uint32_t> hashes;
  for (int64_t x = -100; x < 100; ++x) {
    for (int64_t y = -100; y < 100; ++y) hashes.insert(hash(make_vector({fix(x), fix(y)})));
  }
  EXPECT_GE(hashes.size(), 39'990u);
}

class CompareOnThread : public OnThread {};

RC_GTEST_PROP(Compare, OrdersIntegersStringsAndVectors, ()) {
  const auto a = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
  const auto b = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
  Ref va(empty_vector()), vb(empty_vector());
  std::string sa, sb;
  for (int i : a) vector_push(va, own(i)), sa += static_cast<char>('a' + i);
  for (int i : b) vector_push(vb, own(i)), sb += static_cast<char>('a' + i);
  auto sign = [](int i) { return (i > 0) - (i < 0); };
  int by_length = (a.size() > b.size()) - (a.size() < b.size());
  RC_ASSERT(sign(compare(va, vb)) == (by_length ? by_length : sign(a < b ? -1 : a > b ? 1 : 0)));
  RC_ASSERT(sign(compare(make_string(sa), make_string(sb))) == sign(sa.compare(sb)));
}

TEST(Compare, NilComesFirstAndKindsDoNotMix) {
  EXPECT_LT(compare(Value::nil(), fix(1)), 0);
  EXPECT_GT(compare(fix(1), Value::nil()), 0);
  EXPECT_EQ(compare(Value::nil(), Value::nil()), 0);
  EXPECT_LT(compare(fix(1), real(1.5)), 0);
  EXPECT_EQ(error_class_of([] { compare(fix(1), make_string("a")); }), ErrorClass::class_cast);
  EXPECT_EQ(error_class_of([] { compare(make_string("a"), keyword("a")); }), ErrorClass::class_cast);
  EXPECT_EQ(error_class_of([] { compare(empty_map(), make_map({fix(1), fix(2)})); }), ErrorClass::class_cast);
}

TEST(Compare, Names) {
  EXPECT_LT(compare(keyword("b"), keyword("a", "a")), 0);
  EXPECT_LT(compare(keyword("a", "b"), keyword("b", "a")), 0);
  EXPECT_EQ(compare(make_symbol("x/y"), make_symbol("x/y")), 0);
  EXPECT_EQ(compare(make_string("a"), make_string("c")), -2);
  EXPECT_EQ(compare(make_string("abc"), make_string("a")), 2);
  EXPECT_GT(compare(Value::boolean(true), Value::boolean(false)), 0);
}

Ref deep(int levels) {
  Ref v(empty_vector());
  for (int i = 0; i < levels; ++i) v = make_vector({v});
  return v;
}

TEST_F(CompareOnThread, DepthBeyondTheStackIsAnError) {
  Ref a = deep(3'000'000), b = deep(3'000'000);
  EXPECT_EQ(error_class_of([&] { equal(a, b); }), ErrorClass::stack_overflow);
  EXPECT_EQ(error_class_of([&] { hash(a); }), ErrorClass::stack_overflow);
}

}  // namespace
}  // namespace reops::lang
