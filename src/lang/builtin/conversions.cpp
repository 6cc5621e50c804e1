// clojure.core: from one number type to another, and from text to numbers.

#include <cmath>

#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_big.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/number_tower.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

std::string shown(Value v) {
  if (v.is_char()) return "the character " + std::to_string(static_cast<uint32_t>(v.as_char()));
  std::string out;
  append_number(out, v);
  return out;
}

[[noreturn]] void throw_out_of_range(Value v, std::string_view type) {
  throw_illegal_argument("Value out of range for " + std::string(type) + ": " + shown(v));
}

/// Doubles are cut towards zero, NaN is 0, characters are their code point. Throws out-of-range beyond
/// [least, most].
int64_t cut_to_integer(Value v, std::string_view type, int64_t least, int64_t most) {
  int64_t result = 0;
  if (v.is_char()) {
    result = static_cast<int64_t>(v.as_char());
  } else {
    switch (tower_of(v)) {
      case Tower::int64:
        result = as_int(v);
        break;
      case Tower::big:
      case Tower::ratio: {
        Ref whole = to_bigint(v);
        IntegerView z(whole);
        if (!fits_int64(z)) throw_out_of_range(v, type);
        result = mpz_get_si(z);
        break;
      }
      case Tower::decimal:
      case Tower::real: {
        double d = to_double(v);
        if (std::isnan(d)) return 0;
        if (d < static_cast<double>(least) || d > static_cast<double>(most)) throw_out_of_range(v, type);
        result = d >= 0x1p63 ? INT64_MAX
                             : static_cast<int64_t>(d);  // 2^63 itself passes the test above, as in Java
        break;
      }
    }
  }
  if (result < least || result > most) throw_out_of_range(v, type);
  return result;
}

/// Cut, and then the lowest bits: what the unchecked casts do. Doubles saturate at 64 bits first.
uint64_t low_bits(Value v) {
  if (v.is_char()) return v.as_char();
  switch (tower_of(v)) {
    case Tower::int64:
      return static_cast<uint64_t>(as_int(v));
    case Tower::big: {
      // Of a negative number the two's complement.
      IntegerView z(v);
      uint64_t low = mpz_getlimbn(z, 0);
      return as<BigInt>(v).size < 0 ? 0 - low : low;
    }
    case Tower::ratio:
      return low_bits(to_bigint(v));
    default: {
      double d = to_double(v);
      if (std::isnan(d)) return 0;
      if (d >= 0x1p63) return static_cast<uint64_t>(INT64_MAX);
      if (d < -0x1p63) return static_cast<uint64_t>(INT64_MIN);
      return static_cast<uint64_t>(static_cast<int64_t>(d));
    }
  }
}

Ref long_fn(Args args) {
  if (is_int(args[0])) return Ref(args[0]);
  return integer(cut_to_integer(args[0], "long", INT64_MIN, INT64_MAX));
}

Ref int_fn(Args args) {
  if (is_int(args[0]) && (as_int(args[0]) < INT32_MIN || as_int(args[0]) > INT32_MAX))
    throw_arithmetic("integer overflow");
  return integer(cut_to_integer(args[0], "int", INT32_MIN, INT32_MAX));
}

Ref short_fn(Args args) { return integer(cut_to_integer(args[0], "short", INT16_MIN, INT16_MAX)); }
Ref byte_fn(Args args) { return integer(cut_to_integer(args[0], "byte", INT8_MIN, INT8_MAX)); }

Ref double_fn(Args args) { return is<Double>(args[0]) ? Ref(args[0]) : real(to_double(args[0])); }

Ref float_fn(Args args) {
  double d = to_double(args[0]);
  if (std::isfinite(d) && std::fabs(d) > 3.4028234663852886e38) throw_out_of_range(args[0], "float");
  return is<Double>(args[0]) ? Ref(args[0]) : real(d);
}

Ref num_fn(Args args) {
  if (!args[0].is_nil() && !is_number(args[0])) throw_class_cast(args[0], "a number");
  return Ref(args[0]);
}

Ref unchecked_long_fn(Args args) { return integer(static_cast<int64_t>(low_bits(args[0]))); }

Ref unchecked_int_fn(Args args) {
  if (is<Double>(args[0])) {  // Java cuts a double to 32 bits by saturating, not by wrapping
    double d = to_double(args[0]);
    if (d >= 0x1p31) return integer(INT32_MAX);
    if (d < -0x1p31) return integer(INT32_MIN);
  }
  return integer(static_cast<int32_t>(low_bits(args[0])));
}

Ref unchecked_short_fn(Args args) { return integer(static_cast<int16_t>(low_bits(args[0]))); }
Ref unchecked_byte_fn(Args args) { return integer(static_cast<int8_t>(low_bits(args[0]))); }
Ref unchecked_char_fn(Args args) {
  return Ref::adopt(Value::character(static_cast<char16_t>(low_bits(args[0]))));
}
Ref unchecked_double_fn(Args args) { return double_fn(args); }

Ref rationalize_fn(Args args) { return rationalize(args[0]); }
Ref numerator_fn(Args args) { return ratio_numerator(args[0]); }
Ref denominator_fn(Args args) { return ratio_denominator(args[0]); }

/// The big integer that a text of decimal digits with an optional sign spells.
Ref bigint_from_text(std::string_view text) {
  std::string_view digits = text;
  if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) {
    throw_error(ErrorClass::number_format, "\"" + std::string(text) + "\" cannot be read as an integer");
  }
  check_bits(static_cast<double>(digits.size()) * 3.33);
  Mpz z;
  mpz_set_str(z, std::string(digits).c_str(), 10);
  if (text[0] == '-') mpz_neg(z, z);
  return make_big(z);
}

