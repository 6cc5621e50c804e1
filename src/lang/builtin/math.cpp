// Math and clojure.math, and the static members of the number classes: Long, Integer, Double, Boolean …
//
// A static method `Class/name` is a native of that name in a namespace of the class's short name.

#include <bit>
#include <cmath>
#include <limits>

#include "lang/builtin/native.hpp"
#include "lang/builtin/random.hpp"
#include "lang/runtime/host_methods.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

template <double (*f)(double)>
Ref real1(Args args) {
  return real(f(to_double(args[0])));
}
template <double (*f)(double, double)>
Ref real2(Args args) {
  return real(f(to_double(args[0]), to_double(args[1])));
}

double java_pow(double base, double exponent) {
  // C says 1 to whatever power is 1; Java lets NaN through, and has no limit for ±1 to an infinite power.
  if (std::isnan(exponent) || (std::fabs(base) == 1 && std::isinf(exponent)))
    return std::numeric_limits<double>::quiet_NaN();
  return std::pow(base, exponent);
}
/// glibc's cbrt may be one place off for exact cubes: (cbrt 27) is to be 3.0.
double cube_root(double d) { return static_cast<double>(std::cbrt(static_cast<long double>(d))); }
double signum(double d) { return d > 0 ? 1.0 : (d < 0 ? -1.0 : d); }
double to_degrees(double radians) { return radians * 57.29577951308232; }
double to_radians(double degrees) { return degrees * 0.017453292519943295; }
double ulp(double d) {
  if (!std::isfinite(d)) return std::fabs(d);
  double magnitude = std::fabs(d);
  double above = std::nextafter(magnitude, HUGE_VAL);
  return std::isinf(above) ? magnitude - std::nextafter(magnitude, 0.0) : above - magnitude;
}
double next_up(double d) { return std::nextafter(d, HUGE_VAL); }
double next_down(double d) { return std::nextafter(d, -HUGE_VAL); }

Ref round_fn(Args args) {
  if (is_int(args[0])) return Ref(args[0]);
  double d = to_double(args[0]);
  if (std::isnan(d)) return integer(0);
  double below = std::floor(d);
  if (d - below >= 0.5) below += 1;
  if (below >= 0x1p63) return integer(INT64_MAX);
  return integer(below < -0x1p63 ? INT64_MIN : static_cast<int64_t>(below));
}

Ref random_fn(Args) { return real(random_unit()); }

Ref abs_fn(Args args) { return absolute(args[0]); }

/// Math.max and min: of two integers an integer, else a double; NaN wins.
template <bool greatest>
Ref extreme_fn(Args args) {
  if (is_int(args[0]) && is_int(args[1]))
    return Ref(number_less(args[0], args[1]) == greatest ? args[1] : args[0]);
  double a = to_double(args[0]), b = to_double(args[1]);
  if (std::isnan(a) || std::isnan(b)) return real(std::numeric_limits<double>::quiet_NaN());
  return real(greatest ? std::fmax(a, b) : std::fmin(a, b));
}

int64_t long_argument(Value v) { return to_int(v, "The argument"); }

template <Ref (*op)(Value, Value)>
Ref exact2(Args args) {
  return op(integer(long_argument(args[0])), integer(long_argument(args[1])));
}
Ref increment_exact_fn(Args args) { return increment(integer(long_argument(args[0]))); }
Ref decrement_exact_fn(Args args) { return decrement(integer(long_argument(args[0]))); }
Ref negate_exact_fn(Args args) { return negate(integer(long_argument(args[0]))); }
Ref to_int_exact_fn(Args args) {
  int64_t i = long_argument(args[0]);
  if (i < INT32_MIN || i > INT32_MAX) throw_arithmetic("integer overflow");
  return integer(i);
}
Ref floor_div_fn(Args args) {
  Ref a = integer(long_argument(args[0])), b = integer(long_argument(args[1]));
  Ref q = quotient(a, b);
  bool inexact = !is_zero(remainder(a, b));
  return inexact && is_negative(a) != is_negative(b) ? decrement(q) : q;
}
Ref get_exponent_fn(Args args) {
  double d = to_double(args[0]);
  if (!std::isfinite(d)) return integer(1024);
  return integer(d == 0 || std::fpclassify(d) == FP_SUBNORMAL ? -1023 : std::ilogb(d));
}
Ref scalb_fn(Args args) {
  int64_t by = long_argument(args[1]);
  return real(std::ldexp(to_double(args[0]), static_cast<int>(by > 4000 ? 4000 : (by < -4000 ? -4000 : by))));
}

