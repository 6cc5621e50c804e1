// clojure.core: arithmetic, order and questions about numbers.

#include <cmath>
#include <memory>
#include <random>

#include "lang/builtin/native.hpp"
#include "lang/builtin/random.hpp"
#include "lang/value/number.hpp"

namespace reops::lang {
namespace {

Value require_number(Value v) {
  is_zero(v);  // throws for what is no number
  return v;
}

/// (op), (op x), (op x y), (op x y & more) from the left.
template <Ref (*op)(Value, Value)>
Ref fold(Args args, Ref result, size_t from) {
  for (size_t i = from; i < args.size(); ++i) result = op(result, args[i]);
  return result;
}

template <Ref (*op)(Value, Value), int unit>
Ref sum_like(Args args) {
  if (args.size() == 2) return op(args[0], args[1]);
  if (args.size() == 0) return integer(unit);
  return fold<op>(args, Ref(require_number(args[0])), 1);
}

template <Ref (*op)(Value, Value), Ref (*single)(Value)>
Ref difference_like(Args args) {
  if (args.size() == 2) return op(args[0], args[1]);
  if (args.size() == 1) return single(args[0]);
  return fold<op>(args, Ref(args[0]), 1);
}

Ref reciprocal(Value v) { return divide(Value::fixnum(1), v); }

template <bool (*holds)(Value, Value)>
Ref chain(Args args) {
  for (size_t i = 1; i < args.size(); ++i) {
    if (!holds(args[i - 1], args[i])) return boolean(false);
  }
  return boolean(true);
}

bool number_greater(Value a, Value b) { return number_less(b, a); }
bool number_greater_equal(Value a, Value b) { return number_less_equal(b, a); }

template <Ref (*op)(Value, Value)>
Ref two(Args args) {
  return op(args[0], args[1]);
}
template <Ref (*op)(Value)>
Ref one(Args args) {
  return op(args[0]);
}
template <bool (*holds)(Value)>
Ref ask(Args args) {
  return boolean(holds(args[0]));
}

Ref increment_promoting(Value v) { return add_promoting(v, Value::fixnum(1)); }
Ref decrement_promoting(Value v) { return subtract_promoting(v, Value::fixnum(1)); }
Ref increment_wrapping(Value v) { return add_wrapping(v, Value::fixnum(1)); }
Ref decrement_wrapping(Value v) { return subtract_wrapping(v, Value::fixnum(1)); }
Ref negate_wrapping(Value v) { return is_int(v) ? subtract_wrapping(Value::fixnum(0), v) : negate(v); }

/// The extreme of all arguments; NaN wins over everything. Of equal ones the last counts, as in Clojure.
template <bool (*beats)(Value, Value)>
Ref extreme(Args args) {
  Value best = args[0];
  for (size_t i = 1; i < args.size(); ++i) {
    bool better = beats(best, args[i]);  // also refuses what is no number
    if (is_nan(best) || (better && !is_nan(args[i]))) continue;
    best = args[i];
  }
  return Ref(best);
}

bool odd(Value v) {
  if (v.is_fixnum()) return v.as_fixnum() & 1;
  if (is<Int64>(v)) return as<Int64>(v).value & 1;
  if (const BigInt* n = try_as<BigInt>(v)) return n->size != 0 && (n->limbs[0] & 1);
  throw_illegal_argument("Only integers are even or odd; " +
                         (is_number(v) ? double_text(to_double(v)) : std::string("this")) + " is none");
}
bool even(Value v) { return !odd(v); }

bool is_rational(Value v) { return is_integer(v) || is<Ratio>(v) || is<BigDecimal>(v); }
bool is_nat_int(Value v) { return is_int(v) && as_int(v) >= 0; }
bool is_pos_int(Value v) { return is_int(v) && as_int(v) > 0; }
bool is_neg_int(Value v) { return is_int(v) && as_int(v) < 0; }
bool is_nan_number(Value v) { return is_nan(require_number(v)); }
bool is_infinite(Value v) { return std::isinf(to_double(v)) && is<Double>(v); }

Ref rand_fn(Args args) { return real(random_unit() * (args.size() ? to_double(args[0]) : 1.0)); }

Ref rand_int_fn(Args args) {
  double drawn = std::trunc(random_unit() * to_double(args[0]));
  if (!(std::fabs(drawn) < 0x1p63)) throw_illegal_argument("rand-int: the bound must fit 64 bits");
  return integer(static_cast<int64_t>(drawn));
}

/// The result of 32-bit arithmetic that wraps.
Ref int32(uint64_t bits) { return integer(static_cast<int32_t>(static_cast<uint32_t>(bits))); }
uint64_t int_bits(Value v) { return static_cast<uint64_t>(to_int(v, "An operand of int arithmetic")); }
Ref add_int(Value a, Value b) { return int32(int_bits(a) + int_bits(b)); }
Ref subtract_int(Value a, Value b) { return int32(int_bits(a) - int_bits(b)); }
Ref multiply_int(Value a, Value b) { return int32(int_bits(a) * int_bits(b)); }
Ref divide_int(Value a, Value b) { return int32(int_bits(quotient(a, b))); }
Ref remainder_int(Value a, Value b) { return int32(int_bits(remainder(a, b))); }
Ref increment_int(Value v) { return int32(int_bits(v) + 1); }
Ref decrement_int(Value v) { return int32(int_bits(v) - 1); }
Ref negate_int(Value v) { return int32(0 - int_bits(v)); }

constexpr const char* k_any = "([] [x] [x y] [x y & more])";
constexpr const char* k_some = "([x] [x y] [x y & more])";
constexpr const char* k_one = "([x])";
constexpr const char* k_pair = "([x y])";
constexpr const char* k_division = "([num div])";

constexpr NativeDef core(const char* name, NativeFn fn, int8_t min, int8_t max, const char* arglists,
                         const char* doc) {
  return {"clojure.core", name, fn, min, max, k_borrow_all, arglists, doc};
}

constexpr NativeDef k_defs[] = {
    core("+", sum_like<add, 0>, 0, k_variadic, k_any,
         "The sum of the numbers; (+) is 0. Throws when a 64-bit integer overflows: +' makes it a big "
         "integer instead."),
    core("-", difference_like<subtract, negate>, 1, k_variadic, k_some,
         "Takes all following numbers off the first; with one argument, its negative. Throws on integer "
         "overflow, see -'."),
    core("*", sum_like<multiply, 1>, 0, k_variadic, k_any,
         "The product of the numbers; (*) is 1. Throws when a 64-bit integer overflows, see *'."),
    core("/", difference_like<divide, reciprocal>, 1, k_variadic, k_some,
         "Divides the first number by all that follow; with one argument, 1 by it. Integers that do not "
         "divide give a "
         "ratio. Throws when an exact number is divided by zero."),
    core("+'", sum_like<add_promoting, 0>, 0, k_variadic, k_any,
         "The sum of the numbers; an integer too large for 64 bits becomes a big integer."),
    core("-'", difference_like<subtract_promoting, negate_promoting>, 1, k_variadic, k_some,
         "Like -, with big integers where 64 bits do not suffice."),
    core("*'", sum_like<multiply_promoting, 1>, 0, k_variadic, k_any,
         "The product of the numbers; an integer too large for 64 bits becomes a big integer."),
    core("inc", one<increment>, 1, 1, k_one, "One more than x. Throws when a 64-bit integer overflows."),
    core("dec", one<decrement>, 1, 1, k_one, "One less than x. Throws when a 64-bit integer overflows."),
    core("inc'", one<increment_promoting>, 1, 1, k_one, "One more than x, a big integer if need be."),
    core("dec'", one<decrement_promoting>, 1, 1, k_one, "One less than x, a big integer if need be."),
    core("quot", two<quotient>, 2, 2, k_division, "The quotient without its fraction: rounded towards zero."),
    core("rem", two<remainder>, 2, 2, k_division, "What is left of num after quot; has the sign of num."),
    core("mod", two<modulo>, 2, 2, k_division, "The modulus: what is left of num, with the sign of div."),
    core("abs", one<absolute>, 1, 1, "([a])",
         "The distance of a from zero. The least 64-bit integer stays as it is."),
    core("max", extreme<number_greater>, 1, k_variadic, k_some,
         "The greatest of the numbers; NaN if one is NaN."),
    core("min", extreme<number_less>, 1, k_variadic, k_some, "The least of the numbers; NaN if one is NaN."),
    core("<", chain<number_less>, 1, k_variadic, k_some, "True when the numbers grow from each to the next."),
    core("<=", chain<number_less_equal>, 1, k_variadic, k_some,
         "True when no number is followed by a smaller one."),
    core(">", chain<number_greater>, 1, k_variadic, k_some,
         "True when the numbers shrink from each to the next."),
    core(">=", chain<number_greater_equal>, 1, k_variadic, k_some,
         "True when no number is followed by a greater one."),
    core("==", chain<number_equivalent>, 1, k_variadic, k_some,
         "True when all numbers have the same value, whatever their types: (== 1 1.0) is true where (= 1 "
         "1.0) is not."),
    core("zero?", ask<is_zero>, 1, 1, "([num])", "Is the number zero?"),
    core("pos?", ask<is_positive>, 1, 1, "([num])", "Is the number greater than zero?"),
    core("neg?", ask<is_negative>, 1, 1, "([num])", "Is the number less than zero?"),
    core("even?", ask<even>, 1, 1, "([n])",
         "Is the integer divisible by two? Throws for anything but an integer."),
    core("odd?", ask<odd>, 1, 1, "([n])",
         "Is the integer not divisible by two? Throws for anything but an integer."),
    core("number?", ask<is_number>, 1, 1, k_one, "Is x a number of any type?"),
    core("integer?", ask<is_integer>, 1, 1, "([n])", "Is n an integer of any size?"),
    core("int?", ask<is_int>, 1, 1, k_one, "Is x an integer of 64 bits? (A big integer such as 1N is none.)"),
    core("nat-int?", ask<is_nat_int>, 1, 1, k_one, "Is x a 64-bit integer of zero or more?"),
    core("pos-int?", ask<is_pos_int>, 1, 1, k_one, "Is x a 64-bit integer above zero?"),
    core("neg-int?", ask<is_neg_int>, 1, 1, k_one, "Is x a 64-bit integer below zero?"),
    core("float?", ask<is<Double>>, 1, 1, "([n])", "Is n a floating-point number?"),
    core("double?", ask<is<Double>>, 1, 1, k_one, "Is x a floating-point number?"),
    core("ratio?", ask<is<Ratio>>, 1, 1, "([n])", "Is n a fraction such as 1/2?"),
    core("decimal?", ask<is<BigDecimal>>, 1, 1, "([n])", "Is n a decimal such as 1.5M?"),
    core("rational?", ask<is_rational>, 1, 1, "([n])",
         "Is n an integer, a ratio or a decimal: exact, that is?"),
    core("NaN?", ask<is_nan_number>, 1, 1, "([num])", "Is the number the double that is not a number?"),
    core("infinite?", ask<is_infinite>, 1, 1, "([num])", "Is the number an infinite double?"),
    core("rand", rand_fn, 0, 1, "([] [n])",
         "A random double from 0 up to, but without, n (1 when not given)."),
    core("rand-int", rand_int_fn, 1, 1, "([n])", "A random integer from 0 up to, but without, n."),
    core("unchecked-add", two<add_wrapping>, 2, 2, k_pair,
         "x + y; 64-bit integers wrap around instead of throwing."),
    core("unchecked-subtract", two<subtract_wrapping>, 2, 2, k_pair, "x - y; 64-bit integers wrap around."),
    core("unchecked-multiply", two<multiply_wrapping>, 2, 2, k_pair, "x * y; 64-bit integers wrap around."),
    core("unchecked-inc", one<increment_wrapping>, 1, 1, k_one, "x + 1; a 64-bit integer wraps around."),
    core("unchecked-dec", one<decrement_wrapping>, 1, 1, k_one, "x - 1; a 64-bit integer wraps around."),
    core("unchecked-negate", one<negate_wrapping>, 1, 1, k_one, "-x; a 64-bit integer wraps around."),
    core("unchecked-add-int", two<add_int>, 2, 2, k_pair, "x + y in 32 bits, wrapping around."),
    core("unchecked-subtract-int", two<subtract_int>, 2, 2, k_pair, "x - y in 32 bits, wrapping around."),
    core("unchecked-multiply-int", two<multiply_int>, 2, 2, k_pair, "x * y in 32 bits, wrapping around."),
    core("unchecked-divide-int", two<divide_int>, 2, 2, k_pair, "The quotient of x and y in 32 bits."),
    core("unchecked-remainder-int", two<remainder_int>, 2, 2, k_pair,
         "What x leaves when divided by y, in 32 bits."),
    core("unchecked-inc-int", one<increment_int>, 1, 1, k_one, "x + 1 in 32 bits, wrapping around."),
    core("unchecked-dec-int", one<decrement_int>, 1, 1, k_one, "x - 1 in 32 bits, wrapping around."),
    core("unchecked-negate-int", one<negate_int>, 1, 1, k_one, "-x in 32 bits, wrapping around."),
};

}  // namespace

double random_unit() {
  // Its state is large, and most threads draw nothing.
  thread_local std::unique_ptr<std::mt19937_64> engine;
  if (!engine) engine = std::make_unique<std::mt19937_64>(std::random_device{}());
  return static_cast<double>((*engine)() >> 11) * 0x1p-53;
}

extern const NativeModule k_natives_numbers;
const NativeModule k_natives_numbers = {"numbers", k_defs};

}  // namespace reops::lang