Ref bigint_fn(Args args) {
  if (is<String>(args[0])) return bigint_from_text(text_of(args[0]));
  return to_bigint(args[0]);
}

Ref biginteger_fn(Args args) {
  Ref big = bigint_fn(args);
  return make_integer(IntegerView(big));
}

Ref bigdec_fn(Args args) {
  if (!is<String>(args[0])) return to_decimal(args[0]);
  Decimal d;
  if (!parse_decimal(text_of(args[0]), d)) {
    throw_error(ErrorClass::number_format,
                "\"" + std::string(text_of(args[0])) + "\" cannot be read as a decimal number");
  }
  return make_decimal(d);
}

std::string_view require_text(Value v) {
  if (!is<String>(v)) throw_illegal_argument("Expected a string to parse, found " + describe(v));
  return text_of(v);
}

Ref or_nil(Ref parsed) { return parsed.get().is_none() ? nil() : parsed; }
Ref parse_long_fn(Args args) { return or_nil(parse_long(require_text(args[0]))); }
Ref parse_double_fn(Args args) { return or_nil(parse_double(require_text(args[0]))); }
Ref parse_boolean_fn(Args args) {
  std::string_view text = require_text(args[0]);
  if (text == "true") return boolean(true);
  return text == "false" ? boolean(false) : nil();
}

/// Checks what with-precision was given: what *math-context* is bound to.
Ref math_context(Args args) {
  int64_t precision = to_int(args[0], "The precision");
  if (precision < 0 || precision > INT32_MAX)
    throw_illegal_argument("The precision must be from 0 to 2147483647");
  Rounding rounding;
  if (!find_rounding(require_text(args[1]), rounding)) {
    throw_illegal_argument(
        "Unknown rounding " + std::string(require_text(args[1])) +
        "; there are UP, DOWN, CEILING, FLOOR, HALF_UP, HALF_DOWN, HALF_EVEN and UNNECESSARY");
  }
  return make_map({keyword("precision"), args[0], keyword("rounding"), args[1]});
}

constexpr NativeDef core(const char* name, NativeFn fn, const char* arglists, const char* doc) {
  return {"clojure.core", name, fn, 1, 1, k_borrow_all, arglists, doc};
}

constexpr NativeDef k_defs[] = {
    core("long", long_fn, "([x])",
         "x as a 64-bit integer, its fraction cut off; a character is its code point."),
    core("int", int_fn, "([x])",
         "x as an integer, its fraction cut off. Throws when it does not fit 32 bits."),
    core("short", short_fn, "([x])",
         "x as an integer, its fraction cut off. Throws when it does not fit 16 bits."),
    core("byte", byte_fn, "([x])",
         "x as an integer, its fraction cut off. Throws when it does not fit 8 bits."),
    core("double", double_fn, "([x])", "x as a floating-point number."),
    core("float", float_fn, "([x])",
         "x as a floating-point number. Throws beyond the range of single precision; its digits are kept, "
         "because there "
         "is only one type of floating-point number here."),
    core("num", num_fn, "([x])", "x itself. Throws when it is no number."),
    core("unchecked-long", unchecked_long_fn, "([x])", "The low 64 bits of x."),
    core("unchecked-int", unchecked_int_fn, "([x])", "The low 32 bits of x, as a signed integer."),
    core("unchecked-short", unchecked_short_fn, "([x])", "The low 16 bits of x, as a signed integer."),
    core("unchecked-byte", unchecked_byte_fn, "([x])", "The low 8 bits of x, as a signed integer."),
    core("unchecked-char", unchecked_char_fn, "([x])", "The character whose code is the low 16 bits of x."),
    core("unchecked-double", unchecked_double_fn, "([x])", "x as a floating-point number."),
    core("unchecked-float", unchecked_double_fn, "([x])", "x as a floating-point number."),
    core("rationalize", rationalize_fn, "([num])",
         "A double or decimal as an exact ratio or integer; others unchanged."),
    core("numerator", numerator_fn, "([r])", "The numerator of a ratio."),
    core("denominator", denominator_fn, "([r])", "The denominator of a ratio."),
    core("bigint", bigint_fn, "([x])",
         "x (a number, its fraction cut off, or a string of digits) as a big integer."),
    core("biginteger", biginteger_fn, "([x])", "x as an integer of whatever size it needs."),
    core("bigdec", bigdec_fn, "([x])",
         "x (a number or a string) as a decimal. Throws for a ratio without a finite decimal expansion."),
    core("parse-long", parse_long_fn, "([s])",
         "The 64-bit integer that the string spells in decimal digits, with an optional sign; nil when it "
         "spells none."),
    core("parse-double", parse_double_fn, "([s])",
         "The floating-point number that the string spells; nil when none."),
    core("parse-boolean", parse_boolean_fn, "([s])",
         "true for \"true\", false for \"false\", nil for any other string."),
    {"BigDecimal", "new", bigdec_fn, 1, 1, k_borrow_all, "([x])", "A number or string as a decimal."},
    {"BigInteger", "new", biginteger_fn, 1, 1, k_borrow_all, "([x])", "A string of digits as an integer."},
    {"reops.internal", "math-context", math_context, 2, 2, k_borrow_all, "([precision rounding])",
     "What *math-context* is bound to for results of that many digits, rounded so (its name in Java)."},
};

}  // namespace

extern const NativeModule k_natives_conversions;
const NativeModule k_natives_conversions = {"conversions", k_defs};

}  // namespace reops::lang
