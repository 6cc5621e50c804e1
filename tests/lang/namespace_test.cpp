// Namespaces: what names mean in them, and who may take whose place.

#include <gtest/gtest.h>

#include "lang/collection/map.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/symbol.hpp"
#include "text_testing.hpp"

namespace reops::lang {
namespace {

class NamespaceTest : public TextTest {
 protected:
  Value a_ = find_or_create_ns("ns-test.a");
  Value b_ = find_or_create_ns("ns-test.b");

  Value resolved(Value ns, std::string_view name) { return resolve(ns, make_symbol(name)); }
};

TEST_F(NamespaceTest, IsFoundByNameAndMadeOnce) {
  EXPECT_EQ(find_or_create_ns("ns-test.a"), a_);
  EXPECT_EQ(find_ns("ns-test.a"), a_);
  EXPECT_TRUE(find_ns("ns-test.none").is_nil());
  EXPECT_EQ(ns_name(a_), "ns-test.a");
}

TEST_F(NamespaceTest, ResolvesItsOwnVarsAndQualifiedOnes) {
  Var& x = intern(a_, "x");
  EXPECT_EQ(resolved(a_, "x"), Value::object(&x));
  EXPECT_EQ(resolved(b_, "ns-test.a/x"), Value::object(&x));
  EXPECT_TRUE(resolved(b_, "x").is_nil());
  EXPECT_TRUE(resolved(b_, "ns-test.none/x").is_nil());
}

TEST_F(NamespaceTest, ResolvesThroughAliases) {
  Var& x = intern(a_, "x");
  Ref alias = make_symbol("al");
  add_alias(b_, alias, a_);
  EXPECT_EQ(resolved(b_, "al/x"), Value::object(&x));
  EXPECT_NO_THROW(add_alias(b_, alias, a_)) << "the same again";
  EXPECT_THROW(add_alias(b_, alias, b_), Thrown);
  remove_alias(b_, alias);
  EXPECT_TRUE(resolved(b_, "al/x").is_nil());
}

TEST_F(NamespaceTest, ANameThatIsOnlyReferredIsNotReachedThroughTheNamespace) {
  Var& y = intern(a_, "y");
  refer(b_, make_symbol("y"), Value::object(&y));
  EXPECT_EQ(resolved(b_, "y"), Value::object(&y));
  EXPECT_TRUE(resolved(a_, "ns-test.b/y").is_nil());
}

TEST_F(NamespaceTest, TwoNamespacesMayNotFightOverAName) {
  Var& mine = intern(a_, "clash");
  refer(b_, make_symbol("clash"), Value::object(&mine));
  Value c = find_or_create_ns("ns-test.c");
  Var& other = intern(c, "clash");
  EXPECT_THROW(refer(b_, make_symbol("clash"), Value::object(&other)), Thrown);
  EXPECT_THROW(intern(b_, "clash"), Thrown);
  EXPECT_EQ(resolved(b_, "clash"), Value::object(&mine));
}

TEST_F(NamespaceTest, ANameOfCoreIsShadowedWithAWarning) {
  Var& core = intern(find_or_create_ns("clojure.core"), "ns-test-name");
  Value ns = find_or_create_ns("ns-test.shadow");
  refer(ns, make_symbol("ns-test-name"), Value::object(&core));
  ::testing::internal::CaptureStderr();
  Var& own = intern(ns, "ns-test-name");
  std::string warning = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(&own, &core);
  EXPECT_EQ(resolved(ns, "ns-test-name"), Value::object(&own));
  EXPECT_EQ(resolved(find_ns("clojure.core"), "ns-test-name"), Value::object(&core));
  EXPECT_NE(warning.find("WARNING: ns-test-name already refers to: #'clojure.core/ns-test-name in namespace: "
                         "ns-test.shadow, being replaced by: #'ns-test.shadow/ns-test-name"),
            std::string::npos)
      << warning;
  refer(ns, make_symbol("ns-test-name"), Value::object(&core));
  EXPECT_EQ(resolved(ns, "ns-test-name"), Value::object(&own))
      << "referring core again leaves what shadows it";
}

TEST_F(NamespaceTest, NewNamespacesSeeWhatOfCoreIsPublic) {
  Value core = find_or_create_ns("clojure.core");
  Var& seen = intern(core, "ns-test-public");
  Var& hidden = intern(core, "ns-test-private");
  set_var_meta(hidden, make_map({keyword("private"), Value::boolean(true)}));
  Value ns = find_or_create_ns("ns-test.fresh");
  refer_core(ns);
  EXPECT_EQ(resolved(ns, "ns-test-public"), Value::object(&seen));
  EXPECT_TRUE(resolved(ns, "ns-test-private").is_nil());
  EXPECT_FALSE(may_use(ns, hidden));
  EXPECT_TRUE(may_use(core, hidden));
  EXPECT_EQ(resolved(ns, "clojure.core/ns-test-private"), Value::object(&hidden)) << "for #'ns/private";
}

TEST_F(NamespaceTest, UnmappedNamesAreGone) {
  intern(a_, "gone");
  unmap(a_, make_symbol("gone"));
  EXPECT_TRUE(resolved(a_, "gone").is_nil());
}

TEST_F(NamespaceTest, RemovedNamespacesAreGone) {
  find_or_create_ns("ns-test.removed");
  remove_ns("ns-test.removed");
  EXPECT_TRUE(find_ns("ns-test.removed").is_nil());
}

TEST_F(NamespaceTest, ResolvesHostClasses) {
  EXPECT_TRUE(is<Type>(resolved(a_, "String")));
  EXPECT_EQ(resolved(a_, "String"), resolved(a_, "java.lang.String"));
  EXPECT_TRUE(resolved(a_, "NoSuchClass").is_nil());
}

TEST_F(NamespaceTest, TheCurrentOneIsAThreadsOwnWhenItIsBound) {
  Ref map = make_map({Value::object(core_vars().ns), a_});
  Value before = current_ns();
  {
    ScopedBindings scope(map);
    EXPECT_EQ(current_ns(), a_);
    set_current_ns(b_);
    EXPECT_EQ(current_ns(), b_);
  }
  EXPECT_EQ(current_ns(), before);
}

}  // namespace
}  // namespace reops::lang
