// The natives of clojure.core, Math and the number classes that are not plain arithmetic. Answers are the
// JVM's.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/runtime/host_methods.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {

extern const NativeModule k_natives_numbers, k_natives_conversions, k_natives_bits, k_natives_math,
    k_natives_format;

namespace {

const NativeModule* const k_modules[] = {&k_natives_numbers, &k_natives_conversions, &k_natives_bits,
                                         &k_natives_math, &k_natives_format};

const NativeDef& native(std::string_view name) {
  size_t slash = name.size() > 1 ? name.find('/') : name.npos;
  std::string_view ns = slash == name.npos ? "clojure.core" : name.substr(0, slash);
  std::string_view member = slash == name.npos ? name : name.substr(slash + 1);
  for (const NativeModule* module : k_modules) {
    for (const NativeDef& def : module->defs) {
      if (ns == def.ns && member == def.name) return def;
    }
  }
  throw std::runtime_error("no native " + std::string(name));
}

/// Numbers as read, "text" in double quotes, \c characters, nil, true, false.
Ref value_of(std::string_view text) {
  if (text == "nil") return nil();
  if (text == "true" || text == "false") return boolean(text == "true");
  if (text == "##NaN") return real(NAN);
  if (text == "##Inf") return real(HUGE_VAL);
  if (text == "##-Inf") return real(-HUGE_VAL);
  if (text[0] == '"') return make_string(text.substr(1, text.size() - 2));
  if (text[0] == '\\') return Ref::adopt(Value::character(static_cast<char32_t>(text[1])));
  return parse_number(text);
}

std::string printed(Value v) {
  if (v.is_nil()) return "nil";
  if (v.is_boolean()) return v.is_true() ? "true" : "false";
  if (v.is_char()) return std::string("\\") + static_cast<char>(v.as_char());
  if (is<String>(v)) return '"' + std::string(text_of(v)) + '"';
  std::string out;
  print_number(out, v);
  return out;
}

std::string outcome(const NativeDef& def, const std::vector<std::string>& arguments) {
  std::vector<Ref> owned;
  std::vector<Value> slots;
  for (const std::string& a : arguments) owned.push_back(value_of(a));
  for (const Ref& r : owned) slots.push_back(r);
  EXPECT_GE(static_cast<int>(slots.size()), def.min_args) << def.name;
  EXPECT_TRUE(def.max_args == k_variadic || static_cast<int>(slots.size()) <= def.max_args) << def.name;
  try {
    return printed(def.fn(Args(slots.data(), slots.size())));
  } catch (const Thrown& thrown) {
    return "!" + std::string(error_class_name(as<Error>(thrown.error()).error_class));
  }
}

struct Case {
  const char* name;
  std::vector<std::string> arguments;
  const char* answer;
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    std::string call = c.name;
    for (const std::string& a : c.arguments) call += " " + a;
    EXPECT_EQ(outcome(native(c.name), c.arguments), c.answer) << call;
  }
}

TEST(NumberNatives, EveryNativeHasDocumentationAndOneRow) {
  std::set<std::string> names;
  for (const NativeModule* module : k_modules) {
    for (const NativeDef& def : module->defs) {
      EXPECT_GT(std::string_view(def.doc).size(), 5u) << def.name;
      EXPECT_EQ(def.arglists[0], '(') << def.name;
      EXPECT_TRUE(names.insert(std::string(def.ns) + "/" + def.name).second) << def.name;
      EXPECT_TRUE(def.max_args == k_variadic || def.max_args >= def.min_args) << def.name;
    }
  }
}

TEST(NumberNatives, ArithmeticOfAnyNumberOfArguments) {
  check({{"+", {}, "0"},
         {"+", {"5"}, "5"},
         {"+", {"1", "2", "3.5"}, "6.5"},
         {"*", {}, "1"},
         {"*", {"2", "3", "4"}, "24"},
         {"-", {"5"}, "-5"},
         {"-", {"10", "1", "2"}, "7"},
         {"/", {"2"}, "1/2"},
         {"/", {"12", "2", "3"}, "2"},
         {"/", {"0"}, "!ArithmeticException"},
         {"+", {"\"a\""}, "!ClassCastException"},
         {"+", {"nil"}, "!NullPointerException"},
         {"*'", {"9223372036854775807", "2"}, "18446744073709551614N"},
         {"inc'", {"9223372036854775807"}, "9223372036854775808N"},
         {"dec", {"-9223372036854775808"}, "!ArithmeticException"},
         {"unchecked-add", {"9223372036854775807", "1"}, "-9223372036854775808"},
         {"unchecked-add", {"1N", "2"}, "3N"},
         {"unchecked-inc", {"1.5"}, "2.5"},
         {"unchecked-negate", {"-9223372036854775808"}, "-9223372036854775808"},
         {"unchecked-add-int", {"2147483647", "1"}, "-2147483648"},
         {"unchecked-multiply-int", {"65536", "65536"}, "0"}});
}

