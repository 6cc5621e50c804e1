#pragma once
// Big integers, as the other number files see them: GMP temporaries, views of our objects for GMP, and
// objects from GMP's results. No mpz_t ever lies in a heap object.

#include <gmp.h>

#include "lang/value/number.hpp"

namespace reops::lang {

/// An mpz_t that is cleared when the scope ends.
class Mpz {
 public:
  Mpz() { mpz_init(z_); }
  explicit Mpz(int64_t i) { mpz_init_set_si(z_, i); }
  explicit Mpz(mpz_srcptr z) { mpz_init_set(z_, z); }
  Mpz(const Mpz& other) { mpz_init_set(z_, other.z_); }
  Mpz(Mpz&& other) noexcept {
    mpz_init(z_);
    mpz_swap(z_, other.z_);
  }
  Mpz& operator=(const Mpz& other) {
    mpz_set(z_, other.z_);
    return *this;
  }
  Mpz& operator=(Mpz&& other) noexcept {
    mpz_swap(z_, other.z_);
    return *this;
  }
  ~Mpz() { mpz_clear(z_); }

  operator mpz_ptr() { return z_; }
  operator mpz_srcptr() const { return z_; }
  int sign() const { return mpz_sgn(z_); }
  bool is_one() const { return mpz_cmp_ui(z_, 1) == 0; }

 private:
  mpz_t z_;
};

/// Lends an integer of the language (fixnum, Int64, BigInt) to GMP without copying. The value must outlive
/// the view.
class IntegerView {
 public:
  explicit IntegerView(Value v);
  IntegerView(const IntegerView&) = delete;
  IntegerView& operator=(const IntegerView&) = delete;
  operator mpz_srcptr() const { return z_; }

 private:
  mp_limb_t limb_;
  mpz_t z_;
};

/// A BigInt, whatever the size of `z`.
Ref make_big(mpz_srcptr z);
/// A 64-bit integer when it fits, else a BigInt.
Ref make_integer(mpz_srcptr z);
inline bool fits_int64(mpz_srcptr z) { return mpz_fits_slong_p(z); }

/// Correctly rounded, infinite beyond the range.
double mpz_to_double(mpz_srcptr z);

/// Throws before an operation whose result would have about that many bits: past the limit of big numbers, or
/// past the memory limit.
void check_bits(double bits);
/// 10^exponent, checked.
Mpz power_of_ten(uint64_t exponent);
/// Decimal digits of |z|; 1 for zero.
uint64_t digit_count(mpz_srcptr z);

}  // namespace reops::lang
