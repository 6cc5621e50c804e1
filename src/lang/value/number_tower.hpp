#pragma once
// Which numbers meet as what: the order of number types that arithmetic and comparison climb.

#include "lang/value/number_big.hpp"

namespace reops::lang {

/// An operation of two numbers is done in the higher of their two types.
enum class Tower : uint8_t { int64, big, ratio, decimal, real };

/// Throws null-pointer for nil and class-cast for what is no number.
Tower tower_of(Value v);
inline Tower tower_of(Value a, Value b) {
  Tower ta = tower_of(a), tb = tower_of(b);
  return ta < tb ? tb : ta;
}

/// An mpq_t that is cleared when the scope ends. Always in lowest terms.
class Mpq {
 public:
  Mpq() { mpq_init(q_); }
  /// Of an integer or a ratio.
  explicit Mpq(Value v);
  Mpq(const Mpq&) = delete;
  Mpq& operator=(const Mpq&) = delete;
  ~Mpq() { mpq_clear(q_); }
  operator mpq_ptr() { return q_; }
  operator mpq_srcptr() const { return q_; }
  mpz_ptr numerator() { return mpq_numref(q_); }
  mpz_ptr denominator() { return mpq_denref(q_); }

 private:
  mpq_t q_;
};

/// A Ratio, or a BigInt when the denominator is 1. Precondition: lowest terms, positive denominator.
Ref make_rational(mpz_srcptr numerator, mpz_srcptr denominator);

double ratio_to_double(const Ratio& r);

}  // namespace reops::lang
