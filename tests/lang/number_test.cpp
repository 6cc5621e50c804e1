// Numbers: against answers of the JVM's Clojure (number_oracle.inc), against GMP and the processor with
// random operands, and by cases written out for what neither covers.

#include "lang/value/number.hpp"

#include <gmp.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <random>

#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number_big.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

std::string printed(Value v) {
  if (v.is_boolean()) return v.is_true() ? "true" : "false";
  if (is<String>(v)) return '"' + std::string(text_of(v)) + '"';
  std::string out;
  print_number(out, v);
  return out;
}

/// What `f` answers as text, or the class of the error it throws after an exclamation mark.
std::string outcome(const std::function<Ref()>& f) {
  try {
    return printed(f());
  } catch (const Thrown& thrown) {
    return "!" + std::string(error_class_name(as<Error>(thrown.error()).error_class));
  }
}

Ref num(std::string_view text) {
  Ref n = parse_number(text);
  EXPECT_FALSE(n.get().is_none()) << text;
  return n;
}

struct OracleRow {
  const char* operation;
  const char* a;
  const char* b;
  const char* answer;
};
constexpr OracleRow k_oracle[] = {
#include "number_oracle.inc"
};

Ref apply(std::string_view op, Value a, Value b) {
  static const std::map<std::string_view, Ref (*)(Value, Value)> binary = {
      {"+", add},
      {"-", subtract},
      {"*", multiply},
      {"/", divide},
      {"quot", quotient},
      {"rem", remainder},
      {"mod", modulo},
      {"+'", add_promoting},
      {"-'", subtract_promoting},
      {"*'", multiply_promoting},
      {"<", [](Value x, Value y) { return boolean(number_less(x, y)); }},
      {"<=", [](Value x, Value y) { return boolean(number_less_equal(x, y)); }},
      {"==", [](Value x, Value y) { return boolean(number_equivalent(x, y)); }},
      {"=", [](Value x, Value y) { return boolean(number_equal(x, y)); }}};
  static const std::map<std::string_view, Ref (*)(Value)> unary = {
      {"neg", negate},
      {"neg'", negate_promoting},
      {"inc", increment},
      {"abs", absolute},
      {"rationalize", rationalize},
      {"bigint", to_bigint},
      {"bigdec", to_decimal},
      {"dec'", [](Value x) { return subtract_promoting(x, Value::fixnum(1)); }},
      {"double", [](Value x) { return real(to_double(x)); }},
      {"str", [](Value x) {
         std::string out;
         append_number(out, x);
         return make_string(out);
       }}};
  if (auto it = unary.find(op); it != unary.end()) return it->second(a);
  return binary.at(op)(a, b);
}

TEST(Number, AnswersAsTheJvmDoes) {
  size_t asked = 0;
  for (const OracleRow& row : k_oracle) {
    if (std::string_view(row.operation) == "long") continue;  // a native, not an operation of this file
    Ref a = num(row.a), b = *row.b ? num(row.b) : nil();
    std::string answer = outcome([&] { return apply(row.operation, a, b); });
    // JDK 17 does not always find the shortest spelling of a double; the value must be the same.
    bool spelled_longer =
        answer.find('.') != answer.npos && answer[0] != '"' && number_equal(num(answer), num(row.answer));
    EXPECT_TRUE(spelled_longer || answer == row.answer)
        << row.operation << " " << row.a << " " << row.b << ": " << answer << ", not " << row.answer;
    ++asked;
  }
  EXPECT_GT(asked, 4000u);
}

TEST(Number, EqualNumbersHashEqually) {
  std::vector<Ref> numbers;
  for (const OracleRow& row : k_oracle) {
    if (row.answer[0] != '!' && row.answer[0] != 't' && row.answer[0] != 'f' && row.answer[0] != '"') {
      if (numbers.size() < 700) numbers.push_back(num(row.answer));
    }
  }
  size_t equal_pairs = 0;
  for (const Ref& a : numbers) {
    for (const Ref& b : numbers) {
      if (!number_equal(a, b)) continue;
      ++equal_pairs;
      EXPECT_EQ(number_hash(a), number_hash(b)) << printed(a) << " " << printed(b);
    }
  }
  EXPECT_GT(equal_pairs, numbers.size());
  EXPECT_EQ(number_hash(num("1.0M")), number_hash(num("1.00M")));
  EXPECT_EQ(number_hash(num("100M")), number_hash(num("1E+2M")));
  EXPECT_EQ(number_hash(num("0.000M")), number_hash(num("0M")));
  EXPECT_EQ(number_hash(num("-0.0")), number_hash(num("0.0")));
  EXPECT_EQ(number_hash(num("1")), number_hash(num("1N")));
  EXPECT_FALSE(number_equal(real(NAN), real(NAN)));
  EXPECT_FALSE(number_equal(num("1"), Value::nil()));
}

