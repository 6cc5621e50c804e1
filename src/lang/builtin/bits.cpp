// clojure.core: bit operations on 64-bit integers.

#include "lang/builtin/native.hpp"
#include "lang/value/number.hpp"

namespace reops::lang {
namespace {

uint64_t bits(Value v) {
  if (v.is_fixnum()) return static_cast<uint64_t>(v.as_fixnum());
  if (is<Int64>(v)) return static_cast<uint64_t>(as<Int64>(v).value);
  if (v.is_nil()) throw_error(ErrorClass::null_pointer, "A 64-bit integer was expected, and nil was given");
  throw_illegal_argument("Bit operations work on 64-bit integers, not on " + describe(v));
}

Ref from_bits(uint64_t b) { return integer(static_cast<int64_t>(b)); }

/// How far to shift, or which bit: the lowest six bits, as on the JVM.
uint64_t place(Value v) { return bits(v) & 63; }

uint64_t both(uint64_t a, uint64_t b) { return a & b; }
uint64_t either(uint64_t a, uint64_t b) { return a | b; }
uint64_t differing(uint64_t a, uint64_t b) { return a ^ b; }
uint64_t without(uint64_t a, uint64_t b) { return a & ~b; }

template <uint64_t (*op)(uint64_t, uint64_t)>
Ref fold(Args args) {
  uint64_t result = bits(args[0]);
  for (size_t i = 1; i < args.size(); ++i) result = op(result, bits(args[i]));
  return from_bits(result);
}

Ref bit_not_fn(Args args) { return from_bits(~bits(args[0])); }
Ref shift_left_fn(Args args) { return from_bits(bits(args[0]) << place(args[1])); }
Ref shift_right_fn(Args args) { return integer(static_cast<int64_t>(bits(args[0])) >> place(args[1])); }
Ref unsigned_shift_right_fn(Args args) { return from_bits(bits(args[0]) >> place(args[1])); }
Ref test_fn(Args args) { return boolean(bits(args[0]) >> place(args[1]) & 1); }
Ref set_fn(Args args) { return from_bits(bits(args[0]) | uint64_t{1} << place(args[1])); }
Ref clear_fn(Args args) { return from_bits(bits(args[0]) & ~(uint64_t{1} << place(args[1]))); }
Ref flip_fn(Args args) { return from_bits(bits(args[0]) ^ uint64_t{1} << place(args[1])); }

constexpr NativeDef core(const char* name, NativeFn fn, int8_t min, int8_t max, const char* arglists,
                         const char* doc) {
  return {"clojure.core", name, fn, min, max, k_borrow_all, arglists, doc};
}

constexpr NativeDef k_defs[] = {
    core("bit-and", fold<both>, 2, k_variadic, "([x y] [x y & more])",
         "The bits that are set in all arguments."),
    core("bit-or", fold<either>, 2, k_variadic, "([x y] [x y & more])",
         "The bits that are set in any argument."),
    core("bit-xor", fold<differing>, 2, k_variadic, "([x y] [x y & more])",
         "The bits that are set in an odd number of arguments."),
    core("bit-and-not", fold<without>, 2, k_variadic, "([x y] [x y & more])",
         "The bits of x that are set in none of the others."),
    core("bit-not", bit_not_fn, 1, 1, "([x])", "All bits of x turned over."),
    core("bit-shift-left", shift_left_fn, 2, 2, "([x n])", "x moved n bits to the left (n modulo 64)."),
    core("bit-shift-right", shift_right_fn, 2, 2, "([x n])",
         "x moved n bits to the right, keeping its sign."),
    core("unsigned-bit-shift-right", unsigned_shift_right_fn, 2, 2, "([x n])",
         "x moved n bits to the right, with zeros following."),
    core("bit-test", test_fn, 2, 2, "([x n])", "Is bit n of x set?"),
    core("bit-set", set_fn, 2, 2, "([x n])", "x with bit n set."),
    core("bit-clear", clear_fn, 2, 2, "([x n])", "x with bit n cleared."),
    core("bit-flip", flip_fn, 2, 2, "([x n])", "x with bit n turned over."),
};

}  // namespace

extern const NativeModule k_natives_bits;
const NativeModule k_natives_bits = {"bits", k_defs};

}  // namespace reops::lang
