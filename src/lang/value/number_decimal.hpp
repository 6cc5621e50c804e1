#pragma once
// Decimals: arithmetic of unscaled × 10^-scale with the scale rules of Java's BigDecimal, which Clojure's M
// numbers have.

#include <string_view>

#include "lang/value/number_big.hpp"

namespace reops::lang {

struct Decimal {
  Mpz unscaled;
  int64_t scale = 0;
};

enum class Rounding : uint8_t { up, down, ceiling, floor, half_up, half_down, half_even, unnecessary };

/// Of any number: integers with scale 0, ratios by exact division (throws when it does not terminate),
/// doubles by their shortest spelling (throws for NaN and infinities).
Decimal decimal_of(Value v);
/// Throws arithmetic when the scale leaves 32 bits.
Ref make_decimal(const Decimal& d);

Decimal decimal_add(const Decimal& a, const Decimal& b);
Decimal decimal_subtract(const Decimal& a, const Decimal& b);
Decimal decimal_multiply(const Decimal& a, const Decimal& b);
/// Exact, in the smallest scale not below a.scale - b.scale; throws when the expansion does not terminate. b
/// is not zero.
Decimal decimal_divide(const Decimal& a, const Decimal& b);
/// To `precision` significant digits. b is not zero.
Decimal decimal_divide(const Decimal& a, const Decimal& b, uint32_t precision, Rounding rounding);
/// The integral part of a/b, in the scale that Java prefers. b is not zero.
Decimal decimal_quotient(const Decimal& a, const Decimal& b);
Decimal decimal_remainder(const Decimal& a, const Decimal& b);
/// To at most `precision` significant digits; 0 leaves it as it is.
Decimal decimal_round(const Decimal& d, uint32_t precision, Rounding rounding);
/// With exactly `scale` digits after the point.
Decimal decimal_rescale(const Decimal& d, int64_t scale, Rounding rounding);
int decimal_compare(const Decimal& a, const Decimal& b);
/// Cut to an integer.
Mpz decimal_truncate(const Decimal& d);
double decimal_to_double(const Decimal& d);
uint32_t decimal_hash(const Decimal& d);

/// "1.5E-3", "1E+10", "0.25", digits and optional exponent; false when it is not one. Throws number-format
/// for an exponent out of range.
bool parse_decimal(std::string_view text, Decimal& out);
/// As BigDecimal.toString writes it.
std::string decimal_text(const Decimal& d);

/// `with-precision`: what this thread's decimal arithmetic is rounded to; precision 0 means exact.
struct MathContext {
  uint32_t precision = 0;
  Rounding rounding = Rounding::half_up;
};
extern thread_local MathContext t_math_context;
/// The rounding of that name in Java (HALF_UP …); false when there is none.
bool find_rounding(std::string_view name, Rounding& out);

}  // namespace reops::lang