TEST(NumberNatives, Order) {
  check({{"<", {"1", "2", "3"}, "true"},
         {"<", {"1", "3", "2"}, "false"},
         {"<", {"2", "1", "\"a\""}, "false"},
         {"<", {"1", "2", "\"a\""}, "!ClassCastException"},
         {"<", {"\"a\""}, "true"},
         {">=", {"3", "3", "1/2"}, "true"},
         {"==", {"1", "1.0", "1M"}, "true"},
         {"==", {"1", "true"}, "!ClassCastException"},
         {"max", {"1", "##NaN", "5"}, "##NaN"},
         {"max", {"1", "1.0"}, "1.0"},
         {"max", {"1.0", "1"}, "1"},
         {"max", {"3", "5", "4"}, "5"},
         {"min", {"1N", "1"}, "1"},
         {"min", {"3", "##NaN"}, "##NaN"},
         {"min", {"2", "1/2", "0.75"}, "1/2"},
         {"max", {"\"a\""}, "\"a\""}});
}

TEST(NumberNatives, Questions) {
  check({{"even?", {"2N"}, "true"},
         {"odd?", {"-3"}, "true"},
         {"even?", {"1.0"}, "!IllegalArgumentException"},
         {"odd?", {"nil"}, "!IllegalArgumentException"},
         {"zero?", {"-0.0"}, "true"},
         {"zero?", {"0.00M"}, "true"},
         {"zero?", {"nil"}, "!NullPointerException"},
         {"pos?", {"0.0"}, "false"},
         {"neg?", {"-1/2"}, "true"},
         {"number?", {"nil"}, "false"},
         {"integer?", {"1N"}, "true"},
         {"int?", {"1N"}, "false"},
         {"int?", {"9223372036854775807"}, "true"},
         {"nat-int?", {"0"}, "true"},
         {"pos-int?", {"1N"}, "false"},
         {"neg-int?", {"-1"}, "true"},
         {"float?", {"1M"}, "false"},
         {"double?", {"1.0"}, "true"},
         {"rational?", {"1.5M"}, "true"},
         {"rational?", {"1.5"}, "false"},
         {"ratio?", {"1/2"}, "true"},
         {"decimal?", {"1"}, "false"},
         {"NaN?", {"##NaN"}, "true"},
         {"NaN?", {"1"}, "false"},
         {"NaN?", {"\"a\""}, "!ClassCastException"},
         {"infinite?", {"##-Inf"}, "true"},
         {"infinite?", {"1E+400M"}, "false"}});
}

TEST(NumberNatives, Conversions) {
  check({{"long", {"1e30"}, "!IllegalArgumentException"},
         {"long", {"99999999999999999999N"}, "!IllegalArgumentException"},
         {"long", {"##NaN"}, "0"},
         {"long", {"\\a"}, "97"},
         {"long", {"7/2"}, "3"},
         {"long", {"-3.9"}, "-3"},
         {"long", {"1.5M"}, "1"},
         {"long", {"-9.223372036854775808e18"}, "-9223372036854775808"},
         {"long", {"9.3e18"}, "!IllegalArgumentException"},
         {"long", {"\"a\""}, "!ClassCastException"},
         {"long", {"nil"}, "!NullPointerException"},
         {"int", {"3.7"}, "3"},
         {"int", {"1e10"}, "!IllegalArgumentException"},
         {"int", {"3000000000"}, "!ArithmeticException"},
         {"byte", {"200"}, "!IllegalArgumentException"},
         {"short", {"-70000"}, "!IllegalArgumentException"},
         {"short", {"7"}, "7"},
         {"double", {"2/3"}, "0.6666666666666667"},
         {"double", {"\"a\""}, "!ClassCastException"},
         {"float", {"0.1"}, "0.1"},
         {"float", {"1e40"}, "!IllegalArgumentException"},
         {"num", {"\\a"}, "!ClassCastException"},
         {"num", {"5"}, "5"},
         {"unchecked-int", {"3000000000"}, "-1294967296"},
         {"unchecked-int", {"1e10"}, "2147483647"},
         {"unchecked-long", {"1e30"}, "9223372036854775807"},
         {"unchecked-byte", {"200"}, "-56"},
         {"unchecked-char", {"97"}, "\\a"},
         {"unchecked-long", {"-18446744073709551617N"}, "-1"},
         {"unchecked-double", {"1/3"}, "0.3333333333333333"},
         {"rationalize", {"0.1"}, "1/10"},
         {"rationalize", {"1E+3M"}, "1000N"},
         {"numerator", {"-1/2"}, "-1"},
         {"denominator", {"1/2"}, "2"},
         {"numerator", {"5"}, "!ClassCastException"},
         {"bigint", {"\"+12\""}, "12N"},
         {"bigint", {"\"1x\""}, "!NumberFormatException"},
         {"bigint", {"1e30"}, "1000000000000000000000000000000N"},
         {"bigint", {"-7/2"}, "-3N"},
         {"biginteger", {"5"}, "5"},
         {"bigdec", {"1e10"}, "1.0E+10M"},
         {"bigdec", {"1/4"}, "0.25M"},
         {"bigdec", {"1/3"}, "!ArithmeticException"},
         {"bigdec", {"\"1.50\""}, "1.50M"},
         {"bigdec", {"\"x\""}, "!NumberFormatException"},
         {"bigdec", {"##NaN"}, "!NumberFormatException"},
         {"parse-long", {"\"-12\""}, "-12"},
         {"parse-long", {"\"1.5\""}, "nil"},
         {"parse-long", {"5"}, "!IllegalArgumentException"},
         {"parse-double", {"\"1e3\""}, "1000.0"},
         {"parse-double", {"\"x\""}, "nil"},
         {"parse-boolean", {"\"true\""}, "true"},
         {"parse-boolean", {"\"True\""}, "nil"},
         {"parse-boolean", {"nil"}, "!IllegalArgumentException"}});
}