// Long, Integer and their like.

[[noreturn]] void throw_unreadable(Value v, std::string_view type) {
  throw_error(ErrorClass::number_format, "Cannot read " + describe(v) + " as " + std::string(type));
}

/// parseInt and its like: digits of a radix, in range.
int64_t parse_in(Args args, std::string_view type, int64_t least, int64_t most) {
  if (!is<String>(args[0])) throw_unreadable(args[0], type);
  std::string_view text = text_of(args[0]);
  int64_t radix = args.size() > 1 ? to_int(args[1], "The radix") : 10;
  if (radix < 2 || radix > 36) throw_error(ErrorClass::number_format, "A radix must be from 2 to 36");
  bool negative = !text.empty() && text[0] == '-';
  size_t at = negative || (!text.empty() && text[0] == '+') ? 1 : 0;
  if (at == text.size()) throw_unreadable(args[0], type);
  int64_t value = 0;
  for (; at < text.size(); ++at) {
    char c = text[at];
    int digit = c >= '0' && c <= '9'
                    ? c - '0'
                    : (c >= 'a' && c <= 'z' ? c - 'a' + 10 : (c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99));
    if (digit >= radix || __builtin_mul_overflow(value, radix, &value) ||
        __builtin_sub_overflow(value, digit, &value)) {
      throw_unreadable(args[0], type);
    }
  }
  if (!negative && value == INT64_MIN) throw_unreadable(args[0], type);
  if (!negative) value = -value;
  if (value < least || value > most) throw_unreadable(args[0], type);
  return value;
}

int64_t narrow(Value v) {
  int64_t i = long_argument(v);
  if (i < INT32_MIN || i > INT32_MAX)
    throw_illegal_argument("Value out of range for int: " + std::to_string(i));
  return i;
}

Ref parse_long_fn(Args args) { return integer(parse_in(args, "a 64-bit integer", INT64_MIN, INT64_MAX)); }
Ref parse_int_fn(Args args) { return integer(parse_in(args, "a 32-bit integer", INT32_MIN, INT32_MAX)); }
Ref long_value_of_fn(Args args) { return is_int(args[0]) ? Ref(args[0]) : parse_long_fn(args); }
Ref int_value_of_fn(Args args) { return is_int(args[0]) ? integer(narrow(args[0])) : parse_int_fn(args); }

Ref to_string_fn(Args args) {
  int64_t radix = args.size() > 1 ? to_int(args[1], "The radix") : 10;
  if (radix < 2 || radix > 36) radix = 10;  // as Java does
  return make_string(integer_text(integer(long_argument(args[0])), static_cast<int>(radix)));
}

/// The digits of an unsigned number, `shift` bits each.
std::string unsigned_text(uint64_t bits, int shift) {
  std::string out;
  do {
    out.insert(out.begin(), "0123456789abcdef"[bits & ((1u << shift) - 1)]);
    bits >>= shift;
  } while (bits != 0);
  return out;
}
template <int shift>
Ref long_bits_fn(Args args) {
  return make_string(unsigned_text(static_cast<uint64_t>(long_argument(args[0])), shift));
}
template <int shift>
Ref int_bits_fn(Args args) {
  return make_string(unsigned_text(static_cast<uint32_t>(narrow(args[0])), shift));
}

Ref compare_fn(Args args) { return integer(compare_numbers(args[0], args[1])); }
Ref long_signum_fn(Args args) { return integer(compare_numbers(args[0], Value::fixnum(0))); }
Ref long_sum_fn(Args args) { return add_wrapping(args[0], args[1]); }

