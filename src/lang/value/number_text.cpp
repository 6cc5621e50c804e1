// Numbers as text: what the printer writes.

#include <double-conversion/double-conversion.h>

#include <charconv>
#include <cmath>

#include "lang/value/number.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/number_tower.hpp"

namespace reops::lang {

using DoubleToString = double_conversion::DoubleToStringConverter;

Digits shortest_digits(double d) {
  char buffer[32];
  bool sign;
  int length = 0, point = 0;
  DoubleToString::DoubleToAscii(d, DoubleToString::SHORTEST, 0, buffer, sizeof buffer, &sign, &length,
                                &point);
  if (length == 1 && d != 0) {
    // Two digits are written in any case, so Java takes the best two: 4.9E-324 where 5E-324 would read back
    // as well.
    char two[8];
    int two_point = 0;
    DoubleToString::DoubleToAscii(d, DoubleToString::PRECISION, 2, two, sizeof two, &sign, &length,
                                  &two_point);
    std::string text = std::string("0.") + two + "e" + std::to_string(two_point);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    if (length == 2 && two[1] != '0' && back == std::fabs(d)) return {two, two_point};
    length = 1;
  }
  return {std::string(buffer, static_cast<size_t>(length)), point};
}

std::string double_text(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d < 0 ? "-Infinity" : "Infinity";
  auto [digits, point] = shortest_digits(d);
  std::string out = std::signbit(d) ? "-" : "";
  int length = static_cast<int>(digits.size());
  // Plain from 0.001 up to ten million, as the JVM writes doubles; scientific beyond.
  if (d == 0 || (point > -3 && point <= 7)) {
    if (point <= 0) return out + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
    if (length <= point) return out + digits + std::string(static_cast<size_t>(point - length), '0') + ".0";
    return out + digits.substr(0, static_cast<size_t>(point)) + "." +
           digits.substr(static_cast<size_t>(point));
  }
  out += digits[0];
  out += '.';
  out += length > 1 ? digits.substr(1) : "0";
  return out + "E" + std::to_string(point - 1);
}

void append_number(std::string& out, Value v) {
  switch (tower_of(v)) {
    case Tower::int64:
      out += std::to_string(as_int(v));
      return;
    case Tower::big:
      out += integer_text(v);
      return;
    case Tower::ratio:
      out += integer_text(as<Ratio>(v).numerator) + "/" + integer_text(as<Ratio>(v).denominator);
      return;
    case Tower::decimal:
      out += decimal_text(decimal_of(v));
      return;
    case Tower::real:
      out += double_text(as<Double>(v).value);
      return;
  }
}

void print_number(std::string& out, Value v) {
  if (const Double* d = try_as<Double>(v); d && !std::isfinite(d->value)) {
    out += std::isnan(d->value) ? "##NaN" : (d->value < 0 ? "##-Inf" : "##Inf");
    return;
  }
  append_number(out, v);
  if (is<BigInt>(v)) out += 'N';
  if (is<BigDecimal>(v)) out += 'M';
}

}  // namespace reops::lang
