#include "lang/value/number_decimal.hpp"

#include <double-conversion/double-conversion.h>

#include <algorithm>
#include <cmath>

#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {

thread_local MathContext t_math_context;

bool find_rounding(std::string_view name, Rounding& out) {
  static constexpr std::string_view k_names[] = {"UP",      "DOWN",      "CEILING",   "FLOOR",
                                                 "HALF_UP", "HALF_DOWN", "HALF_EVEN", "UNNECESSARY"};
  const auto* found = std::find(std::begin(k_names), std::end(k_names), name);
  if (found == std::end(k_names)) return false;
  out = static_cast<Rounding>(found - k_names);
  return true;
}

namespace {

uint32_t hash_decimal_value(Value v) { return decimal_hash(decimal_of(v)); }

/// d with its unscaled value multiplied so that it has `scale` ≥ d.scale.
Mpz scaled_up(const Decimal& d, int64_t scale) {
  if (scale == d.scale || d.unscaled.sign() == 0) return d.unscaled;
  uint64_t shift = static_cast<uint64_t>(scale - d.scale);
  check_bits(static_cast<double>(mpz_sizeinbase(d.unscaled, 2)) + static_cast<double>(shift) * 3.33);
  Mpz result = power_of_ten(shift);
  mpz_mul(result, result, d.unscaled);
  return result;
}

/// n/d rounded to an integer. d is not zero.
Mpz divide_rounded(mpz_srcptr n, mpz_srcptr d, Rounding rounding) {
  Mpz q, r;
  mpz_tdiv_qr(q, r, n, d);
  if (r.sign() == 0) return q;
  bool negative = (mpz_sgn(n) < 0) != (mpz_sgn(d) < 0);
  mpz_mul_2exp(r, r, 1);
  int half = mpz_cmpabs(r, d);  // the remainder against one half
  bool away = false;
  switch (rounding) {
    case Rounding::up:
      away = true;
      break;
    case Rounding::down:
      break;
    case Rounding::ceiling:
      away = !negative;
      break;
    case Rounding::floor:
      away = negative;
      break;
    case Rounding::half_up:
      away = half >= 0;
      break;
    case Rounding::half_down:
      away = half > 0;
      break;
    case Rounding::half_even:
      away = half > 0 || (half == 0 && mpz_tstbit(q, 0));
      break;
    case Rounding::unnecessary:
      throw_arithmetic("Rounding necessary: the exact result has more digits than are allowed");
  }
  if (away) negative ? mpz_sub_ui(q, q, 1) : mpz_add_ui(q, q, 1);
  return q;
}

/// Takes trailing zeros off while the scale stays at or above `least`. Precondition: d is not zero.
void strip_zeros(Decimal& d, int64_t least) {
  while (d.scale > least && mpz_divisible_ui_p(d.unscaled, 10)) {
    // By halves, so that a long tail of zeros does not cost one division each.
    uint64_t step = 1;
    while (static_cast<int64_t>(step * 2) <= d.scale - least && step * 2 < digit_count(d.unscaled) &&
           mpz_divisible_p(d.unscaled, power_of_ten(step * 2))) {
      step *= 2;
    }
    mpz_divexact(d.unscaled, d.unscaled, power_of_ten(step));
    d.scale -= static_cast<int64_t>(step);
  }
}

/// How many digits stand before the point in scientific notation, minus one: the exponent of the first digit.
int64_t first_exponent(const Decimal& d) {
  return static_cast<int64_t>(digit_count(d.unscaled)) - 1 - d.scale;
}

}  // namespace

const KindInfo k_info_BigDecimal = {.name = "BigDecimal",
                                    .slots_at = sizeof(Object) + 8,
                                    .slots = 1,
                                    .hash = hash_decimal_value,
                                    .equal = number_equal};

Decimal decimal_of(Value v) {
  if (const BigDecimal* d = try_as<BigDecimal>(v)) return {Mpz(IntegerView(d->unscaled)), d->scale};
  if (const Ratio* r = try_as<Ratio>(v)) {
    return decimal_divide(decimal_of(r->numerator), decimal_of(r->denominator), t_math_context.precision,
                          t_math_context.rounding);
  }
  if (const Double* d = try_as<Double>(v)) {
    if (!std::isfinite(d->value)) {
      throw_error(ErrorClass::number_format,
                  double_text(d->value) + " cannot be written as a decimal number");
    }
    Decimal result;
    parse_decimal(double_text(d->value), result);
    return result;
  }
  return {Mpz(IntegerView(v)), 0};
}

Ref make_decimal(const Decimal& d) {
  if (d.scale > INT32_MAX || d.scale < INT32_MIN) {
    throw_arithmetic("The result's scale (digits after the decimal point) leaves the range of 32 bits");
  }
  Ref unscaled = make_big(d.unscaled);
  BigDecimal* n = allocate<BigDecimal>();
  n->scale = static_cast<int32_t>(d.scale);
  n->pad = 0;
  n->unscaled = unscaled.take();
  return Ref::adopt(n);
}

