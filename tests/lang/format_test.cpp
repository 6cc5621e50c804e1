// clojure.core/format against the answers of the JVM's Clojure (format_oracle.inc).

#include <gtest/gtest.h>

#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {

extern const NativeModule k_natives_format;

namespace {

struct FormatRow {
  const char* format;
  const char* argument;
  const char* answer;
};
constexpr FormatRow k_oracle[] = {
#include "format_oracle.inc"
};

Ref argument(std::string_view text) {
  if (text == "nil") return nil();
  if (text == "true" || text == "false") return boolean(text == "true");
  if (text[0] == '"') return make_string(text.substr(1, text.size() - 2));
  if (text[0] == ':') return Ref(keyword(text.substr(1)));
  if (text[0] == '\\') return Ref::adopt(Value::character(static_cast<char32_t>(text[1])));
  if (text == "##Inf") return real(1.0 / 0.0);
  if (text == "##-Inf") return real(-1.0 / 0.0);
  if (text == "##NaN") return real(0.0 / 0.0);
  return parse_number(text);
}

std::string formatted(std::string_view format, std::vector<Ref> arguments) {
  Ref text = make_string(format);
  std::vector<Value> slots{text};
  slots.insert(slots.end(), arguments.begin(), arguments.end());
  try {
    return std::string(text_of(k_natives_format.defs[0].fn(Args(slots.data(), slots.size()))));
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    EXPECT_EQ(e.error_class, ErrorClass::illegal_argument);
    EXPECT_GT(text_of(e.message).size(), 10u);
    return "!";
  }
}

TEST(Format, AnswersAsTheJvmDoes) {
  for (const FormatRow& row : k_oracle) {
    EXPECT_EQ(formatted(row.format, {argument(row.argument)}), row.answer)
        << row.format << " " << row.argument;
  }
}

TEST(Format, BigIntegersShowTheirSignInEveryRadix) {
  EXPECT_EQ(formatted("%x %o %d",
                      {argument("-255N"), argument("-8N"), argument("-123456789012345678901234567890N")}),
            "-ff -10 -123456789012345678901234567890");
  EXPECT_EQ(formatted("%+#x", {argument("255N")}), "+0xff");
}

TEST(Format, ArgumentsAreTakenInOrderAndByIndex) {
  EXPECT_EQ(formatted("%2$s %1$s %s %s", {argument("\"a\""), argument("\"b\"")}), "b a a b");
  EXPECT_EQ(formatted("%s", {}), "!");
  EXPECT_EQ(formatted("%0$s", {argument("1")}), "!");
  EXPECT_EQ(formatted("no directive", {argument("1")}), "no directive");
}

TEST(Format, AbsurdWidthsAreRefused) {
  EXPECT_EQ(formatted("%99999999999999999999d", {argument("1")}), "!");
  EXPECT_EQ(formatted("%.999999999f", {argument("1.5")}), "!");
  EXPECT_EQ(formatted("%f", {argument("1E+1000000000M")}), "!");
  EXPECT_EQ(formatted("%e", {argument("1E+100000M")}), "1.000000e+100000");
}

TEST(Format, KindsThatDoNotFitAreRefused) {
  EXPECT_EQ(formatted("%d", {argument("1.5")}), "!");
  EXPECT_EQ(formatted("%d", {argument("\"1\"")}), "!");
  EXPECT_EQ(formatted("%f", {argument("1")}), "!");
  EXPECT_EQ(formatted("%c", {argument("\"a\"")}), "!");
  EXPECT_EQ(formatted("%c%c", {argument("\\a"), argument("98")}), "ab");
}

}  // namespace
}  // namespace reops::lang
