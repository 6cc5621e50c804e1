// Interop: constructors, methods and fields of what programs commonly touch, and what is said of everything
// else.

#include "lang/runtime/host.hpp"

#include "dispatch_testing.hpp"
#include "lang/collection/access.hpp"
#include "lang/value/equality.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

using HostTest = DispatchTest;

Value n(int64_t i) { return Value::fixnum(i); }
Ref construct(std::string_view type, std::initializer_list<Value> args) {
  return host_new(resolve_host_class(type), {args.begin(), args.size()});
}
Ref method(std::string_view name, Value target, std::initializer_list<Value> args = {}) {
  return host_call(name, target, {args.begin(), args.size()});
}
std::string text(Value v) { return std::string(text_of(v)); }

TEST_F(HostTest, ExceptionsAreMadeFromMessageAndCause) {
  Ref cause = construct("java.io.IOException", {make_string("disk")});
  Ref error = construct("RuntimeException", {make_string("failed"), cause});
  EXPECT_EQ(text(method("getMessage", error)), "failed");
  EXPECT_EQ(method("getCause", error).get(), cause.get());
  EXPECT_TRUE(method("getMessage", construct("Exception", {})).is_nil());
  EXPECT_EQ(as<Error>(construct("Exception", {cause})).cause, cause.get());
}

TEST_F(HostTest, RecordsTakeOneValueForEachField) {
  Ref type = record_type("host_test.Point", {"x", "y"});
  Value both[] = {n(1), n(2)};
  Ref p = host_new(type, both);
  EXPECT_EQ(method("-y", p).get(), n(2));
  EXPECT_EQ(method("y", p).get(), n(2));
  EXPECT_EQ(message_of(ErrorClass::arity,
                       [&] {
                         host_new(type, {both, 1});
                       }),
            "host_test.Point has 2 fields, but 1 values were given");
}

TEST_F(HostTest, InlineMethodsAreCalledByName) {
  Ref shout = function([](Args args) { return Ref(n(static_cast<int64_t>(args.size()))); });
  Ref type = define_type(Type::deftype, make_symbol("", "host_test.Shouter"), symbols({}),
                         make_map({keyword("test.Loud", "shout"), shout}), Ref(empty_set()));
  Ref it = make_record(type, {});
  EXPECT_EQ(method("shout", it, {n(1), n(2)}).get(), n(3));
}

TEST_F(HostTest, CollectionsAnswerByTheirListAndMapMethods) {
  Ref v = make_vector({n(10), n(20), n(10)});
  EXPECT_EQ(method("indexOf", v, {n(20)}).get(), n(1));
  EXPECT_EQ(method("lastIndexOf", v, {n(10)}).get(), n(2));
  EXPECT_EQ(method("indexOf", v, {n(5)}).get(), n(-1));
  EXPECT_TRUE(method("contains", v, {n(10)}).truthy());
  EXPECT_FALSE(method("isEmpty", v).truthy());
  EXPECT_TRUE(method("isEmpty", empty_map()).truthy());
  EXPECT_EQ(method("getValue", make_map_entry(n(1), n(2))).get(), n(2));
}

TEST_F(HostTest, EverythingKnowsObjectsMethods) {
  EXPECT_TRUE(method("equals", n(1), {n(1)}).truthy());
  EXPECT_EQ(method("getClass", keyword("k")).get(), resolve_host_class("Keyword"));
  EXPECT_EQ(text(method("getName", resolve_host_class("String"))), "java.lang.String");
  EXPECT_EQ(text(method("getSimpleName", resolve_host_class("String"))), "String");
  EXPECT_EQ(text(method("toString", make_string("s"))), "s");
}

TEST_F(HostTest, TwoObjectsAreTwoLocks) {
  Ref a = construct("Object", {}), b = construct("Object", {});
  EXPECT_FALSE(equal(a, b));
  EXPECT_EQ(type_of(a), resolve_host_class("Object"));
}

TEST_F(HostTest, UnknownMethodsAreNamedWithTheirNeighbours) {
  try {
    method("indexof", empty_vector(), {n(1)});
    FAIL() << "nothing was thrown";
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    EXPECT_EQ(text(e.message), "clojure.lang.PersistentVector has no method or field indexof");
    EXPECT_EQ(text(map_get(e.data, keyword("hint"))), "Did you mean `indexOf`?");
  }
  EXPECT_EQ(message_of(ErrorClass::null_pointer, [] { method("size", Value::nil()); }),
            "Cannot call method size on nil");
  message_of(ErrorClass::unsupported, [] { construct("clojure.lang.Util", {}); });
  message_of(ErrorClass::arity, [] { method("equals", n(1)); });
}

}  // namespace
}  // namespace reops::lang