uint64_t long_bits(Args args) { return static_cast<uint64_t>(long_argument(args[0])); }
Ref bit_count_fn(Args args) { return integer(std::popcount(long_bits(args))); }
Ref leading_zeros_fn(Args args) { return integer(std::countl_zero(long_bits(args))); }
Ref trailing_zeros_fn(Args args) { return integer(std::countr_zero(long_bits(args))); }
Ref reverse_fn(Args args) {
  auto bits = static_cast<uint64_t>(long_argument(args[0]));
  uint64_t reversed = 0;
  for (int i = 0; i < 64; ++i, bits >>= 1) reversed = reversed << 1 | (bits & 1);
  return integer(static_cast<int64_t>(reversed));
}
Ref reverse_bytes_fn(Args args) {
  return integer(static_cast<int64_t>(__builtin_bswap64(static_cast<uint64_t>(long_argument(args[0])))));
}
template <bool left>
Ref rotate_fn(Args args) {
  auto bits = static_cast<uint64_t>(long_argument(args[0]));
  auto by = static_cast<int>(long_argument(args[1]) & 63);
  return integer(static_cast<int64_t>(left ? std::rotl(bits, by) : std::rotr(bits, by)));
}
Ref lowest_bit_fn(Args args) {
  auto bits = static_cast<uint64_t>(long_argument(args[0]));
  return integer(static_cast<int64_t>(bits & (~bits + 1)));
}
Ref highest_bit_fn(Args args) { return integer(static_cast<int64_t>(std::bit_floor(long_bits(args)))); }
Ref int_bit_count_fn(Args args) { return integer(std::popcount(static_cast<uint32_t>(narrow(args[0])))); }

Ref parse_double_fn(Args args) {
  if (is<Double>(args[0])) return Ref(args[0]);
  Ref parsed = is<String>(args[0]) ? parse_double(text_of(args[0])) : Ref::adopt(Value::none());
  if (parsed.get().is_none()) throw_unreadable(args[0], "a floating-point number");
  return parsed;
}
Ref double_to_string_fn(Args args) { return make_string(double_text(to_double(args[0]))); }
Ref is_nan_fn(Args args) { return boolean(std::isnan(to_double(args[0]))); }
Ref is_infinite_fn(Args args) { return boolean(std::isinf(to_double(args[0]))); }
Ref is_finite_fn(Args args) { return boolean(std::isfinite(to_double(args[0]))); }
Ref double_compare_fn(Args args) {
  double a = to_double(args[0]), b = to_double(args[1]);
  return integer(a < b ? -1 : a > b);
}
Ref double_bits_fn(Args args) { return integer(std::bit_cast<int64_t>(to_double(args[0]))); }
Ref bits_double_fn(Args args) { return real(std::bit_cast<double>(long_argument(args[0]))); }

Ref parse_boolean_fn(Args args) {
  if (args[0].is_boolean()) return Ref(args[0]);
  if (!is<String>(args[0])) return boolean(false);
  std::string_view text = text_of(args[0]);
  return boolean(text.size() == 4 && (text[0] | 32) == 't' && (text[1] | 32) == 'r' &&
                 (text[2] | 32) == 'u' && (text[3] | 32) == 'e');
}

Ref decimal_value_of_fn(Args args) {
  if (args.size() == 1) return to_decimal(args[0]);
  return make_decimal({Mpz(long_argument(args[0])), to_int(args[1], "The scale")});
}
Ref big_value_of_fn(Args args) { return integer(long_argument(args[0])); }

constexpr NativeDef row(const char* ns, const char* name, NativeFn fn, int8_t arity, const char* doc,
                        int8_t max = 0) {
  return {ns,
          name,
          fn,
          arity,
          max ? max : arity,
          k_borrow_all,
          arity == 0 ? "([])" : (arity == 1 ? "([a])" : "([a b])"),
          doc};
}
// A row in both Math, under Java's name, and clojure.math, under Clojure's.
#define BOTH(java, clojure, fn, arity, doc) \
  row("Math", java, fn, arity, doc), row("clojure.math", clojure, fn, arity, doc)