__extension__ using Int128 = __int128;

// Operands that meet every boundary: near 0, 2^31, 2^62, 2^63, and bits at random.
int64_t random_integer(std::mt19937_64& random) {
  static const int64_t edges[] = {
      0, INT64_C(1) << 31, INT64_C(1) << 32, INT64_C(1) << 61, INT64_C(1) << 62, INT64_MAX};
  uint64_t bits = random();
  switch (bits % 4) {
    case 0:
      return static_cast<int64_t>(random());
    case 1:
      return static_cast<int64_t>(random()) >> (random() % 64);
    default: {
      uint64_t near = static_cast<uint64_t>(edges[(bits >> 2) % std::size(edges)]) + (bits >> 8) % 7 - 3;
      return static_cast<int64_t>(bits & 64 ? ~near : near);
    }
  }
}

TEST(Number, IntegersAgreeWith128Bits) {
  std::mt19937_64 random(20240521);
  auto check = [](Int128 exact, const std::function<Ref()>& f, const char* what, int64_t a, int64_t b) {
    bool fits = exact >= INT64_MIN && exact <= INT64_MAX;
    std::string expected = fits ? std::to_string(static_cast<int64_t>(exact)) : "!ArithmeticException";
    EXPECT_EQ(outcome(f), expected) << a << what << b;
  };
  for (int i = 0; i < 50000; ++i) {
    int64_t a = random_integer(random), b = random_integer(random);
    Ref x = integer(a), y = integer(b);
    ASSERT_EQ(as_int(x), a);
    ASSERT_EQ(x.get().is_fixnum(), Value::fits_fixnum(a));
    check(
        Int128{a} + b, [&] { return add(x, y); }, " + ", a, b);
    check(
        Int128{a} - b, [&] { return subtract(x, y); }, " - ", a, b);
    check(
        Int128{a} * b, [&] { return multiply(x, y); }, " * ", a, b);
    if (b != 0) {
      check(
          Int128{a} / b, [&] { return quotient(x, y); }, " quot ", a, b);
      check(
          Int128{a} % b, [&] { return remainder(x, y); }, " rem ", a, b);
    }
    EXPECT_EQ(number_less(x, y), a < b);
    EXPECT_EQ(number_less_equal(x, y), a <= b);
    EXPECT_EQ(number_equal(x, y), a == b);
    EXPECT_EQ(as_int(add_wrapping(x, y)),
              static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)));
  }
}

TEST(Number, DoublesAgreeWithTheProcessor) {
  std::mt19937_64 random(77);
  for (int i = 0; i < 20000; ++i) {
    double a = std::ldexp(static_cast<double>(static_cast<int64_t>(random())),
                          static_cast<int>(random() % 200) - 100);
    double b = std::ldexp(static_cast<double>(static_cast<int64_t>(random())),
                          static_cast<int>(random() % 200) - 100);
    Ref x = real(a), y = real(b);
    EXPECT_EQ(to_double(add(x, y)), a + b);
    EXPECT_EQ(to_double(multiply(x, y)), a * b);
    EXPECT_EQ(to_double(divide(x, y)), a / b);
    EXPECT_EQ(number_less(x, y), a < b);
    EXPECT_EQ(to_double(num(printed(x))), a) << "what is printed reads back";
  }
}

