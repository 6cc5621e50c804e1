// Records: fields and further keys as one map, in-place updates, equality, inline methods.

#include "dispatch_testing.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/publish.hpp"

namespace reops::lang {
namespace {

using RecordTest = DispatchTest;

Value n(int64_t i) { return Value::fixnum(i); }
Ref point(int64_t x, int64_t y) {
  Ref type = record_type("record_test.Point", {"x", "y"});
  Value fields[] = {n(x), n(y)};
  return make_record(type, fields);
}

TEST_F(RecordTest, IsAMapOfItsFieldsAndMore) {
  Ref p = point(1, 2);
  EXPECT_TRUE(is_map(p));
  EXPECT_EQ(record_get(as<Record>(p), keyword("y")), n(2));
  EXPECT_TRUE(record_get(as<Record>(p), keyword("z")).is_none());
  EXPECT_TRUE(record_get(as<Record>(p), keyword("other/x")).is_none());
  p = assoc(std::move(p), Ref(keyword("z")), Ref(n(3)));
  EXPECT_TRUE(is_record(p));
  EXPECT_EQ(count(p), 3u);
  EXPECT_EQ(get(p, keyword("z")).get(), n(3));
  Ref entries = seq(p);
  EXPECT_EQ(count(entries), 3u);
  EXPECT_EQ(as<MapEntry>(first(entries)).key, keyword("x"));
  EXPECT_TRUE(equal(record_to_map(as<Record>(p)),
                    make_map({keyword("x"), n(1), keyword("y"), n(2), keyword("z"), n(3)})));
}

TEST_F(RecordTest, ManyFieldsAreFoundAsWellAsFew) {
  Ref type = record_type("record_test.Wide", {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"});
  std::vector<Value> values;
  for (int i = 0; i < 11; ++i) values.push_back(n(i));
  Ref wide = make_record(type, values);
  for (int i = 0; i < 11; ++i) {
    EXPECT_EQ(record_get(as<Record>(wide), keyword(std::string(1, static_cast<char>('a' + i)))), n(i));
  }
}

TEST_F(RecordTest, AssocUpdatesInPlaceOnlyWhatNobodyElseHolds) {
  Ref p = point(1, 2);
  Object* before = p.object();
  p = record_assoc(std::move(p), Ref(keyword("x")), Ref(n(9)));
  EXPECT_EQ(p.object(), before);
  Ref kept = p;
  Ref changed = record_assoc(p, Ref(keyword("x")), Ref(n(10)));
  EXPECT_EQ(record_get(as<Record>(kept), keyword("x")), n(9));
  EXPECT_EQ(record_get(as<Record>(changed), keyword("x")), n(10));

  Ref shared = point(1, 2);
  publish(shared);
  Object* seen = shared.object();
  shared = record_assoc(std::move(shared), Ref(keyword("x")), Ref(n(5)));
  EXPECT_NE(shared.object(), seen) << "another thread could be reading it";
}

TEST_F(RecordTest, ExtraKeysAreUpdatedInPlaceToo) {
  Ref p = record_assoc(point(1, 2), Ref(keyword("z")), Ref(n(3)));
  Object* extra = as<Record>(p).extra.as_object();
  p = record_assoc(std::move(p), Ref(keyword("z")), Ref(n(4)));
  EXPECT_EQ(as<Record>(p).extra.as_object(), extra);
  EXPECT_EQ(record_get(as<Record>(p), keyword("z")), n(4));
}

TEST_F(RecordTest, DissocOfAFieldLeavesAPlainMap) {
  Ref p = record_assoc(point(1, 2), Ref(keyword("z")), Ref(n(3)));
  Ref without_extra = record_dissoc(p, keyword("z"));
  EXPECT_TRUE(is_record(without_extra));
  EXPECT_TRUE(equal(without_extra, point(1, 2)));
  Ref map = record_dissoc(p, keyword("x"));
  EXPECT_FALSE(is<Record>(map));
  EXPECT_TRUE(equal(map, make_map({keyword("y"), n(2), keyword("z"), n(3)})));
  EXPECT_EQ(record_dissoc(p, keyword("absent")).get(), p.get());
}

TEST_F(RecordTest, EqualsByTypeAndContent) {
  EXPECT_TRUE(equal(point(1, 2), point(1, 2)));
  EXPECT_EQ(hash(point(1, 2)), hash(point(1, 2)));
  EXPECT_FALSE(equal(point(1, 2), point(1, 3)));
  Ref map = make_map({keyword("x"), n(1), keyword("y"), n(2)});
  EXPECT_FALSE(equal(point(1, 2), map));
  EXPECT_FALSE(equal(map, point(1, 2)));
  Ref p = point(1, 2);
  hash(p);
  p = record_assoc(std::move(p), Ref(keyword("x")), Ref(n(7)));
  EXPECT_EQ(hash(p), hash(point(7, 2))) << "a remembered hash must not survive an update in place";
}

TEST_F(RecordTest, MetadataIsNotContent) {
  Ref with = record_with_meta(point(1, 2), make_map({keyword("doc"), n(1)}));
  EXPECT_TRUE(equal(with, point(1, 2)));
  EXPECT_EQ(get(meta(with), keyword("doc")).get(), n(1));
  EXPECT_TRUE(equal(meta(record_assoc(with, Ref(keyword("x")), Ref(n(3)))), meta(with)));
}

TEST_F(RecordTest, ADeftypeIsNoMapAndEqualsByIdentityUnlessItSaysOtherwise) {
  Ref type = record_type("record_test.Plain", {"x"}, Type::deftype);
  Value field = n(1);
  Ref a = make_record(type, {&field, 1}), b = make_record(type, {&field, 1});
  EXPECT_FALSE(is_map(a));
  EXPECT_FALSE(equal(a, b));
  EXPECT_TRUE(equal(a, a));
  Ref always = function([](Args) { return boolean(true); });
  Ref zero = function([](Args) { return Ref(Value::fixnum(0)); });
  define_type(Type::deftype, make_symbol("", "record_test.Plain"), symbols({"x"}),
              make_map({keyword("equals"), always, keyword("hashCode"), zero}), Ref(empty_set()));
  EXPECT_TRUE(equal(a, b)) << "methods defined anew hold for instances made before";
  EXPECT_EQ(hash(a), hash(b));
}

TEST_F(RecordTest, AReifysMethodsAreFieldsOfTheInstance) {
  Ref type = make_anonymous_type(make_symbol("", "record_test.reify"), make_map({keyword("toString"), n(1)}),
                                 Ref(empty_set()));
  Ref answer = function([](Args args) { return Ref(Value::fixnum(static_cast<int64_t>(args.size()))); });
  Value fields[] = {Value::nil(), answer};
  Ref it = make_record(type, fields);
  EXPECT_EQ(inline_method(as<Record>(it), keyword("toString")), answer.get());
  Value more[] = {n(1), n(2)};
  EXPECT_EQ(call_inline(it, "toString", more).get(), n(3)) << "the instance comes before the arguments";
  EXPECT_TRUE(call_inline(it, "invoke", {}).get().is_none());
}

}  // namespace
}  // namespace reops::lang
