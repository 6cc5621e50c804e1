#pragma once
// Numbers: 64-bit integers (63 bits inline, boxed beyond), doubles, big integers, ratios, decimals; Clojure's
// rules for which meets which. Nothing here looks at anything but numbers; nil throws null-pointer, anything
// else class-cast.
//
// What the interpreter executes most, two integers of the word, is inline; the rest is number*.cpp.

#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// A 64-bit integer outside the 63 bits of the word. Never holds one that fits: equal integers have one form.
struct Int64 : Object {
  static constexpr Kind k_kind = Kind::Int64;
  int64_t value;
};
struct Double : Object {
  static constexpr Kind k_kind = Kind::Double;
  double value;
};
/// Sign and magnitude as GMP's limbs, most significant last, no leading zero limbs; made flat for the image.
/// Unlike an Int64 it may hold any integer: 1N is one.
struct BigInt : Object {
  static constexpr Kind k_kind = Kind::BigInt;
  int32_t size;   ///< limbs; negative for a negative number; 0 is zero
  uint32_t hash;  ///< computed with the number
  __extension__ uint64_t limbs[];
};
/// In lowest terms, denominator > 1.
struct Ratio : Object {
  static constexpr Kind k_kind = Kind::Ratio;
  Value numerator;    ///< BigInt
  Value denominator;  ///< BigInt
};
/// unscaled × 10^-scale.
struct BigDecimal : Object {
  static constexpr Kind k_kind = Kind::BigDecimal;
  int32_t scale;
  uint32_t pad;
  Value unscaled;  ///< BigInt
};

Ref boxed_integer(int64_t i);
inline Ref integer(int64_t i) {
  return Value::fits_fixnum(i) ? Ref::adopt(Value::fixnum(i)) : boxed_integer(i);
}
Ref real(double d);
/// The big integer (`5N`) of that value.
Ref big_integer(int64_t i);

inline bool is_int(Value v) { return v.is_fixnum() || is<Int64>(v); }  ///< Clojure's `int?`
bool is_integer(Value v);                                              ///< and BigInt
bool is_number(Value v);
/// The 64-bit integer of a value for which is_int holds.
inline int64_t as_int(Value v) { return v.is_fixnum() ? v.as_fixnum() : as<Int64>(v).value; }
/// An integer argument of a native: any number that is integral and fits, or an error that names `what`.
int64_t to_int(Value v, std::string_view what);
double to_double(Value v);

// Two integers of the word: true with the result in `out` when both are and the result is one too. `out`
// needs no count.
inline bool add_fixnums(Value a, Value b, Value& out) {
  if (!(a.bits() & b.bits() & 1)) return false;
  int64_t sum;
  // The tag bit is taken off one of the two, so that the sum carries exactly one; 64-bit overflow is 63-bit
  // overflow.
  if (__builtin_add_overflow(static_cast<int64_t>(a.bits()), static_cast<int64_t>(b.bits() - 1), &sum))
    return false;
  out = Value::from_bits(static_cast<uint64_t>(sum));
  return true;
}
inline bool subtract_fixnums(Value a, Value b, Value& out) {
  if (!(a.bits() & b.bits() & 1)) return false;
  int64_t difference;
  if (__builtin_sub_overflow(static_cast<int64_t>(a.bits()), static_cast<int64_t>(b.bits() - 1), &difference))
    return false;
  out = Value::from_bits(static_cast<uint64_t>(difference));
  return true;
}
inline bool multiply_fixnums(Value a, Value b, Value& out) {
  if (!(a.bits() & b.bits() & 1)) return false;
  int64_t product;
  if (__builtin_mul_overflow(static_cast<int64_t>(a.bits() - 1), b.as_fixnum(), &product)) return false;
  out = Value::from_bits(static_cast<uint64_t>(product) | 1);
  return true;
}

// Arithmetic. Plain: integers overflow with ArithmeticException "integer overflow". Promoting (+' and
// friends): they become big integers. The slow_ functions are the general case of the inline ones.
Ref slow_add(Value a, Value b);
Ref slow_subtract(Value a, Value b);
Ref slow_multiply(Value a, Value b);