TEST(Number, BigIntegersAgreeWithGmp) {
  gmp_randstate_t state;
  gmp_randinit_mt(state);
  gmp_randseed_ui(state, 4711);
  auto text = [](mpz_srcptr z) {
    std::vector<char> buffer(mpz_sizeinbase(z, 10) + 2);
    return std::string(mpz_get_str(buffer.data(), 10, z)) + "N";
  };
  for (unsigned i = 0; i < 3000; ++i) {
    Mpz a, b, r;
    mpz_rrandomb(a, state, 1 + i % 400);
    mpz_rrandomb(b, state, 1 + i * 7 % 300);
    if (i & 1) mpz_neg(a, a);
    if (i & 2) mpz_neg(b, b);
    Ref x = make_big(a), y = make_big(b);
    EXPECT_EQ(printed(x), text(a));
    EXPECT_TRUE(number_equal(num(printed(x)), x));
    mpz_add(r, a, b);
    EXPECT_EQ(printed(add(x, y)), text(r));
    mpz_mul(r, a, b);
    EXPECT_EQ(printed(multiply(x, y)), text(r));
    mpz_tdiv_q(r, a, b);
    EXPECT_EQ(printed(quotient(x, y)), text(r));
    mpz_tdiv_r(r, a, b);
    EXPECT_EQ(printed(remainder(x, y)), text(r));
    EXPECT_EQ(number_less(x, y), mpz_cmp(a, b) < 0);
    // a/b exactly, and back.
    EXPECT_TRUE(number_equivalent(multiply(divide(x, y), y), x));
    // The nearest double is no farther away than its neighbours.
    double d = to_double(x);
    Mpz nearest, distance, other;
    mpz_set_d(nearest, d);
    mpz_sub(distance, a, nearest);
    for (double neighbour : {std::nextafter(d, HUGE_VAL), std::nextafter(d, -HUGE_VAL)}) {
      mpz_set_d(nearest, neighbour);
      mpz_sub(other, a, nearest);
      EXPECT_LE(mpz_cmpabs(distance, other), 0) << text(a);
    }
  }
  gmp_randclear(state);
}

TEST(Number, DecimalsKeepTheLawsOfArithmetic) {
  std::mt19937_64 random(99);
  auto decimal = [&] {
    int64_t unscaled = static_cast<int64_t>(random()) >> (random() % 60);
    return make_decimal({Mpz(unscaled), static_cast<int64_t>(random() % 30) - 10});
  };
  for (int i = 0; i < 5000; ++i) {
    Ref a = decimal(), b = decimal(), c = decimal();
    EXPECT_TRUE(number_equal(num(printed(a)), a)) << printed(a);
    EXPECT_EQ(printed(num(printed(a))), printed(a)) << "the scale survives";
    EXPECT_TRUE(number_equal(subtract(add(a, b), b), a));
    EXPECT_TRUE(number_equal(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c))));
    if (is_zero(b)) continue;
    Ref q = quotient(a, b), r = remainder(a, b);
    EXPECT_TRUE(number_equal(add(multiply(q, b), r), a)) << printed(a) << " " << printed(b);
    EXPECT_TRUE(number_less(absolute(r), absolute(b)));
    EXPECT_TRUE(number_equal(divide(multiply(a, b), b), a));
  }
}

TEST(Number, DoublesPrintAsTheJvmWritesThem) {
  for (const char* text : {"0.0", "-0.0", "1.0", "100.0", "0.001", "1.0E-4", "1.0E-5", "9999999.0", "1.0E7",
                           "1.0E10", "1.23456789E7", "1.7976931348623157E308", "4.9E-324", "0.1", "123.456",
                           "1.0E21", "-2.5E-9", "1.2345678901234568E17"}) {
    EXPECT_EQ(printed(num(text)), text);
  }
  EXPECT_EQ(printed(real(HUGE_VAL)), "##Inf");
  EXPECT_EQ(printed(real(-HUGE_VAL)), "##-Inf");
  EXPECT_EQ(printed(real(NAN)), "##NaN");
  EXPECT_EQ(double_text(-HUGE_VAL), "-Infinity");
}

