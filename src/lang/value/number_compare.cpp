// Order, equality and hashes of numbers.

#include <cmath>
#include <cstring>

#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/number_tower.hpp"

namespace reops::lang {
namespace {

int sign_of(int order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

/// Order of two numbers neither of which is a double.
int compare_exact(Value a, Value b, Tower t) {
  switch (t) {
    case Tower::int64:
      return as_int(a) < as_int(b) ? -1 : as_int(a) > as_int(b);
    case Tower::big:
      return sign_of(mpz_cmp(IntegerView(a), IntegerView(b)));
    case Tower::decimal:
      if (!is<Ratio>(a) && !is<Ratio>(b)) return decimal_compare(decimal_of(a), decimal_of(b));
      // A ratio may have no decimal expansion; what compares is then the decimal as a ratio.
      return sign_of(mpq_cmp(Mpq(rationalize(a)), Mpq(rationalize(b))));
    default:
      return sign_of(mpq_cmp(Mpq(a), Mpq(b)));
  }
}

/// `compare(order)` of two exact numbers, `compare_real(x, y)` as soon as one is a double.
template <class Real, class Exact>
bool decide(Value a, Value b, Real compare_real, Exact compare) {
  if (is<Double>(a) && is<Double>(b)) return compare_real(as<Double>(a).value, as<Double>(b).value);
  Tower t = tower_of(a, b);
  if (t == Tower::real) return compare_real(to_double(a), to_double(b));
  return compare(compare_exact(a, b, t));
}

int sign_of_number(Value v) {
  switch (tower_of(v)) {
    case Tower::int64:
      return as_int(v) < 0 ? -1 : as_int(v) > 0;
    case Tower::big:
      return as<BigInt>(v).size < 0 ? -1 : as<BigInt>(v).size > 0;
    case Tower::ratio:
      return sign_of_number(as<Ratio>(v).numerator);
    case Tower::decimal:
      return sign_of_number(as<BigDecimal>(v).unscaled);
    case Tower::real: {
      double d = as<Double>(v).value;
      return d < 0 ? -1 : d > 0;
    }
  }
  __builtin_unreachable();
}

}  // namespace

bool slow_number_less(Value a, Value b) {
  return decide(
      a, b, [](double x, double y) { return x < y; }, [](int order) { return order < 0; });
}

bool slow_number_less_equal(Value a, Value b) {
  return decide(
      a, b, [](double x, double y) { return x <= y; }, [](int order) { return order <= 0; });
}

bool slow_number_equivalent(Value a, Value b) {
  return decide(
      a, b, [](double x, double y) { return x == y; }, [](int order) { return order == 0; });
}

int compare_numbers(Value a, Value b) {
  if (number_less(a, b)) return -1;
  return number_less(b, a) ? 1 : 0;
}

bool is_zero(Value a) { return a.is_fixnum() ? a.as_fixnum() == 0 : sign_of_number(a) == 0 && !is_nan(a); }
bool is_positive(Value a) { return a.is_fixnum() ? a.as_fixnum() > 0 : sign_of_number(a) > 0; }
bool is_negative(Value a) { return a.is_fixnum() ? a.as_fixnum() < 0 : sign_of_number(a) < 0; }
bool is_nan(Value a) { return is<Double>(a) && std::isnan(as<Double>(a).value); }

bool number_equal(Value a, Value b) {
  if (!is_number(b)) return false;
  auto category = [](Value v) {
    Tower t = tower_of(v);
    return t == Tower::big ? Tower::int64 : t;
  };
  return category(a) == category(b) && number_equivalent(a, b);
}

uint32_t number_hash(Value v) {
  switch (tower_of(v)) {
    case Tower::int64:
      return hash_int(static_cast<uint64_t>(as_int(v)));
    case Tower::big:
      return as<BigInt>(v).hash;
    case Tower::ratio:
      return hash_combine(as<BigInt>(as<Ratio>(v).numerator).hash, as<BigInt>(as<Ratio>(v).denominator).hash);
    case Tower::decimal:
      return decimal_hash(decimal_of(v));
    case Tower::real: {
      double d = as<Double>(v).value == 0 ? 0 : as<Double>(v).value;  // -0.0 equals 0.0
      uint64_t bits;
      std::memcpy(&bits, &d, sizeof bits);
      return hash_int(bits ^ 0xf10a000000000000u);
    }
  }
  __builtin_unreachable();
}

}  // namespace reops::lang