TEST(NumberNatives, PrecisionHasARoundingThatIsKnown) {
  check({{"reops.internal/math-context", {"3", "\"SIDEWAYS\""}, "!IllegalArgumentException"},
         {"reops.internal/math-context", {"-1", "\"HALF_UP\""}, "!IllegalArgumentException"},
         {"/", {"2M", "3"}, "!ArithmeticException"}});
  t_math_context = {3, Rounding::half_even};
  check({{"/", {"2M", "3"}, "0.667M"}});
  t_math_context = {};
}

TEST(NumberNatives, Bits) {
  check({{"bit-and", {"12", "10", "8"}, "8"},
         {"bit-or", {"1", "2"}, "3"},
         {"bit-xor", {"7", "2"}, "5"},
         {"bit-and-not", {"15", "5"}, "10"},
         {"bit-not", {"0"}, "-1"},
         {"bit-shift-left", {"1", "64"}, "1"},
         {"bit-shift-left", {"1", "-1"}, "-9223372036854775808"},
         {"bit-shift-right", {"-8", "1"}, "-4"},
         {"unsigned-bit-shift-right", {"-1", "10"}, "18014398509481983"},
         {"bit-test", {"5", "2"}, "true"},
         {"bit-set", {"0", "63"}, "-9223372036854775808"},
         {"bit-clear", {"15", "1"}, "13"},
         {"bit-flip", {"1", "70"}, "65"},
         {"bit-and", {"1", "2N"}, "!IllegalArgumentException"},
         {"bit-and", {"1.0", "1"}, "!IllegalArgumentException"},
         {"bit-and", {"nil", "1"}, "!NullPointerException"}});
}

TEST(NumberNatives, RandomNumbersStayInTheirRange) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    Value bound = Value::fixnum(4);
    Ref drawn = native("rand-int").fn(Args(&bound, 1));
    EXPECT_TRUE(as_int(drawn) >= 0 && as_int(drawn) < 4);
    seen.insert(printed(drawn));
    Ref unit = native("rand").fn(Args(nullptr, 0));
    EXPECT_TRUE(to_double(unit) >= 0 && to_double(unit) < 1);
  }
  EXPECT_EQ(seen.size(), 4u);
  check({{"rand-int", {"0"}, "0"}, {"rand-int", {"1e300"}, "!IllegalArgumentException"}});
}

