// Text to numbers: the reader's spellings, and those of parse-long and parse-double.

#include <double-conversion/double-conversion.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_decimal.hpp"

namespace reops::lang {
namespace {

Ref none() { return Ref::adopt(Value::none()); }
[[noreturn]] void throw_invalid(std::string_view text, std::string_view why) {
  throw_error(ErrorClass::number_format, "Invalid number " + std::string(text) + ": " + std::string(why));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Value of a digit in radixes up to 36; 99 for anything else.
int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

/// True when all of `digits` (at least one) are digits of `radix`.
bool all_digits(std::string_view digits, int radix) {
  for (char c : digits) {
    if (digit_value(c) >= radix) return false;
  }
  return !digits.empty();
}

/// Precondition: all_digits(digits, radix).
Ref make_from_digits(std::string_view digits, int radix, bool negative, bool as_big) {
  int64_t small = 0;
  bool overflow = false;
  for (char c : digits) {
    // Built up negative, because the least integer has no positive counterpart.
    if (__builtin_mul_overflow(small, radix, &small) ||
        __builtin_sub_overflow(small, digit_value(c), &small)) {
      overflow = true;
      break;
    }
  }
  if (!overflow && !(small == INT64_MIN && !negative)) {
    int64_t value = negative ? small : -small;
    return as_big ? big_integer(value) : integer(value);
  }
  check_bits(static_cast<double>(digits.size()) * std::log2(radix));
  Mpz z;
  mpz_set_str(z, std::string(digits).c_str(), radix);
  if (negative) mpz_neg(z, z);
  return as_big ? make_big(z) : make_integer(z);
}

double read_double(std::string_view text) {
  double_conversion::StringToDoubleConverter reader(0, 0, std::numeric_limits<double>::quiet_NaN(), nullptr,
                                                    nullptr);
  int used = 0;
  return reader.StringToDouble(text.data(), static_cast<int>(text.size()), &used);
}

/// Length of digits[.digits][e[±]digits] at `from`; 0 when there is none. `leading_point`: .5 is one as well.
size_t float_length(std::string_view text, size_t from, bool leading_point) {
  size_t at = from, digits = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) ++digits;
  if (digits == 0 && !leading_point) return 0;
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && is_digit(text[at]); ++at) ++digits;
  }
  if (digits == 0) return 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    if (exponent < text.size() && is_digit(text[exponent])) {
      for (at = exponent; at < text.size() && is_digit(text[at]);) ++at;
    }
  }
  return at - from;
}

/// An integer in one of the reader's spellings, `body` without sign; none() when it is not one.
Ref parse_integer(std::string_view text, std::string_view body, bool negative) {
  bool as_big = body.back() == 'N';
  std::string_view plain = as_big ? body.substr(0, body.size() - 1) : body;
  if (all_digits(plain, 10)) {
    if (plain.size() == 1 || plain[0] != '0') return make_from_digits(plain, 10, negative, as_big);
    if (!all_digits(plain, 8)) throw_invalid(text, "a leading 0 means octal, which has the digits 0 to 7");
    return make_from_digits(plain, 8, negative, as_big);
  }
  if (plain.size() > 2 && plain[0] == '0' && (plain[1] == 'x' || plain[1] == 'X')) {
    return all_digits(plain.substr(2), 16) ? make_from_digits(plain.substr(2), 16, negative, as_big) : none();
  }
  size_t r = body.find_first_of("rR");
  if (r != 1 && r != 2) return none();
  if (!all_digits(body.substr(0, r), 10) || body[0] == '0') return none();
  std::string_view digits = body.substr(r + 1);
  if (!all_digits(digits, 36)) return none();
  int radix = std::atoi(std::string(body.substr(0, r)).c_str());
  if (radix < 2 || radix > 36) throw_invalid(text, "a radix must be from 2 to 36");
  // No N here: in radix 36 it is a digit, and so Clojure takes it for one in every radix.
  if (!all_digits(digits, radix))
    throw_invalid(text, "a digit does not belong to radix " + std::to_string(radix));
  return make_from_digits(digits, radix, negative, false);
}

}  // namespace

Ref parse_number(std::string_view text) {
  size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  if (at >= text.size() || !is_digit(text[at])) return none();
  bool negative = text[0] == '-';
  std::string_view body = text.substr(at);

  Ref whole = parse_integer(text, body, negative);
  if (!whole.get().is_none()) return whole;

  if (size_t slash = body.find('/'); slash != body.npos) {
    if (!all_digits(body.substr(0, slash), 10) || !all_digits(body.substr(slash + 1), 10)) return none();
    return divide(make_from_digits(body.substr(0, slash), 10, negative, false),
                  make_from_digits(body.substr(slash + 1), 10, false, false));
  }

  size_t length = float_length(body, 0, false);
  if (length == body.size()) return real(read_double(text[0] == '+' ? text.substr(1) : text));
  if (length + 1 == body.size() && body.back() == 'M') {
    Decimal d;
    if (parse_decimal(text.substr(0, text.size() - 1), d)) return make_decimal(d);
  }
  return none();
}

Ref parse_long(std::string_view text) {
  size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  std::string_view digits = text.substr(at);
  if (!all_digits(digits, 10)) return none();
  bool negative = text[0] == '-';
  int64_t value = 0;
  for (char c : digits) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, c - '0', &value))
      return none();
  }
  if (!negative && value == INT64_MIN) return none();
  return integer(negative ? value : -value);
}

Ref parse_double(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  bool negative = !text.empty() && text[0] == '-';
  std::string_view body = negative || (!text.empty() && text[0] == '+') ? text.substr(1) : text;
  if (body == "NaN") return real(std::numeric_limits<double>::quiet_NaN());
  if (body == "Infinity") return real(negative ? -HUGE_VAL : HUGE_VAL);
  // A trailing f or d is Java's.
  auto suffixed = [&](size_t used) {
    return used == body.size() ||
           (used + 1 == body.size() && std::string_view("fFdD").find(body[used]) != std::string_view::npos);
  };
  double magnitude = 0;
  if (body.size() > 2 && body[0] == '0' && (body[1] == 'x' || body[1] == 'X')) {
    // Java's hexadecimal form must have a binary exponent.
    const char* end = body.data() + body.size();
    auto [stop, error] = std::from_chars(body.data() + 2, end, magnitude, std::chars_format::hex);
    size_t exponent = body.find_first_of("pP");
    if (exponent == body.npos || stop <= body.data() + exponent || body[2] == '-') return none();
    if (!suffixed(static_cast<size_t>(stop - body.data()))) return none();
    if (error == std::errc::result_out_of_range) magnitude = body[exponent + 1] == '-' ? 0 : HUGE_VAL;
  } else {
    size_t length = float_length(body, 0, true);
    if (length == 0 || !suffixed(length)) return none();
    magnitude = read_double(body.substr(0, length));
  }
  return real(negative ? -magnitude : magnitude);
}

}  // namespace reops::lang