TEST(Number, ReadsWhatTheReaderReads) {
  const std::pair<const char*, const char*> cases[] = {{"42", "42"},
                                                       {"-7", "-7"},
                                                       {"+5", "5"},
                                                       {"0", "0"},
                                                       {"-0", "0"},
                                                       {"00", "0"},
                                                       {"0x1F", "31"},
                                                       {"-0X10", "-16"},
                                                       {"017", "15"},
                                                       {"36rZZ", "1295"},
                                                       {"2r1010", "10"},
                                                       {"36rZZN", "46643"},
                                                       {"1N", "1N"},
                                                       {"0N", "0N"},
                                                       {"0x1FN", "31N"},
                                                       {"017N", "15N"},
                                                       {"9223372036854775807", "9223372036854775807"},
                                                       {"9223372036854775808", "9223372036854775808N"},
                                                       {"-9223372036854775808", "-9223372036854775808"},
                                                       {"3/4", "3/4"},
                                                       {"-6/4", "-3/2"},
                                                       {"4/2", "2"},
                                                       {"0/5", "0"},
                                                       {"010/3", "10/3"},
                                                       {"1.5", "1.5"},
                                                       {"1.", "1.0"},
                                                       {"1e3", "1000.0"},
                                                       {"1e400", "##Inf"},
                                                       {"08.5", "8.5"},
                                                       {"-1.5e-7", "-1.5E-7"},
                                                       {"2.50M", "2.50M"},
                                                       {"09M", "9M"},
                                                       {"1e5M", "1E+5M"},
                                                       {"+0.000001M", "0.000001M"},
                                                       {"0.0000001M", "1E-7M"}};
  for (auto [text, expected] : cases) EXPECT_EQ(printed(num(text)), expected) << text;
  for (const char* text :
       {"",   "+",    "-",  "abc",   "1abc", "1.2.3", "0x", "0xG", "1/2N", "1/",  "/2",
        "1e", "1e5N", ".5", "1/2/3", "--1",  "1M2",   "N",  "1NN", "r5",   "0r1", "1.5N"}) {
    EXPECT_TRUE(parse_number(text).get().is_none()) << text;
  }
  for (const char* text : {"09", "2r12", "37rZ", "1r0", "1e99999999999M"}) {
    EXPECT_EQ(outcome([&] { return parse_number(text); }), "!NumberFormatException") << text;
  }
  EXPECT_EQ(outcome([] { return parse_number("1/0"); }), "!ArithmeticException");
}

TEST(Number, ParsesLongsAndDoublesAsJavaDoes) {
  auto shown = [](const Ref& r) { return r.get().is_none() ? std::string("nil") : printed(r); };
  const std::pair<const char*, const char*> longs[] = {{"12", "12"},
                                                       {"+12", "12"},
                                                       {"-12", "-12"},
                                                       {"012", "12"},
                                                       {" 12", "nil"},
                                                       {"", "nil"},
                                                       {"-", "nil"},
                                                       {"1_0", "nil"},
                                                       {"0x10", "nil"},
                                                       {"9223372036854775807", "9223372036854775807"},
                                                       {"9223372036854775808", "nil"},
                                                       {"-9223372036854775808", "-9223372036854775808"}};
  for (auto [text, expected] : longs) EXPECT_EQ(shown(parse_long(text)), expected) << text;
  const std::pair<const char*, const char*> doubles[] = {
      {"1", "1.0"},     {"1d", "1.0"},       {"1.5F", "1.5"},    {" 1.5 ", "1.5"}, {".5", "0.5"},
      {"5.", "5.0"},    {"-1e3", "-1000.0"}, {"1e400", "##Inf"}, {"NaN", "##NaN"}, {"-Infinity", "##-Inf"},
      {"0x1p3", "8.0"}, {"0x1.8p1", "3.0"},  {"0x10", "nil"},    {"", "nil"},      {".", "nil"},
      {"++1", "nil"},   {"1,5", "nil"},      {"1e", "nil"},      {"inf", "nil"},   {"nan", "nil"},
      {"1dd", "nil"},   {"0x-1p3", "nil"}};
  for (auto [text, expected] : doubles) EXPECT_EQ(shown(parse_double(text)), expected) << text;
}

TEST(Number, DoublesDivideAsIeeeSays) {
  EXPECT_EQ(printed(divide(num("1.0"), num("0"))), "##Inf");
  EXPECT_EQ(printed(divide(num("-1"), num("0.0"))), "##-Inf");
  EXPECT_EQ(printed(divide(num("0.0"), num("0.0"))), "##NaN");
  EXPECT_EQ(outcome([] { return quotient(num("1.0"), num("0")); }), "!ArithmeticException");
  EXPECT_EQ(outcome([] { return quotient(real(HUGE_VAL), num("1")); }), "!NumberFormatException");
}

