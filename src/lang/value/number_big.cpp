#include "lang/value/number_big.hpp"

#include <cmath>
#include <cstring>

#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

static_assert(sizeof(mp_limb_t) == sizeof(uint64_t) && GMP_NAIL_BITS == 0);

// As large as Java's BigInteger may be: 2^31 bits, a quarter of a gigabyte.
constexpr double k_max_bits = 2147483648.0;

size_t limb_count(const BigInt& n) { return static_cast<size_t>(n.size < 0 ? -n.size : n.size); }
size_t big_size(const Object& o) {
  return sizeof(BigInt) + limb_count(static_cast<const BigInt&>(o)) * sizeof(uint64_t);
}

uint32_t hash_of(mpz_srcptr z) {
  // One that fits 64 bits equals that integer, so it hashes like it.
  if (fits_int64(z)) return hash_int(static_cast<uint64_t>(mpz_get_si(z)));
  uint32_t h = hash_bytes(mpz_limbs_read(z), mpz_size(z) * sizeof(mp_limb_t));
  return mpz_sgn(z) < 0 ? ~h : h;
}

uint32_t big_hash(Value v) { return as<BigInt>(v).hash; }

}  // namespace

const KindInfo k_info_BigInt = {.name = "BigInt",
                                .slots_at = sizeof(BigInt),
                                .slots = 0,
                                .byte_size = big_size,
                                .hash = big_hash,
                                .equal = number_equal};

IntegerView::IntegerView(Value v) {
  if (const BigInt* n = try_as<BigInt>(v)) {
    mpz_roinit_n(z_, n->limbs, n->size);
    limb_ = 0;
    return;
  }
  int64_t i = as_int(v);
  limb_ = i < 0 ? uint64_t{0} - static_cast<uint64_t>(i) : static_cast<uint64_t>(i);
  mpz_roinit_n(z_, &limb_, i < 0 ? -1 : 1);
}

Ref make_big(mpz_srcptr z) {
  size_t limbs = mpz_size(z);
  check_bits(static_cast<double>(limbs) * 64);
  BigInt* n = allocate<BigInt>(limbs * sizeof(uint64_t));
  n->size = mpz_sgn(z) < 0 ? -static_cast<int32_t>(limbs) : static_cast<int32_t>(limbs);
  n->hash = hash_of(z);
  if (limbs != 0) std::memcpy(n->limbs, mpz_limbs_read(z), limbs * sizeof(uint64_t));
  return Ref::adopt(n);
}

Ref make_integer(mpz_srcptr z) { return fits_int64(z) ? integer(mpz_get_si(z)) : make_big(z); }

Ref big_integer(int64_t i) { return make_big(Mpz(i)); }

double mpz_to_double(mpz_srcptr z) {
  size_t bits = mpz_sizeinbase(z, 2);
  if (bits > 1024) return mpz_sgn(z) < 0 ? -HUGE_VAL : HUGE_VAL;
  if (bits <= 64) {
    double magnitude = static_cast<double>(mpz_getlimbn(z, 0));
    return mpz_sgn(z) < 0 ? -magnitude : magnitude;
  }
  // The top 64 bits, the last of them set when anything below is: enough for the processor to round as the
  // whole would.
  Mpz top;
  mpz_abs(top, z);
  bool rest = mpz_scan1(top, 0) < bits - 64;
  mpz_tdiv_q_2exp(top, top, bits - 64);
  uint64_t leading = mpz_getlimbn(top, 0) | (rest ? 1 : 0);
  double magnitude = std::ldexp(static_cast<double>(leading), static_cast<int>(bits - 64));
  return mpz_sgn(z) < 0 ? -magnitude : magnitude;
}

void check_bits(double bits) {
  if (bits > k_max_bits)
    throw_arithmetic("The result would be a number of more than 2147483648 bits, which is the limit");
  check_memory(static_cast<size_t>(bits / 8));
}

Mpz power_of_ten(uint64_t exponent) {
  check_bits(static_cast<double>(exponent) * 3.3219280948873626);
  Mpz result;
  mpz_ui_pow_ui(result, 10, exponent);
  return result;
}

uint64_t digit_count(mpz_srcptr z) {
  size_t estimate = mpz_sizeinbase(z, 10);  // exact or one too big
  if (estimate == 1) return 1;
  return mpz_cmpabs(z, power_of_ten(estimate - 1)) < 0 ? estimate - 1 : estimate;
}

std::string integer_text(Value v, int radix) {
  IntegerView z(v);
  check_memory(mpz_sizeinbase(z, radix));
  std::string text(mpz_sizeinbase(z, radix) + 2, '\0');
  mpz_get_str(text.data(), radix, z);
  text.resize(std::strlen(text.c_str()));
  return text;
}

}  // namespace reops::lang
