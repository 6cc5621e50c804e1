// Types: what is an instance of what, which class a value has, what names mean.

#include "lang/runtime/type.hpp"

#include "dispatch_testing.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/value/number.hpp"

namespace reops::lang {
namespace {

using TypeTest = DispatchTest;

Value named(std::string_view name) {
  Value t = resolve_host_class(name);
  EXPECT_FALSE(t.is_nil()) << name;
  return t;
}

TEST_F(TypeTest, EveryValueHasTheClassTheJvmWouldName) {
  EXPECT_EQ(type_name(Value::fixnum(1)), "java.lang.Long");
  EXPECT_EQ(type_name(integer(INT64_MAX)), "java.lang.Long");
  EXPECT_EQ(type_name(real(1.5)), "java.lang.Double");
  EXPECT_EQ(type_name(Value::character('a')), "java.lang.Character");
  EXPECT_EQ(type_name(Value::boolean(false)), "java.lang.Boolean");
  EXPECT_EQ(type_name(make_string("s")), "java.lang.String");
  EXPECT_EQ(type_name(keyword("k")), "clojure.lang.Keyword");
  EXPECT_EQ(type_name(empty_vector()), "clojure.lang.PersistentVector");
  EXPECT_EQ(type_name(empty_map()), "clojure.lang.PersistentArrayMap");
  EXPECT_EQ(type_name(empty_list()), "clojure.lang.PersistentList$EmptyList");
  EXPECT_EQ(type_name(named("String")), "java.lang.String") << "of a class, its own name";
  EXPECT_EQ(type_name(type_of(named("String"))), "java.lang.Class");
  EXPECT_TRUE(type_of(Value::nil()).is_nil());
  EXPECT_EQ(type_name(make_error(ErrorClass::arithmetic, "x")), "java.lang.ArithmeticException");
}

TEST_F(TypeTest, EveryKindOfValueHasAClassOfItsOwn) {
  // A value's class is what dispatch and error messages say; none may fall through to Object. What only lies
  // inside of other objects is no value.
  uint64_t covered = 0;
#define HOST_TYPE(name, package, k) \
  if (std::string_view(name) != "Object") covered |= (k);
#include "lang/runtime/host_types.def"
#undef HOST_TYPE
  uint64_t inner = kinds(Kind::VectorNode, Kind::HashNode, Kind::CollisionNode, Kind::SortedNode, Kind::Node,
                         Kind::Code, Kind::Proto, Kind::Error);
  for (unsigned k = 0; k < static_cast<unsigned>(Kind::k_count); ++k) {
    uint64_t bit = uint64_t{1} << k;
    EXPECT_TRUE((covered & bit) != 0 || (inner & bit) != 0) << "kind " << k;
  }
}

TEST_F(TypeTest, InstancesOfInterfaces) {
  EXPECT_TRUE(is_instance(named("Number"), Value::fixnum(1)));
  EXPECT_TRUE(is_instance(named("clojure.lang.IPersistentMap"), empty_map()));
  EXPECT_TRUE(is_instance(named("IFn"), keyword("k")));
  EXPECT_TRUE(is_instance(named("Object"), Value::character('c')));
  EXPECT_FALSE(is_instance(named("Object"), Value::nil()));
  EXPECT_FALSE(is_instance(named("Number"), make_string("1")));
  EXPECT_FALSE(is_instance(named("Integer"), Value::fixnum(1)));
  Ref error = make_error(ErrorClass::arity, "x");
  EXPECT_TRUE(is_instance(named("IllegalArgumentException"), error));
  EXPECT_TRUE(is_instance(named("Object"), error));
  EXPECT_FALSE(is_instance(named("IOException"), error));
  message_of(ErrorClass::class_cast, [] { is_instance(Value::fixnum(1), Value::fixnum(1)); });
}

TEST_F(TypeTest, ClassesDescendFromWiderOnes) {
  EXPECT_TRUE(type_is_a(named("Long"), named("Number")));
  EXPECT_TRUE(type_is_a(named("PersistentVector"), named("IPersistentCollection")));
  EXPECT_TRUE(type_is_a(named("ArityException"), named("Throwable")));
  EXPECT_TRUE(type_is_a(named("Throwable"), named("Object")));
  EXPECT_FALSE(type_is_a(named("Number"), named("Long")));
  EXPECT_FALSE(type_is_a(named("Math"), named("Number")));
  Ref supers = type_ancestors(named("Long"));
  EXPECT_FALSE(set_get(supers, named("Number")).is_none());
  EXPECT_TRUE(set_get(supers, named("String")).is_none());
}

TEST_F(TypeTest, NamesResolveShortAndInFull) {
  EXPECT_EQ(named("Keyword"), named("clojure.lang.Keyword"));
  EXPECT_EQ(named("IExceptionInfo"), named("clojure.lang.ExceptionInfo"));
  EXPECT_TRUE(resolve_host_class("java.awt.Frame").is_nil());
  Ref hosts = record_type("type_test.Hosts", {"auth"});
  EXPECT_EQ(resolve_host_class("type_test.Hosts"), hosts.get());
}

TEST_F(TypeTest, ATypeDefinedAnewWithTheSameFieldsIsTheSameType) {
  Ref first = record_type("type_test.Same", {"a", "b"});
  Ref again = record_type("type_test.Same", {"a", "b"});
  EXPECT_EQ(first.get(), again.get());
  Ref other = record_type("type_test.Same", {"a"});
  EXPECT_NE(first.get(), other.get());
  EXPECT_EQ(resolve_host_class("type_test.Same"), other.get());
}

TEST_F(TypeTest, DispatchKeysTellTypesApart) {
  Ref a = make_record(record_type("type_test.KeyA", {}), {});
  Ref b = make_record(record_type("type_test.KeyB", {}), {});
  Value values[] = {Value::nil(),
                    Value::fixnum(1),
                    Value::boolean(true),
                    Value::character('c'),
                    empty_map(),
                    empty_vector(),
                    keyword("k"),
                    a,
                    b,
                    make_error(ErrorClass::io, "").take(),
                    make_error(ErrorClass::arity, "").take()};
  for (Value x : values) {
    EXPECT_NE(dispatch_key(x), 0u);
    for (Value y : values) {
      EXPECT_EQ(dispatch_key(x) == dispatch_key(y), x == y);
    }
  }
  EXPECT_EQ(dispatch_key(Value::fixnum(1)), dispatch_key(Value::fixnum(2)));
  release(values[9]);
  release(values[10]);
}

}  // namespace
}  // namespace reops::lang