TEST(NumberNatives, Math) {
  check({{"Math/round", {"2.5"}, "3"},
         {"Math/round", {"-2.5"}, "-2"},
         {"Math/round", {"0.49999999999999994"}, "0"},
         {"Math/round", {"##NaN"}, "0"},
         {"Math/round", {"1e30"}, "9223372036854775807"},
         {"Math/round", {"-1e30"}, "-9223372036854775808"},
         {"Math/abs", {"-5"}, "5"},
         {"Math/abs", {"-5.5"}, "5.5"},
         {"Math/max", {"1", "2"}, "2"},
         {"Math/min", {"1", "2"}, "1"},
         {"Math/max", {"1", "2.5"}, "2.5"},
         {"Math/pow", {"1", "##NaN"}, "##NaN"},
         {"Math/pow", {"-1", "##Inf"}, "##NaN"},
         {"Math/pow", {"2", "10"}, "1024.0"},
         {"Math/sqrt", {"-1"}, "##NaN"},
         {"Math/sqrt", {"4"}, "2.0"},
         {"Math/cbrt", {"27"}, "3.0"},
         {"Math/floorDiv", {"-7", "2"}, "-4"},
         {"Math/floorDiv", {"7", "2"}, "3"},
         {"Math/floorDiv", {"5", "0"}, "!ArithmeticException"},
         {"Math/floorMod", {"-7", "2"}, "1"},
         {"Math/signum", {"-2.0"}, "-1.0"},
         {"Math/rint", {"2.5"}, "2.0"},
         {"Math/ceil", {"-0.5"}, "-0.0"},
         {"Math/floor", {"2.7"}, "2.0"},
         {"Math/hypot", {"3", "4"}, "5.0"},
         {"Math/log10", {"1000"}, "3.0"},
         {"Math/addExact", {"9223372036854775807", "1"}, "!ArithmeticException"},
         {"Math/toIntExact", {"3000000000"}, "!ArithmeticException"},
         {"clojure.math/floor-mod", {"-7", "2"}, "1"},
         {"Math/toDegrees", {"3.141592653589793"}, "180.0"},
         {"Math/ulp", {"1.0"}, "2.220446049250313E-16"},
         {"Math/getExponent", {"8.0"}, "3"}});
}

TEST(NumberNatives, NumberClasses) {
  check({{"Integer/parseInt", {"\"-7\""}, "-7"},
         {"Integer/parseInt", {"\"+7\""}, "7"},
         {"Integer/parseInt", {"\"x\""}, "!NumberFormatException"},
         {"Integer/parseInt", {"\"\""}, "!NumberFormatException"},
         {"Integer/parseInt", {"\"99999999999\""}, "!NumberFormatException"},
         {"Integer/parseInt", {"nil"}, "!NumberFormatException"},
         {"Integer/parseInt", {"\"ff\"", "16"}, "255"},
         {"Long/parseLong", {"\"-9223372036854775808\""}, "-9223372036854775808"},
         {"Long/parseLong", {"\"9223372036854775808\""}, "!NumberFormatException"},
         {"Long/valueOf", {"\"5\""}, "5"},
         {"Long/toString", {"255", "16"}, "\"ff\""},
         {"Long/toBinaryString", {"5"}, "\"101\""},
         {"Integer/toBinaryString", {"-1"}, "\"11111111111111111111111111111111\""},
         {"Long/toHexString", {"-1"}, "\"ffffffffffffffff\""},
         {"Integer/toHexString", {"255"}, "\"ff\""},
         {"Integer/toHexString", {"0"}, "\"0\""},
         {"Long/bitCount", {"255"}, "8"},
         {"Long/numberOfTrailingZeros", {"8"}, "3"},
         {"Long/compare", {"1", "2"}, "-1"},
         {"Double/parseDouble", {"\"1.5\""}, "1.5"},
         {"Double/parseDouble", {"\"x\""}, "!NumberFormatException"},
         {"Double/toString", {"1e10"}, "\"1.0E10\""},
         {"Double/isNaN", {"##NaN"}, "true"},
         {"Double/doubleToLongBits", {"1.0"}, "4607182418800017408"},
         {"Boolean/parseBoolean", {"\"TRUE\""}, "true"},
         {"Boolean/parseBoolean", {"nil"}, "false"},
         {"BigDecimal/valueOf", {"1.5"}, "1.5M"},
         {"BigDecimal/valueOf", {"150", "2"}, "1.50M"},
         {"BigDecimal/new", {"\"1.50\""}, "1.50M"}});
}

TEST(NumberNatives, Constants) {
  std::map<std::string, std::string> shown;
  for (const HostConstant& c : number_host_constants())
    shown[std::string(c.type) + "/" + c.name] = printed(c.make());
  EXPECT_EQ(shown["Math/PI"], "3.141592653589793");
  EXPECT_EQ(shown["Long/MIN_VALUE"], "-9223372036854775808");
  EXPECT_EQ(shown["Integer/MAX_VALUE"], "2147483647");
  EXPECT_EQ(shown["Double/MIN_VALUE"], "4.9E-324");
  EXPECT_EQ(shown["Double/MAX_VALUE"], "1.7976931348623157E308");
  EXPECT_EQ(shown["Double/NaN"], "##NaN");
  EXPECT_EQ(shown["BigDecimal/TEN"], "10M");
}

}  // namespace
}  // namespace reops::lang
