// Errors: classes, what the helpers put into them, and the check that ends a recursion.

#include "lang/value/error.hpp"

#include <array>

#include "dispatch_testing.hpp"
#include "lang/collection/access.hpp"
#include "lang/value/equality.hpp"

namespace reops::lang {
namespace {

TEST(ErrorClasses, KnowTheirNamesAndAncestors) {
  EXPECT_EQ(error_class_name(ErrorClass::arithmetic), "ArithmeticException");
  EXPECT_EQ(error_class_full_name(ErrorClass::file_not_found), "java.io.FileNotFoundException");
  EXPECT_TRUE(error_class_is_a(ErrorClass::arity, ErrorClass::illegal_argument));
  EXPECT_TRUE(error_class_is_a(ErrorClass::arity, ErrorClass::throwable));
  EXPECT_TRUE(error_class_is_a(ErrorClass::throwable, ErrorClass::throwable));
  EXPECT_FALSE(error_class_is_a(ErrorClass::illegal_argument, ErrorClass::arity));
  EXPECT_FALSE(error_class_is_a(ErrorClass::stack_overflow, ErrorClass::exception));
}

TEST(Errors, HoldMessageDataAndCause) {
  Ref cause = make_error(ErrorClass::io, "disk gone");
  Ref data = make_map({keyword("host"), keyword("web7")});
  Ref error = make_error(ErrorClass::ex_info, "failed", data, cause);
  EXPECT_EQ(text_of(as<Error>(error).message), "failed");
  EXPECT_TRUE(equal(as<Error>(error).data, data));
  EXPECT_EQ(as<Error>(error).cause, cause.get());
  EXPECT_TRUE(as<Error>(error).trace.is_nil());
}

TEST(Errors, ADiagnosticCarriesItsTypeAndHint) {
  try {
    throw_diagnostic(ErrorClass::compiler, "reops/unresolved-symbol", "Unresolved symbol: mpa",
                     "Did you mean `map`?");
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    EXPECT_EQ(map_get(e.data, keyword("type")), keyword("reops/unresolved-symbol"));
    EXPECT_EQ(text_of(map_get(e.data, keyword("hint"))), "Did you mean `map`?");
    return;
  }
  FAIL() << "nothing was thrown";
}

TEST(Errors, DescribeNamesShortValuesAndTypesOfLargeOnes) {
  EXPECT_EQ(describe(Value::nil()), "nil");
  EXPECT_EQ(describe(Value::fixnum(42)), "42 (java.lang.Long)");
  EXPECT_EQ(describe(make_string("a\"b")), "\"a\\\"b\" (java.lang.String)");
  EXPECT_EQ(describe(make_vector({Value::fixnum(1)})), "a clojure.lang.PersistentVector");
  std::string cut = describe(make_string(std::string(1000, 'x')));
  EXPECT_LT(cut.size(), 120u);
  EXPECT_NE(cut.find("…"), std::string::npos);
}

TEST(Errors, ClassCastSaysWhatWasExpectedAndFound) {
  EXPECT_EQ(message_of(ErrorClass::class_cast, [] { throw_class_cast(keyword("k"), "a number"); }),
            "Expected a number, found :k (clojure.lang.Keyword)");
}

TEST(Errors, NearestNameFindsSlipsOfTheFinger) {
  constexpr std::array<std::string_view, 3> names = {"toUpperCase", "toLowerCase", "trim"};
  EXPECT_EQ(nearest_name("toUppercase", names), "toUpperCase");
  EXPECT_EQ(nearest_name("trm", names), "trim");
  EXPECT_EQ(nearest_name("explode", names), "");
}

// Without end in effect, though the compiler cannot know it. Every call reads its caller's frame and is read
// from by its own callee, so that no optimization can make a loop of it.
int recurse(volatile const char* callers) {
  check_stack();
  volatile char frame[256];
  frame[0] = static_cast<char>(callers[0] + 1);
  frame[1] = 0;
  return frame[1] ? 0 : recurse(frame) + frame[0];
}
int recurse() {
  volatile char frame[1] = {0};
  return recurse(frame);
}

TEST(Errors, EndlessRecursionInCppEndsInAnError) {
  EXPECT_NE(message_of(ErrorClass::stack_overflow, [] { recurse(); }).find("Stack overflow"),
            std::string::npos);
  ThreadScope scope;
  EXPECT_NE(message_of(ErrorClass::stack_overflow, [] { recurse(); }).find("Stack overflow"),
            std::string::npos);
}

}  // namespace
}  // namespace reops::lang