inline Ref add(Value a, Value b) {
  Value out;
  return add_fixnums(a, b, out) ? Ref::adopt(out) : slow_add(a, b);
}
inline Ref subtract(Value a, Value b) {
  Value out;
  return subtract_fixnums(a, b, out) ? Ref::adopt(out) : slow_subtract(a, b);
}
inline Ref multiply(Value a, Value b) {
  Value out;
  return multiply_fixnums(a, b, out) ? Ref::adopt(out) : slow_multiply(a, b);
}
inline Ref increment(Value a) { return add(a, Value::fixnum(1)); }
inline Ref decrement(Value a) { return subtract(a, Value::fixnum(1)); }
Ref divide(Value a, Value b);
Ref negate(Value a);
Ref absolute(Value a);
Ref add_promoting(Value a, Value b);
Ref subtract_promoting(Value a, Value b);
Ref multiply_promoting(Value a, Value b);
Ref negate_promoting(Value a);
Ref quotient(Value a, Value b);
Ref remainder(Value a, Value b);
Ref modulo(Value a, Value b);

// Unchecked: two 64-bit integers wrap; anything else is as the plain operation.
Ref add_wrapping(Value a, Value b);
Ref subtract_wrapping(Value a, Value b);
Ref multiply_wrapping(Value a, Value b);

// Comparison by value across number types; a double makes it a comparison of doubles, NaN is never less nor
// equal.
bool slow_number_less(Value a, Value b);
bool slow_number_less_equal(Value a, Value b);
bool slow_number_equivalent(Value a, Value b);

inline bool number_less(Value a, Value b) {
  // The tag is the lowest bit of both, so words compare as the integers do.
  if (a.bits() & b.bits() & 1) return static_cast<int64_t>(a.bits()) < static_cast<int64_t>(b.bits());
  return slow_number_less(a, b);
}
inline bool number_less_equal(Value a, Value b) {
  if (a.bits() & b.bits() & 1) return static_cast<int64_t>(a.bits()) <= static_cast<int64_t>(b.bits());
  return slow_number_less_equal(a, b);
}
/// `==`
inline bool number_equivalent(Value a, Value b) {
  if (a.bits() & b.bits() & 1) return a == b;
  return slow_number_equivalent(a, b);
}
bool is_zero(Value a);
bool is_positive(Value a);
bool is_negative(Value a);
bool is_nan(Value a);

/// `=` of two numbers: as `==`, but integers (with big ones), ratios, decimals and doubles never equal each
/// other. False when `b` is no number. What `equal()` does once it knows that `a` is a number.
bool number_equal(Value a, Value b);
/// `hash` of a number, equal where number_equal is true.
uint32_t number_hash(Value v);

/// -1, 0, 1 as `compare` orders numbers (NaN is equal to everything there, as in Clojure).
int compare_numbers(Value a, Value b);

// Conversions.
/// `rationalize`: a double by its shortest spelling, a decimal exactly; others as they are.
Ref rationalize(Value v);
/// `bigint` of a number: fractions are cut off.
Ref to_bigint(Value v);
/// `bigdec` of a number.
Ref to_decimal(Value v);
/// The parts of a ratio as integers (64-bit where they fit). Throws class-cast for any other number.
Ref ratio_numerator(Value v);
Ref ratio_denominator(Value v);

/// The number that `text` spells by the reader's rules (42 -7 0x1F 017 36rZZ 1N 3/4 1.5 1e3 2.5M; ##Inf is
/// the reader's), none() when it is no number at all; throws number-format for one that is malformed in its
/// value (09, 2r5) and arithmetic for a denominator of zero.
Ref parse_number(std::string_view text);
/// As `parse-long` and `parse-double` read them; none() for anything else.
Ref parse_long(std::string_view text);
Ref parse_double(std::string_view text);

/// As `pr` and `print` show it: 1.0E10 as the JVM writes doubles, 12N, 1/2, 1.50M, ##Inf.
void print_number(std::string& out, Value v);
/// As `str` does: no suffix N or M, and Infinity, -Infinity, NaN.
void append_number(std::string& out, Value v);
/// An integer (of any size) in a radix from 2 to 36, lower case.
std::string integer_text(Value v, int radix = 10);

/// The shortest decimal digits that read back as `d` (of two digits the closer ones, where one would do:
/// Java's choice): 0.d1d2d3… × 10^point. `d` is finite. Zero is "0" with point 1. The sign is not part of it.
struct Digits {
  std::string digits;
  int point;
};
Digits shortest_digits(double d);
/// "1.0E10", "Infinity": Double.toString.
std::string double_text(double d);

}  // namespace reops::lang