constexpr NativeDef k_defs[] = {
    BOTH("sqrt", "sqrt", real1<std::sqrt>, 1, "The square root; NaN of a negative number."),
    BOTH("cbrt", "cbrt", real1<cube_root>, 1, "The cube root."),
    BOTH("exp", "exp", real1<std::exp>, 1, "e to the power of a."),
    BOTH("expm1", "expm1", real1<std::expm1>, 1, "e to the power of a, minus 1, exact for small a."),
    BOTH("log", "log", real1<std::log>, 1, "The natural logarithm."),
    BOTH("log10", "log10", real1<std::log10>, 1, "The logarithm to base 10."),
    BOTH("log1p", "log1p", real1<std::log1p>, 1, "The natural logarithm of 1 + a, exact for small a."),
    BOTH("sin", "sin", real1<std::sin>, 1, "The sine of an angle in radians."),
    BOTH("cos", "cos", real1<std::cos>, 1, "The cosine of an angle in radians."),
    BOTH("tan", "tan", real1<std::tan>, 1, "The tangent of an angle in radians."),
    BOTH("asin", "asin", real1<std::asin>, 1, "The angle in radians whose sine is a."),
    BOTH("acos", "acos", real1<std::acos>, 1, "The angle in radians whose cosine is a."),
    BOTH("atan", "atan", real1<std::atan>, 1, "The angle in radians whose tangent is a."),
    BOTH("sinh", "sinh", real1<std::sinh>, 1, "The hyperbolic sine."),
    BOTH("cosh", "cosh", real1<std::cosh>, 1, "The hyperbolic cosine."),
    BOTH("tanh", "tanh", real1<std::tanh>, 1, "The hyperbolic tangent."),
    BOTH("floor", "floor", real1<std::floor>, 1, "The greatest integral double not above a."),
    BOTH("ceil", "ceil", real1<std::ceil>, 1, "The least integral double not below a."),
    BOTH("rint", "rint", real1<std::nearbyint>, 1, "The nearest integral double; of two, the even one."),
    BOTH("signum", "signum", real1<signum>, 1, "1.0, -1.0 or zero, as the sign of a."),
    BOTH("toDegrees", "to-degrees", real1<to_degrees>, 1, "Radians as degrees."),
    BOTH("toRadians", "to-radians", real1<to_radians>, 1, "Degrees as radians."),
    BOTH("ulp", "ulp", real1<ulp>, 1, "The distance from a to the next larger double in magnitude."),
    BOTH("nextUp", "next-up", real1<next_up>, 1, "The next double above a."),
    BOTH("nextDown", "next-down", real1<next_down>, 1, "The next double below a."),
    BOTH("pow", "pow", real2<java_pow>, 2, "a to the power of b."),
    BOTH("atan2", "atan2", real2<std::atan2>, 2, "The angle of the point with coordinates b and a."),
    BOTH("hypot", "hypot", real2<std::hypot>, 2, "The length of the hypotenuse over sides a and b."),
    BOTH("IEEEremainder", "IEEE-remainder", real2<std::remainder>, 2, "a minus the nearest multiple of b."),
    BOTH("nextAfter", "next-after", real2<std::nextafter>, 2, "The next double from a towards b."),
    BOTH("copySign", "copy-sign", real2<std::copysign>, 2, "a with the sign of b."),
    BOTH("scalb", "scalb", scalb_fn, 2, "a times 2 to the power of b."),
    BOTH("getExponent", "get-exponent", get_exponent_fn, 1, "The power of two of a's leading bit."),
    BOTH("round", "round", round_fn, 1, "The nearest 64-bit integer; halves are rounded up."),
    BOTH("random", "random", random_fn, 0, "A random double from 0 up to, but without, 1."),
    BOTH("addExact", "add-exact", exact2<add>, 2, "a + b. Throws on overflow."),
    BOTH("subtractExact", "subtract-exact", exact2<subtract>, 2, "a - b. Throws on overflow."),
    BOTH("multiplyExact", "multiply-exact", exact2<multiply>, 2, "a * b. Throws on overflow."),
    BOTH("incrementExact", "increment-exact", increment_exact_fn, 1, "a + 1. Throws on overflow."),
    BOTH("decrementExact", "decrement-exact", decrement_exact_fn, 1, "a - 1. Throws on overflow."),
    BOTH("negateExact", "negate-exact", negate_exact_fn, 1, "-a. Throws on overflow."),
    BOTH("floorDiv", "floor-div", floor_div_fn, 2, "a divided by b, rounded towards negative infinity."),
    BOTH("floorMod", "floor-mod", exact2<modulo>, 2, "What floorDiv leaves of a; has the sign of b."),
    row("Math", "toIntExact", to_int_exact_fn, 1, "a itself. Throws when it does not fit 32 bits."),
    row("Math", "abs", abs_fn, 1, "The distance of a from zero."),
    row("Math", "max", extreme_fn<true>, 2, "The greater number: an integer if both are, else a double."),
    row("Math", "min", extreme_fn<false>, 2, "The lesser number: an integer if both are, else a double."),

    row("Long", "parseLong", parse_long_fn, 1,
        "The 64-bit integer that a string spells, in radix b if given.", 2),
    row("Long", "valueOf", long_value_of_fn, 1, "A string or number as a 64-bit integer.", 2),
    row("Long", "new", long_value_of_fn, 1, "A string or number as a 64-bit integer."),
    row("Long", "toString", to_string_fn, 1, "a as text, in radix b if given.", 2),
    row("Long", "toHexString", long_bits_fn<4>, 1, "The 64 bits of a in hexadecimal, unsigned."),
    row("Long", "toOctalString", long_bits_fn<3>, 1, "The 64 bits of a in octal, unsigned."),
    row("Long", "toBinaryString", long_bits_fn<1>, 1, "The 64 bits of a in binary, unsigned."),
    row("Long", "compare", compare_fn, 2, "-1, 0 or 1 as a is less than, equal to or greater than b."),
    row("Long", "signum", long_signum_fn, 1, "-1, 0 or 1, as the sign of a."),
    row("Long", "sum", long_sum_fn, 2, "a + b, wrapping around."),
    row("Long", "max", extreme_fn<true>, 2, "The greater one."),
    row("Long", "min", extreme_fn<false>, 2, "The lesser one."),
    row("Long", "bitCount", bit_count_fn, 1, "How many of the 64 bits are set."),
    row("Long", "numberOfLeadingZeros", leading_zeros_fn, 1, "Zero bits before the highest set one, of 64."),
    row("Long", "numberOfTrailingZeros", trailing_zeros_fn, 1, "Zero bits after the lowest set one, of 64."),
    row("Long", "highestOneBit", highest_bit_fn, 1, "a with all but its highest set bit cleared."),

    row("Long", "lowestOneBit", lowest_bit_fn, 1, "a with all but its lowest set bit cleared."),
    row("Long", "reverse", reverse_fn, 1, "The 64 bits of a in the opposite order."),
    row("Long", "reverseBytes", reverse_bytes_fn, 1, "The 8 bytes of a in the opposite order."),
    row("Long", "rotateLeft", rotate_fn<true>, 2, "The 64 bits of a, moved b places up and round."),
    row("Long", "rotateRight", rotate_fn<false>, 2, "The 64 bits of a, moved b places down and round."),

    row("Integer", "parseInt", parse_int_fn, 1,
        "The 32-bit integer that a string spells, in radix b if given.", 2),
    row("Integer", "valueOf", int_value_of_fn, 1, "A string or number as a 32-bit integer.", 2),
    row("Integer", "new", int_value_of_fn, 1, "A string or number as a 32-bit integer."),
    row("Integer", "toString", to_string_fn, 1, "a as text, in radix b if given.", 2),
    row("Integer", "toHexString", int_bits_fn<4>, 1, "The 32 bits of a in hexadecimal, unsigned."),
    row("Integer", "toOctalString", int_bits_fn<3>, 1, "The 32 bits of a in octal, unsigned."),
    row("Integer", "toBinaryString", int_bits_fn<1>, 1, "The 32 bits of a in binary, unsigned."),
    row("Integer", "compare", compare_fn, 2, "-1, 0 or 1 as a is less than, equal to or greater than b."),
    row("Integer", "signum", long_signum_fn, 1, "-1, 0 or 1, as the sign of a."),
    row("Integer", "max", extreme_fn<true>, 2, "The greater one."),
    row("Integer", "min", extreme_fn<false>, 2, "The lesser one."),
    row("Integer", "bitCount", int_bit_count_fn, 1, "How many of the 32 bits are set."),

    row("Double", "parseDouble", parse_double_fn, 1, "The floating-point number that a string spells."),
    row("Double", "valueOf", parse_double_fn, 1, "A string or number as a floating-point number."),
    row("Double", "new", parse_double_fn, 1, "A string or number as a floating-point number."),
    row("Double", "toString", double_to_string_fn, 1, "a as text."),
    row("Double", "isNaN", is_nan_fn, 1, "Is a not a number?"),
    row("Double", "isInfinite", is_infinite_fn, 1, "Is a infinite?"),
    row("Double", "isFinite", is_finite_fn, 1, "Is a neither infinite nor NaN?"),
    row("Double", "compare", double_compare_fn, 2,
        "-1, 0 or 1 as a is less than, equal to or greater than b."),
    row("Double", "doubleToLongBits", double_bits_fn, 1, "The 64 bits of a as an integer."),
    row("Double", "longBitsToDouble", bits_double_fn, 1, "The floating-point number with those 64 bits."),
    row("Float", "parseFloat", parse_double_fn, 1, "The floating-point number that a string spells."),
    row("Boolean", "parseBoolean", parse_boolean_fn, 1, "True only for \"true\", in upper or lower case."),
    row("Boolean", "valueOf", parse_boolean_fn, 1, "A boolean, or true for \"true\" in upper or lower case."),
    row("BigDecimal", "valueOf", decimal_value_of_fn, 1,
        "A number as a decimal; with two arguments a × 10^-b.", 2),
    row("BigInteger", "valueOf", big_value_of_fn, 1, "a itself."),
};
#undef BOTH

