// Multimethods: dispatch by value, class, hierarchy and vectors of them, preferences, and caches that follow
// changes.

#include "lang/runtime/multimethod.hpp"

#include "dispatch_testing.hpp"
#include "lang/runtime/var.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

// {:parents {tag #{parent}} :ancestors {tag #{…}}} of one level.
Ref hierarchy(std::initializer_list<std::pair<Value, Value>> derived) {
  Ref parents(empty_map());
  for (auto [tag, parent] : derived) {
    Value known = map_get(parents, tag);
    Ref set(known.is_none() ? empty_set() : known);
    parents = map_assoc(std::move(parents), Ref(tag), set_conj(std::move(set), Ref(parent)));
  }
  return make_map({keyword("parents"), parents, keyword("ancestors"), parents});
}

class MultiTest : public DispatchTest {
 protected:
  MultiTest() { set_hierarchy({}); }

  void set_hierarchy(std::initializer_list<std::pair<Value, Value>> derived) {
    hierarchy_ = &define("multimethod_test", "hierarchy", hierarchy(derived));
    if (multi_.is_nil()) {
      Ref identity = function([](Args args) { return Ref(args[0]); });
      multi_ = make_multi(make_symbol("test/area"), identity, keyword("default"), Value::object(hierarchy_));
    }
  }
  MultiFn& multi() { return as<MultiFn>(multi_); }
  Ref found(Value v) { return multi_method_for(multi(), v); }

  Var* hierarchy_ = nullptr;
  Ref multi_;
  Ref f_ = function([](Args) { return Ref(keyword("f")); });
  Ref g_ = function([](Args) { return Ref(keyword("g")); });
  Value circle_ = keyword("t/circle"), round_ = keyword("t/round"), shape_ = keyword("t/shape");
};

TEST_F(MultiTest, ByValueThenDefault) {
  add_method(multi(), circle_, f_);
  EXPECT_EQ(found(circle_).get(), f_.get());
  EXPECT_TRUE(found(shape_).get().is_none());
  add_method(multi(), keyword("default"), g_);
  EXPECT_EQ(found(shape_).get(), g_.get());
  EXPECT_EQ(call(multi_, {circle_}).get(), keyword("f"));
  remove_method(multi(), circle_);
  EXPECT_EQ(found(circle_).get(), g_.get());
}

TEST_F(MultiTest, FollowsTheHierarchyAsItChanges) {
  add_method(multi(), shape_, f_);
  EXPECT_TRUE(found(circle_).get().is_none());
  set_hierarchy({{circle_, shape_}});
  EXPECT_EQ(found(circle_).get(), f_.get());
  set_hierarchy({});
  EXPECT_TRUE(found(circle_).get().is_none());
}

TEST_F(MultiTest, ClassesMatchTheirAncestors) {
  add_method(multi(), resolve_host_class("Number"), f_);
  add_method(multi(), resolve_host_class("Long"), g_);
  EXPECT_EQ(found(resolve_host_class("Double")).get(), f_.get());
  EXPECT_EQ(found(resolve_host_class("Long")).get(), g_.get());
  EXPECT_TRUE(found(resolve_host_class("String")).get().is_none());
}

TEST_F(MultiTest, VectorsMatchItemByItem) {
  set_hierarchy({{circle_, shape_}});
  add_method(multi(), make_vector({shape_, resolve_host_class("Number")}), f_);
  EXPECT_EQ(found(make_vector({circle_, resolve_host_class("Long")})).get(), f_.get());
  EXPECT_TRUE(found(make_vector({circle_, resolve_host_class("String")})).get().is_none());
  EXPECT_TRUE(found(make_vector({circle_})).get().is_none());
}

TEST_F(MultiTest, AmbiguityIsAnErrorUntilOneIsPreferred) {
  set_hierarchy({{circle_, shape_}, {circle_, round_}});
  add_method(multi(), shape_, f_);
  add_method(multi(), round_, g_);
  std::string said = message_of(ErrorClass::illegal_argument, [&] { found(circle_); });
  EXPECT_NE(said.find("test/area"), std::string::npos);
  EXPECT_NE(said.find(":t/circle"), std::string::npos);
  prefer_method(multi(), round_, shape_);
  EXPECT_EQ(found(circle_).get(), g_.get());
  message_of(ErrorClass::illegal_state, [&] { prefer_method(multi(), shape_, round_); });
}

TEST_F(MultiTest, SaysWhichDispatchValueHasNoMethod) {
  EXPECT_EQ(message_of(ErrorClass::illegal_argument, [&] { call(multi_, {circle_}); }),
            "No method in multimethod test/area for dispatch value: :t/circle (clojure.lang.Keyword)");
}

TEST_F(MultiTest, DefinedAnewItKeepsItsMethods) {
  add_method(multi(), circle_, f_);
  Ref constant = function([](Args) { return Ref(keyword("t/circle")); });
  redefine_multi(multi(), constant, keyword("default"), Value::object(hierarchy_));
  EXPECT_EQ(call(multi_, {Value::fixnum(1)}).get(), keyword("f"));
}

}  // namespace
}  // namespace reops::lang
