// Sums, products, quotients: each operation once per number type, and the climb to the higher type of two.

#include <cmath>

#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/number_tower.hpp"

namespace reops::lang {
namespace {

[[noreturn]] void throw_overflow() { throw_arithmetic("integer overflow"); }
[[noreturn]] void throw_divide_by_zero() { throw_arithmetic("Divide by zero"); }

enum class Overflow { error, promote, wrap };

Ref rounded_decimal(const Decimal& d) {
  const MathContext& context = t_math_context;
  return make_decimal(context.precision == 0 ? d : decimal_round(d, context.precision, context.rounding));
}

double bits_of(mpz_srcptr z) { return static_cast<double>(mpz_sizeinbase(z, 2)); }

struct Add {
  static bool overflows(int64_t a, int64_t b, int64_t& out) { return __builtin_add_overflow(a, b, &out); }
  static void big(mpz_ptr out, mpz_srcptr a, mpz_srcptr b) { mpz_add(out, a, b); }
  static void ratio(mpq_ptr out, mpq_srcptr a, mpq_srcptr b) { mpq_add(out, a, b); }
  static Decimal decimal(const Decimal& a, const Decimal& b) { return decimal_add(a, b); }
  static double real(double a, double b) { return a + b; }
};

struct Subtract {
  static bool overflows(int64_t a, int64_t b, int64_t& out) { return __builtin_sub_overflow(a, b, &out); }
  static void big(mpz_ptr out, mpz_srcptr a, mpz_srcptr b) { mpz_sub(out, a, b); }
  static void ratio(mpq_ptr out, mpq_srcptr a, mpq_srcptr b) { mpq_sub(out, a, b); }
  static Decimal decimal(const Decimal& a, const Decimal& b) { return decimal_subtract(a, b); }
  static double real(double a, double b) { return a - b; }
};

struct Multiply {
  static bool overflows(int64_t a, int64_t b, int64_t& out) { return __builtin_mul_overflow(a, b, &out); }
  static void big(mpz_ptr out, mpz_srcptr a, mpz_srcptr b) {
    check_bits(bits_of(a) + bits_of(b));
    mpz_mul(out, a, b);
  }
  static void ratio(mpq_ptr out, mpq_srcptr a, mpq_srcptr b) {
    check_bits(bits_of(mpq_numref(a)) + bits_of(mpq_numref(b)) + bits_of(mpq_denref(a)) +
               bits_of(mpq_denref(b)));
    mpq_mul(out, a, b);
  }
  static Decimal decimal(const Decimal& a, const Decimal& b) { return decimal_multiply(a, b); }
  static double real(double a, double b) { return a * b; }
};

template <class Op>
Ref arithmetic(Value a, Value b, Overflow on_overflow) {
  if (is<Double>(a) && is<Double>(b)) return real(Op::real(as<Double>(a).value, as<Double>(b).value));
  switch (tower_of(a, b)) {
    case Tower::real:
      return real(Op::real(to_double(a), to_double(b)));
    case Tower::int64: {
      int64_t result;
      if (!Op::overflows(as_int(a), as_int(b), result) || on_overflow == Overflow::wrap)
        return integer(result);
      if (on_overflow == Overflow::error) throw_overflow();
      [[fallthrough]];
    }
    case Tower::big: {
      Mpz result;
      Op::big(result, IntegerView(a), IntegerView(b));
      return make_big(result);
    }
    case Tower::ratio: {
      Mpq result;
      Op::ratio(result, Mpq(a), Mpq(b));
      return make_rational(result.numerator(), result.denominator());
    }
    case Tower::decimal:
      return rounded_decimal(Op::decimal(decimal_of(a), decimal_of(b)));
  }
  __builtin_unreachable();
}

Ref divide_integers(Value a, Value b, bool as_big) {
  IntegerView n(a), d(b);
  Mpz numerator, denominator, common;
  mpz_gcd(common, n, d);
  mpz_divexact(numerator, n, common);
  mpz_divexact(denominator, d, common);
  if (denominator.sign() < 0) {
    mpz_neg(numerator, numerator);
    mpz_neg(denominator, denominator);
  }
  if (!denominator.is_one() || as_big) return make_rational(numerator, denominator);
  if (!fits_int64(numerator)) throw_overflow();
  return integer(mpz_get_si(numerator));
}

double integral_quotient(double n, double d) {
  if (d == 0) throw_divide_by_zero();
  double q = n / d;
  if (!std::isfinite(q)) {
    throw_error(ErrorClass::number_format, double_text(n) + " divided by " + double_text(d) +
                                               " has no integral quotient: " + double_text(q));
  }
  return std::trunc(q);
}

/// Numerators over the common denominator, the two integers whose quotient is the quotient of two ratios.
struct CommonTerms {
  Mpz n, d, denominator;
  CommonTerms(Value a, Value b) {
    Mpq x(a), y(b);
    mpz_mul(n, x.numerator(), y.denominator());
    mpz_mul(d, y.numerator(), x.denominator());
    mpz_mul(denominator, x.denominator(), y.denominator());
  }
};

}  // namespace

Ref slow_add(Value a, Value b) { return arithmetic<Add>(a, b, Overflow::error); }
Ref slow_subtract(Value a, Value b) { return arithmetic<Subtract>(a, b, Overflow::error); }
Ref slow_multiply(Value a, Value b) { return arithmetic<Multiply>(a, b, Overflow::error); }
Ref add_promoting(Value a, Value b) { return arithmetic<Add>(a, b, Overflow::promote); }
Ref subtract_promoting(Value a, Value b) { return arithmetic<Subtract>(a, b, Overflow::promote); }
Ref multiply_promoting(Value a, Value b) { return arithmetic<Multiply>(a, b, Overflow::promote); }
Ref add_wrapping(Value a, Value b) { return arithmetic<Add>(a, b, Overflow::wrap); }
Ref subtract_wrapping(Value a, Value b) { return arithmetic<Subtract>(a, b, Overflow::wrap); }
Ref multiply_wrapping(Value a, Value b) { return arithmetic<Multiply>(a, b, Overflow::wrap); }

Ref divide(Value a, Value b) {
  Tower t = tower_of(a, b);
  if (t == Tower::real) return real(to_double(a) / to_double(b));
  if (is_zero(b)) throw_divide_by_zero();
  switch (t) {
    case Tower::int64: {
      int64_t n = as_int(a), d = as_int(b);
      if (d != -1 && n % d == 0) return integer(n / d);
      return divide_integers(a, b, false);
    }
    case Tower::big:
      return divide_integers(a, b, true);
    case Tower::ratio: {
      Mpq result;
      mpq_div(result, Mpq(a), Mpq(b));
      return make_rational(result.numerator(), result.denominator());
    }
    default: {
      const MathContext& context = t_math_context;
      return make_decimal(decimal_divide(decimal_of(a), decimal_of(b), context.precision, context.rounding));
    }
  }
}

Ref quotient(Value a, Value b) {
  Tower t = tower_of(a, b);
  if (t == Tower::real) return real(integral_quotient(to_double(a), to_double(b)));
  if (is_zero(b)) throw_divide_by_zero();
  switch (t) {
    case Tower::int64: {
      int64_t n = as_int(a), d = as_int(b);
      if (d == -1) return negate(a);  // the only quotient that overflows, and the processor traps on it
      return integer(n / d);
    }
    case Tower::big: {
      Mpz q;
      mpz_tdiv_q(q, IntegerView(a), IntegerView(b));
      return make_big(q);
    }
    case Tower::ratio: {
      CommonTerms terms(a, b);
      mpz_tdiv_q(terms.n, terms.n, terms.d);
      return make_big(terms.n);
    }
    default:
      return rounded_decimal(decimal_quotient(decimal_of(a), decimal_of(b)));
  }
}

Ref remainder(Value a, Value b) {
  Tower t = tower_of(a, b);
  if (t == Tower::real) {
    double n = to_double(a), d = to_double(b);
    return real(n - integral_quotient(n, d) * d);
  }
  if (is_zero(b)) throw_divide_by_zero();
  switch (t) {
    case Tower::int64: {
      int64_t d = as_int(b);
      return integer(d == -1 ? 0 : as_int(a) % d);
    }
    case Tower::big: {
      Mpz r;
      mpz_tdiv_r(r, IntegerView(a), IntegerView(b));
      return make_big(r);
    }
    case Tower::ratio: {
      CommonTerms terms(a, b);
      Mpq result;
      mpz_tdiv_r(result.numerator(), terms.n, terms.d);
      mpz_set(result.denominator(), terms.denominator);
      mpq_canonicalize(result);
      return make_rational(result.numerator(), result.denominator());
    }
    default:
      return rounded_decimal(decimal_remainder(decimal_of(a), decimal_of(b)));
  }
}

Ref modulo(Value a, Value b) {
  Ref m = remainder(a, b);
  if (is_zero(m) || is_positive(a) == is_positive(b)) return m;
  return add(m, b);
}

Ref negate(Value a) {
  switch (tower_of(a)) {
    case Tower::int64:
      if (as_int(a) == INT64_MIN) throw_overflow();
      return integer(-as_int(a));
    case Tower::big: {
      Mpz z;
      mpz_neg(z, IntegerView(a));
      return make_big(z);
    }
    case Tower::ratio: {
      Mpz z;
      mpz_neg(z, IntegerView(as<Ratio>(a).numerator));
      return make_rational(z, IntegerView(as<Ratio>(a).denominator));
    }
    case Tower::decimal: {
      Decimal d = decimal_of(a);
      mpz_neg(d.unscaled, d.unscaled);
      return rounded_decimal(d);
    }
    case Tower::real:
      return real(-as<Double>(a).value);
  }
  __builtin_unreachable();
}

Ref negate_promoting(Value a) {
  if (is_int(a) && as_int(a) == INT64_MIN) return subtract_promoting(Value::fixnum(0), a);
  return negate(a);
}

Ref absolute(Value a) {
  switch (tower_of(a)) {
    case Tower::int64:
      return as_int(a) < 0 && as_int(a) != INT64_MIN ? negate(a) : Ref(a);  // Clojure's abs, too
    case Tower::real:
      return real(std::fabs(as<Double>(a).value));
    default:
      return is_negative(a) ? negate(a) : Ref(a);
  }
}

}  // namespace reops::lang
