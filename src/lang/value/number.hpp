#pragma once
// Numbers: 64-bit integers (63 bits inline, boxed beyond), doubles, big integers, ratios, decimals; Clojure's rules for
// which meets which. Nothing here looks at anything but numbers; anything else throws class-cast.

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
struct BigInt : Object {
  static constexpr Kind k_kind = Kind::BigInt;
  int32_t size;  ///< limbs; negative for a negative number; 0 is zero
  uint32_t hash;
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

Ref integer(int64_t i);
Ref real(double d);

inline bool is_int(Value v) { return v.is_fixnum() || is<Int64>(v); }  ///< Clojure's `int?`
bool is_integer(Value v);                                              ///< and BigInt
bool is_number(Value v);
/// The 64-bit integer of a value for which is_int holds.
inline int64_t as_int(Value v) { return v.is_fixnum() ? v.as_fixnum() : as<Int64>(v).value; }
/// An integer argument of a native: any number that is integral and fits, or an error that names `what`.
int64_t to_int(Value v, std::string_view what);
double to_double(Value v);

// Arithmetic. Plain: integers overflow with ArithmeticException "integer overflow". Promoting (+' and friends): they
// become big integers. Unchecked: they wrap.
Ref add(Value a, Value b);
Ref subtract(Value a, Value b);
Ref multiply(Value a, Value b);
Ref divide(Value a, Value b);
Ref negate(Value a);
Ref add_promoting(Value a, Value b);
Ref subtract_promoting(Value a, Value b);
Ref multiply_promoting(Value a, Value b);
Ref quotient(Value a, Value b);
Ref remainder(Value a, Value b);
Ref modulo(Value a, Value b);

bool number_less(Value a, Value b);
bool number_less_equal(Value a, Value b);
/// `==`: by value across number types.
bool number_equivalent(Value a, Value b);
bool is_zero(Value a);
bool is_positive(Value a);
bool is_negative(Value a);

/// The number that `text` spells by the reader's rules (42 -7 0x1F 017 36rZZ 1N 3/4 1.5 1e3 2.5M ##Inf is the reader's),
/// none() when it is no number at all; throws number-format for one that is malformed in its value (1/0, 09).
Ref parse_number(std::string_view text);

/// As `pr` prints it: 1.0E10 as the JVM writes doubles, 12N, 1/2, 1.50M.
void print_number(std::string& out, Value v);

}  // namespace reops::lang
