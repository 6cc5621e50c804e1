// Sets, beyond what the comparison with the model in map_test.cpp says.

#include "collection_support.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

using namespace testing;

TEST(Set, KeepsTheMemberItHas) {
  Ref first_text = make_string("a"), second_text = make_string("a");
  Ref s = set_conj(set_conj(Ref(empty_set()), first_text), second_text);
  EXPECT_EQ(set_count(s), 1u);
  EXPECT_EQ(set_get(s, second_text), first_text.get());
}

TEST(Set, HoldsNilAndFalse) {
  Ref s = make_set(std::vector<Value>{Value::nil(), Value::boolean(false)});
  EXPECT_TRUE(contains(s, Value::nil()));
  EXPECT_TRUE(contains(s, Value::boolean(false)));
  EXPECT_FALSE(contains(s, Value::boolean(true)));
  EXPECT_EQ(get(s, Value::boolean(true), fix(1)), fix(1));
}

TEST(Set, IsNotEqualToAMapOrAVectorOfItsMembers) {
  Ref s = make_set(std::vector<Value>{fix(1)});
  EXPECT_FALSE(equal(s, make_vector({fix(1)})));
  EXPECT_FALSE(equal(s, make_map({fix(1), fix(1)})));
}

TEST(Set, IsUpdatedInPlaceWhenNobodyElseHoldsIt) {
  Ref s(empty_set());
  for (int64_t i = 0; i < 1000; ++i) set_put(s, own(i));
  Object* set = s.object();
  Object* map = as<Set>(s).map.as_object();
  set_put(s, own(2000));
  set_remove(s, fix(5));
  EXPECT_EQ(s.object(), set);
  EXPECT_EQ(as<Set>(s).map.as_object(), map);
  Ref held = s;
  set_put(s, own(3000));
  EXPECT_FALSE(contains(held, fix(3000)));
  EXPECT_TRUE(contains(s, fix(3000)));
}

}  // namespace
}  // namespace reops::lang