template <int64_t value>
Ref whole() {
  return integer(value);
}
template <uint64_t bits>
Ref fraction() {
  return real(std::bit_cast<double>(bits));
}
template <char32_t value>
Ref letter() {
  return Ref::adopt(Value::character(value));
}
constexpr uint64_t bits_of(double d) { return std::bit_cast<uint64_t>(d); }

constexpr HostConstant k_number_constants[] = {
    {"Math", "PI", fraction<bits_of(3.141592653589793)>},
    {"Math", "E", fraction<bits_of(2.718281828459045)>},
    {"Long", "MAX_VALUE", whole<INT64_MAX>},
    {"Long", "MIN_VALUE", whole<INT64_MIN>},
    {"Integer", "MAX_VALUE", whole<INT32_MAX>},
    {"Integer", "MIN_VALUE", whole<INT32_MIN>},
    {"Short", "MAX_VALUE", whole<INT16_MAX>},
    {"Short", "MIN_VALUE", whole<INT16_MIN>},
    {"Byte", "MAX_VALUE", whole<INT8_MAX>},
    {"Byte", "MIN_VALUE", whole<INT8_MIN>},
    {"Double", "MAX_VALUE", fraction<bits_of(std::numeric_limits<double>::max())>},
    {"Double", "MIN_VALUE", fraction<bits_of(std::numeric_limits<double>::denorm_min())>},
    {"Double", "MIN_NORMAL", fraction<bits_of(std::numeric_limits<double>::min())>},
    {"Double", "POSITIVE_INFINITY", fraction<bits_of(std::numeric_limits<double>::infinity())>},
    {"Double", "NEGATIVE_INFINITY", fraction<bits_of(-std::numeric_limits<double>::infinity())>},
    {"Double", "NaN", fraction<bits_of(std::numeric_limits<double>::quiet_NaN())>},
    {"Float", "MAX_VALUE", fraction<bits_of(3.4028234663852886e38)>},
    {"Float", "MIN_VALUE", fraction<bits_of(1.401298464324817e-45)>},
    {"BigDecimal", "ZERO",
     [] {
       return make_decimal({Mpz(), 0});
     }},
    {"BigDecimal", "ONE",
     [] {
       return make_decimal({Mpz(1), 0});
     }},
    {"BigDecimal", "TEN",
     [] {
       return make_decimal({Mpz(10), 0});
     }},
    {"BigInteger", "ZERO", whole<0>},
    {"BigInteger", "ONE", whole<1>},
    {"BigInteger", "TEN", whole<10>},
    {"Boolean", "TRUE", [] { return boolean(true); }},
    {"Boolean", "FALSE", [] { return boolean(false); }},
    {"Character", "MAX_VALUE", letter<U'\uffff'>},
    {"Character", "MIN_VALUE", letter<U'\0'>},
};

}  // namespace

std::span<const HostConstant> number_host_constants() { return k_number_constants; }

extern const NativeModule k_natives_math;
const NativeModule k_natives_math = {"math", k_defs};

}  // namespace reops::lang