Decimal decimal_add(const Decimal& a, const Decimal& b) {
  int64_t scale = std::max(a.scale, b.scale);
  Decimal result{scaled_up(a, scale), scale};
  mpz_add(result.unscaled, result.unscaled, scaled_up(b, scale));
  return result;
}

Decimal decimal_subtract(const Decimal& a, const Decimal& b) {
  int64_t scale = std::max(a.scale, b.scale);
  Decimal result{scaled_up(a, scale), scale};
  mpz_sub(result.unscaled, result.unscaled, scaled_up(b, scale));
  return result;
}

Decimal decimal_multiply(const Decimal& a, const Decimal& b) {
  check_bits(static_cast<double>(mpz_sizeinbase(a.unscaled, 2)) +
             static_cast<double>(mpz_sizeinbase(b.unscaled, 2)));
  Decimal result{Mpz(), a.scale + b.scale};
  mpz_mul(result.unscaled, a.unscaled, b.unscaled);
  return result;
}

Decimal decimal_divide(const Decimal& a, const Decimal& b) {
  int64_t preferred = a.scale - b.scale;
  if (a.unscaled.sign() == 0) return {Mpz(), std::clamp<int64_t>(preferred, INT32_MIN, INT32_MAX)};
  Mpz common, n, d;
  mpz_gcd(common, a.unscaled, b.unscaled);
  mpz_divexact(n, a.unscaled, common);
  mpz_divexact(d, b.unscaled, common);
  if (d.sign() < 0) {
    mpz_neg(n, n);
    mpz_neg(d, d);
  }
  // Terminates exactly when the reduced denominator is 2^i × 5^j; then max(i, j) more digits hold it.
  Mpz rest, five(5);
  uint64_t twos = mpz_scan1(d, 0);
  mpz_tdiv_q_2exp(rest, d, twos);
  uint64_t fives = mpz_remove(rest, rest, five);
  if (!rest.is_one()) {
    throw_arithmetic(
        "Non-terminating decimal expansion; no exact representable decimal result (see with-precision)");
  }
  uint64_t digits = std::max(twos, fives);
  Decimal result{power_of_ten(digits), preferred + static_cast<int64_t>(digits)};
  mpz_mul(result.unscaled, result.unscaled, n);
  mpz_divexact(result.unscaled, result.unscaled, d);
  return result;
}

Decimal decimal_divide(const Decimal& a, const Decimal& b, uint32_t precision, Rounding rounding) {
  if (precision == 0) return decimal_divide(a, b);
  int64_t preferred = a.scale - b.scale;
  if (a.unscaled.sign() == 0) return {Mpz(), preferred};
  // Enough digits that the quotient has at least `precision` + 1; what is cut off there only decides the
  // rounding, so it must not be lost: a remainder leaves a last digit of 1 behind.
  int64_t have =
      static_cast<int64_t>(digit_count(a.unscaled)) - static_cast<int64_t>(digit_count(b.unscaled));
  int64_t shift = std::max<int64_t>(int64_t{precision} + 3 - have, 0);
  Mpz n = power_of_ten(static_cast<uint64_t>(shift));
  mpz_mul(n, n, a.unscaled);
  Mpz q, r;
  mpz_tdiv_qr(q, r, n, b.unscaled);
  Decimal wide{std::move(q), preferred + shift};
  if (r.sign() != 0) {
    mpz_mul_ui(wide.unscaled, wide.unscaled, 10);
    bool negative = (a.unscaled.sign() < 0) != (b.unscaled.sign() < 0);
    negative ? mpz_sub_ui(wide.unscaled, wide.unscaled, 1) : mpz_add_ui(wide.unscaled, wide.unscaled, 1);
    ++wide.scale;
  }
  Decimal result = decimal_round(wide, precision, rounding);
  if (r.sign() == 0 && decimal_compare(result, wide) == 0)
    strip_zeros(result, preferred);  // exact ones only, as Java
  return result;
}

Decimal decimal_quotient(const Decimal& a, const Decimal& b) {
  int64_t preferred = std::clamp<int64_t>(a.scale - b.scale, INT32_MIN, INT32_MAX);
  Decimal result;
  // |a| < |b| by their leading digits: nothing to compute, and no need to write out a huge power of ten.
  if (a.unscaled.sign() == 0 || first_exponent(a) + 1 < first_exponent(b)) {
    result.scale = preferred;
    return result;
  }
  int64_t scale = std::max(a.scale, b.scale);
  mpz_tdiv_q(result.unscaled, scaled_up(a, scale), scaled_up(b, scale));
  result.scale = 0;
  if (result.unscaled.sign() == 0) {
    result.scale = preferred;
  } else if (preferred >= 0) {
    result = decimal_rescale(result, preferred, Rounding::unnecessary);
  } else {
    strip_zeros(result, preferred);
  }
  return result;
}

Decimal decimal_remainder(const Decimal& a, const Decimal& b) {
  return decimal_subtract(a, decimal_multiply(decimal_quotient(a, b), b));
}

