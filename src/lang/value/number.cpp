#include "lang/value/number.hpp"

#include <cmath>

#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/number_tower.hpp"

namespace reops::lang {

const KindInfo k_info_Int64 = {
    .name = "Int64", .slots_at = sizeof(Int64), .slots = 0, .hash = number_hash, .equal = number_equal};
const KindInfo k_info_Double = {
    .name = "Double", .slots_at = sizeof(Double), .slots = 0, .hash = number_hash, .equal = number_equal};
const KindInfo k_info_Ratio = {
    .name = "Ratio", .slots_at = sizeof(Object), .slots = 2, .hash = number_hash, .equal = number_equal};

Ref boxed_integer(int64_t i) {
  Int64* n = allocate<Int64>();
  n->value = i;
  return Ref::adopt(n);
}

Ref real(double d) {
  Double* n = allocate<Double>();
  n->value = d;
  return Ref::adopt(n);
}

bool is_integer(Value v) { return is_int(v) || is<BigInt>(v); }

bool is_number(Value v) {
  if (v.is_fixnum()) return true;
  if (!v.is_object()) return false;
  switch (v.as_object()->kind) {
    case Kind::Int64:
    case Kind::Double:
    case Kind::BigInt:
    case Kind::Ratio:
    case Kind::BigDecimal:
      return true;
    default:
      return false;
  }
}

Tower tower_of(Value v) {
  if (v.is_fixnum()) return Tower::int64;
  if (v.is_object()) {
    switch (v.as_object()->kind) {
      case Kind::Int64:
        return Tower::int64;
      case Kind::Double:
        return Tower::real;
      case Kind::BigInt:
        return Tower::big;
      case Kind::Ratio:
        return Tower::ratio;
      case Kind::BigDecimal:
        return Tower::decimal;
      default:
        break;
    }
  }
  if (v.is_nil()) throw_error(ErrorClass::null_pointer, "A number was expected, and nil was given");
  throw_class_cast(v, "a number");
}

Mpq::Mpq(Value v) {
  mpq_init(q_);
  if (const Ratio* r = try_as<Ratio>(v)) {
    mpz_set(mpq_numref(q_), IntegerView(r->numerator));
    mpz_set(mpq_denref(q_), IntegerView(r->denominator));
  } else {
    mpz_set(mpq_numref(q_), IntegerView(v));
  }
}

Ref make_rational(mpz_srcptr numerator, mpz_srcptr denominator) {
  Ref n = make_big(numerator);
  if (mpz_cmp_ui(denominator, 1) == 0) return n;
  Ref d = make_big(denominator);
  Ratio* r = allocate<Ratio>();
  r->numerator = n.take();
  r->denominator = d.take();
  return Ref::adopt(r);
}

double ratio_to_double(const Ratio& r) {
  // As Clojure does it: sixteen decimal digits first, then the nearest double. (double 2/3) is
  // 0.6666666666666667.
  return decimal_to_double(
      decimal_divide(decimal_of(r.numerator), decimal_of(r.denominator), 16, Rounding::half_even));
}

double to_double(Value v) {
  if (v.is_fixnum()) return static_cast<double>(v.as_fixnum());
  if (const Double* d = try_as<Double>(v)) return d->value;
  switch (tower_of(v)) {
    case Tower::int64:
      return static_cast<double>(as_int(v));
    case Tower::big:
      return mpz_to_double(IntegerView(v));
    case Tower::ratio:
      return ratio_to_double(as<Ratio>(v));
    case Tower::decimal:
      return decimal_to_double(decimal_of(v));
    case Tower::real:
      return as<Double>(v).value;
  }
  __builtin_unreachable();
}

int64_t to_int(Value v, std::string_view what) {
  if (is_int(v)) return as_int(v);
  auto refuse = [&](std::string_view why) {
    std::string found;
    print_number(found, v);
    throw_illegal_argument(std::string(what) + " must be an integer of 64 bits; " + found + " " +
                           std::string(why));
  };
  switch (tower_of(v)) {
    case Tower::big: {
      IntegerView z(v);
      if (!fits_int64(z)) refuse("is out of range");
      return mpz_get_si(z);
    }
    case Tower::real: {
      double d = as<Double>(v).value;
      if (d != std::trunc(d) || d < -0x1p63 || d >= 0x1p63) refuse("is not one");
      return static_cast<int64_t>(d);
    }
    case Tower::decimal: {
      Decimal d = decimal_of(v);
      Mpz whole = decimal_truncate(d);
      if (decimal_compare(d, {whole, 0}) != 0 || !fits_int64(whole)) refuse("is not one");
      return mpz_get_si(whole);
    }
    default:
      refuse("is not one");
  }
  __builtin_unreachable();
}

Ref rationalize(Value v) {
  Tower t = tower_of(v);
  if (t != Tower::real && t != Tower::decimal) return Ref(v);
  Decimal d = decimal_of(v);
  if (d.scale <= 0) return make_big(decimal_truncate(d));
  Mpz denominator = power_of_ten(static_cast<uint64_t>(d.scale)), common;
  mpz_gcd(common, d.unscaled, denominator);
  mpz_divexact(d.unscaled, d.unscaled, common);
  mpz_divexact(denominator, denominator, common);
  return make_rational(d.unscaled, denominator);
}

Ref to_bigint(Value v) {
  switch (tower_of(v)) {
    case Tower::int64:
      return big_integer(as_int(v));
    case Tower::big:
      return Ref(v);
    case Tower::ratio: {
      Mpz whole;
      mpz_tdiv_q(whole, IntegerView(as<Ratio>(v).numerator), IntegerView(as<Ratio>(v).denominator));
      return make_big(whole);
    }
    case Tower::decimal:
    case Tower::real:
      return make_big(decimal_truncate(decimal_of(v)));
  }
  __builtin_unreachable();
}

Ref to_decimal(Value v) {
  if (tower_of(v) == Tower::decimal) return Ref(v);
  return make_decimal(decimal_of(v));
}

Ref ratio_numerator(Value v) {
  if (!is<Ratio>(v)) throw_class_cast(v, "a ratio");
  return make_integer(IntegerView(as<Ratio>(v).numerator));
}

Ref ratio_denominator(Value v) {
  if (!is<Ratio>(v)) throw_class_cast(v, "a ratio");
  return make_integer(IntegerView(as<Ratio>(v).denominator));
}

}  // namespace reops::lang