TEST(Number, TheOneQuotientThatOverflowsIsAnError) {
  Ref least = integer(INT64_MIN);
  EXPECT_EQ(outcome([&] { return quotient(least, num("-1")); }), "!ArithmeticException");
  EXPECT_EQ(outcome([&] { return divide(least, num("-1")); }), "!ArithmeticException");
  EXPECT_EQ(outcome([&] { return remainder(least, num("-1")); }), "0");
  EXPECT_EQ(outcome([&] { return divide(num("3"), least); }), "-3/9223372036854775808");
}

TEST(Number, NanIsNeitherLessNorEqual) {
  Ref nan = real(NAN), one = num("1");
  EXPECT_FALSE(number_less(nan, one));
  EXPECT_FALSE(number_less(one, nan));
  EXPECT_FALSE(number_less_equal(nan, nan));
  EXPECT_FALSE(number_equivalent(nan, nan));
  EXPECT_FALSE(is_zero(nan));
  EXPECT_FALSE(is_positive(nan));
  EXPECT_EQ(compare_numbers(nan, one), 0);
}

TEST(Number, ARatioAndADecimalCompareExactly) {
  EXPECT_TRUE(number_less(num("1/3"), num("0.34M")));
  EXPECT_FALSE(number_less(num("1/3"), num("0.33M")));
  EXPECT_TRUE(number_equivalent(num("1/4"), num("0.250M")));
  EXPECT_TRUE(number_less(num("1E-1000000000M"), num("1E+1000000000M")))
      << "without writing out two billion zeros";
}

TEST(Number, WhatIsNoNumberIsNamed) {
  EXPECT_EQ(outcome([] { return add(Value::nil(), Value::fixnum(1)); }), "!NullPointerException");
  EXPECT_EQ(outcome([] { return add(Value::fixnum(1), Value::character('a')); }), "!ClassCastException");
  EXPECT_EQ(outcome([] { return boolean(number_less(Value::boolean(true), Value::fixnum(1))); }),
            "!ClassCastException");
}

TEST(Number, NumbersTooLargeAreErrorsBeforeTheyAreMade) {
  Ref huge = num("1E+2000000000M");
  EXPECT_EQ(outcome([&] { return add(huge, num("1M")); }), "!ArithmeticException");
  EXPECT_EQ(outcome([&] { return to_bigint(huge); }), "!ArithmeticException");
  EXPECT_EQ(outcome([&] { return multiply(huge, huge); }), "!ArithmeticException")
      << "the scale leaves 32 bits";
  Mpz wide(1);
  mpz_mul_2exp(wide, wide, 1100000000);
  Ref big = make_big(wide);
  EXPECT_EQ(outcome([&] { return multiply(big, big); }), "!ArithmeticException");
}

TEST(Number, PrecisionRoundsDecimals) {
  t_math_context = {5, Rounding::half_up};
  EXPECT_EQ(printed(divide(num("1M"), num("3"))), "0.33333M");
  EXPECT_EQ(printed(divide(num("1M"), num("4"))), "0.25M");
  t_math_context = {5, Rounding::down};
  EXPECT_EQ(printed(multiply(num("1.23456M"), num("1.1M"))), "1.3580M");
  t_math_context = {3, Rounding::half_up};
  EXPECT_EQ(printed(add(num("1.2345M"), num("1"))), "2.23M");
  EXPECT_EQ(printed(add(num("9.996M"), num("0"))), "10.0M");
  t_math_context = {};
  EXPECT_EQ(outcome([] { return divide(num("1M"), num("3")); }), "!ArithmeticException");
}

TEST(Number, ToIntTakesWhatIsIntegral) {
  EXPECT_EQ(to_int(num("5N"), "the count"), 5);
  EXPECT_EQ(to_int(num("5.0"), "the count"), 5);
  EXPECT_EQ(to_int(num("5.00M"), "the count"), 5);
  for (const char* text : {"5.5", "1/2", "1e30", "9223372036854775808", "1E+30M"}) {
    EXPECT_EQ(outcome([&] { return integer(to_int(num(text), "the count")); }), "!IllegalArgumentException")
        << text;
  }
}

}  // namespace
}  // namespace reops::lang