Decimal decimal_round(const Decimal& d, uint32_t precision, Rounding rounding) {
  Decimal result = d;
  if (precision == 0) return result;
  // Twice at most: 9.99 rounded up to two digits is 10.0, which has three.
  for (uint64_t digits = digit_count(result.unscaled); digits > precision;
       digits = digit_count(result.unscaled)) {
    uint64_t drop = digits - precision;
    result.unscaled = divide_rounded(result.unscaled, power_of_ten(drop), rounding);
    result.scale -= static_cast<int64_t>(drop);
  }
  return result;
}

Decimal decimal_rescale(const Decimal& d, int64_t scale, Rounding rounding) {
  if (scale >= d.scale) return {scaled_up(d, scale), scale};
  uint64_t drop = static_cast<uint64_t>(d.scale - scale);
  uint64_t digits = digit_count(d.unscaled);
  if (drop > digits + 1) {
    // All digits go, and the first of them is too far below the new last place to reach one half.
    return {divide_rounded(Mpz(d.unscaled.sign()), Mpz(int64_t{4}), rounding), scale};
  }
  return {divide_rounded(d.unscaled, power_of_ten(drop), rounding), scale};
}

int decimal_compare(const Decimal& a, const Decimal& b) {
  int sa = a.unscaled.sign(), sb = b.unscaled.sign();
  if (sa != sb) return sa < sb ? -1 : 1;
  if (sa == 0) return 0;
  int64_t ea = first_exponent(a), eb = first_exponent(b);
  if (ea != eb) return (ea < eb) == (sa > 0) ? -1 : 1;
  int64_t scale = std::max(a.scale, b.scale);
  int order = mpz_cmp(scaled_up(a, scale), scaled_up(b, scale));
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

Mpz decimal_truncate(const Decimal& d) { return decimal_rescale(d, 0, Rounding::down).unscaled; }

double decimal_to_double(const Decimal& d) {
  std::string text = integer_text(make_big(d.unscaled)) + "e" + std::to_string(-d.scale);
  double_conversion::StringToDoubleConverter reader(0, 0, 0, nullptr, nullptr);
  int used = 0;
  return reader.StringToDouble(text.data(), static_cast<int>(text.size()), &used);
}

uint32_t decimal_hash(const Decimal& d) {
  Decimal plain = d;
  if (plain.unscaled.sign() == 0) return hash_int(0xd0);
  strip_zeros(plain, INT64_MIN / 2);
  Ref unscaled = make_big(plain.unscaled);
  return hash_combine(as<BigInt>(unscaled).hash,
                      hash_int(static_cast<uint64_t>(plain.scale) ^ 0xdec0000000000000u));
}

bool parse_decimal(std::string_view text, Decimal& out) {
  size_t at = 0;
  bool negative = false;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
  auto is_digit = [&](size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  std::string digits;
  int64_t scale = 0;
  for (; is_digit(at); ++at) digits += text[at];
  if (at < text.size() && text[at] == '.') {
    for (++at; is_digit(at); ++at, ++scale) digits += text[at];
  }
  if (digits.empty()) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool exponent_negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) exponent_negative = text[at++] == '-';
    if (!is_digit(at)) return false;
    int64_t exponent = 0;
    for (; is_digit(at); ++at)
      exponent = std::min<int64_t>(exponent * 10 + (text[at] - '0'), int64_t{1} << 40);
    scale += exponent_negative ? exponent : -exponent;
  }
  if (at != text.size()) return false;
  if (scale > INT32_MAX || scale < INT32_MIN) {
    throw_error(ErrorClass::number_format,
                "The exponent of the decimal number " + std::string(text) + " is out of range");
  }
  check_bits(static_cast<double>(digits.size()) * 3.33);
  mpz_set_str(out.unscaled, digits.c_str(), 10);
  if (negative) mpz_neg(out.unscaled, out.unscaled);
  out.scale = scale;
  return true;
}

std::string decimal_text(const Decimal& d) {
  std::string digits = integer_text(make_big(d.unscaled));
  std::string out;
  if (digits[0] == '-') {
    out = "-";
    digits.erase(0, 1);
  }
  int64_t exponent = static_cast<int64_t>(digits.size()) - 1 - d.scale;
  if (d.scale == 0) return out + digits;
  if (d.scale > 0 && exponent >= -6) {
    int64_t before = static_cast<int64_t>(digits.size()) - d.scale;  // digits before the point
    if (before > 0)
      return out + digits.substr(0, static_cast<size_t>(before)) + "." +
             digits.substr(static_cast<size_t>(before));
    return out + "0." + std::string(static_cast<size_t>(-before), '0') + digits;
  }
  out += digits[0];
  if (digits.size() > 1) out += "." + digits.substr(1);
  if (exponent != 0) out += (exponent > 0 ? "E+" : "E") + std::to_string(exponent);
  return out;
}

}  // namespace reops::lang
