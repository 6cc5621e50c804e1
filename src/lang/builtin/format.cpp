// clojure.core/format: the directives of java.util.Formatter, without dates (%t) and hexadecimal doubles
// (%a).

#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/value/number_decimal.hpp"
#include "lang/value/number_tower.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

/// One directive: %[index$][flags][width][.precision]conversion.
struct Directive {
  std::string_view text;  ///< as it was written, for errors
  std::optional<size_t> index;
  bool previous = false;  ///< %<s: the argument of the directive before
  bool left = false, alternate = false, plus = false, space = false, zero = false, group = false,
       parentheses = false;
  std::optional<size_t> width, precision;
  char conversion = 0;  ///< lower case
  bool upper = false;
};

// Wider results than this are refused before memory is asked for.
constexpr size_t k_widest = size_t{1} << 28;

[[noreturn]] void refuse(const Directive& d, std::string_view why) {
  throw_illegal_argument("format: " + std::string(d.text) + " " + std::string(why));
}

[[noreturn]] void refuse_argument(const Directive& d, Value v, std::string_view wanted) {
  refuse(d, "takes " + std::string(wanted) + ", not " + describe(v));
}

std::string upper_case(std::string_view text) {
  // One fixed locale, whatever the environment says: the same text gives the same result everywhere.
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  std::string out;
  for (size_t at = 0; at < text.size();) {
    char32_t c = next_code_point(text, at);
    if (c == U'ß') {
      out += "SS";  // the one letter of common use whose capital is two
    } else {
      append_utf8(out, static_cast<char32_t>(towupper_l(static_cast<wint_t>(c), locale)));
    }
  }
  return out;
}

size_t code_points(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view first_code_points(std::string_view text, size_t n) {
  size_t at = 0;
  while (n-- > 0 && at < text.size()) next_code_point(text, at);
  return text.substr(0, at);
}

/// Reads the directive that begins at the percent sign at `at`, moves `at` past it.
Directive read_directive(std::string_view format, size_t& at) {
  Directive d;
  size_t start = at++;
  auto peek = [&] { return at < format.size() ? format[at] : '\0'; };
  auto digit = [&] { return peek() >= '0' && peek() <= '9'; };
  auto number = [&] {
    size_t n = 0;
    for (; digit(); ++at) n = std::min(n * 10 + static_cast<size_t>(format[at] - '0'), k_widest + 1);
    return n;
  };
  auto seen = [&] { return format.substr(start, std::min(at + 1, format.size()) - start); };

  // Digits that end in $ are an index; otherwise they are the width, read again after the flags.
  size_t digits_at = at;
  if (digit() && peek() != '0') {
    size_t n = number();
    if (peek() == '$') {
      d.index = n;
      ++at;
    } else {
      at = digits_at;
    }
  } else if (peek() == '<') {
    d.previous = true;
    ++at;
  }
  for (bool more = true; more;) {
    bool* flag = nullptr;
    switch (peek()) {
      case '-':
        flag = &d.left;
        break;
      case '#':
        flag = &d.alternate;
        break;
      case '+':
        flag = &d.plus;
        break;
      case ' ':
        flag = &d.space;
        break;
      case '0':
        flag = &d.zero;
        break;
      case ',':
        flag = &d.group;
        break;
      case '(':
        flag = &d.parentheses;
        break;
      default:
        more = false;
        continue;
    }
    if (*flag) throw_illegal_argument("format: " + std::string(seen()) + " has a flag twice");
    *flag = true;
    ++at;
  }
  if (digit()) d.width = number();
  if (peek() == '.') {
    ++at;
    if (!digit())
      throw_illegal_argument("format: " + std::string(seen()) + " has no precision after the point");
    d.precision = number();
  }
  char c = peek();
  static constexpr std::string_view k_known = "bBhHsScCdoxXeEfgGn%";
  if (c == '\0' || k_known.find(c) == k_known.npos) {
    throw_illegal_argument("format: unknown conversion in " + std::string(seen()) + " (known are " +
                           std::string(k_known) + ")");
  }
  ++at;
  d.text = format.substr(start, at - start);
  d.upper = c >= 'A' && c <= 'Z';
  d.conversion = d.upper ? static_cast<char>(c | 32) : c;
  if (d.width.value_or(0) > k_widest || d.precision.value_or(0) > k_widest) refuse(d, "is too wide");
  if (!d.width && (d.left || d.zero)) refuse(d, "needs a width for its flag - or 0");
  if ((d.left && d.zero) || (d.plus && d.space)) refuse(d, "has flags that contradict each other");
  return d;
}

void check_flags(const Directive& d, std::string_view allowed) {
  auto check = [&](bool set, char flag) {
    if (set && allowed.find(flag) == allowed.npos) refuse(d, std::string("cannot have the flag ") + flag);
  };
  check(d.left, '-'), check(d.alternate, '#'), check(d.plus, '+'), check(d.space, ' ');
  check(d.zero, '0'), check(d.group, ','), check(d.parentheses, '(');
}

void append_padded(std::string& out, const Directive& d, std::string_view text) {
  std::string raised;
  if (d.upper) text = raised = upper_case(text);
  size_t length = code_points(text), fill = d.width.value_or(0) > length ? *d.width - length : 0;
  if (!d.left) out.append(fill, ' ');
  out += text;
  if (d.left) out.append(fill, ' ');
}

std::string grouped(std::string_view digits) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

/// Sign, prefix, zeros and parentheses around the digits of a number; then padding.
void append_signed(std::string& out, const Directive& d, bool negative, std::string_view magnitude,
                   bool zeros = true) {
  std::string text;
  if (negative) {
    text += d.parentheses ? '(' : '-';
  } else if (d.plus) {
    text += '+';
  } else if (d.space) {
    text += ' ';
  }
  size_t closing = negative && d.parentheses ? 1 : 0;
  if (zeros && d.zero && *d.width > text.size() + magnitude.size() + closing) {
    text.append(*d.width - text.size() - magnitude.size() - closing, '0');
  }
  text += magnitude;
  if (closing) text += ')';
  append_padded(out, d, text);
}

void append_integer(std::string& out, const Directive& d, Value v) {
  check_flags(d, d.conversion == 'd' ? "-+ 0,(" : "-#0+ (");
  if (d.precision) refuse(d, "cannot have a precision");
  if (v.is_nil()) return append_padded(out, d, "null");
  if (!is_integer(v)) refuse_argument(d, v, "an integer");
  if (d.conversion == 'd') {
    std::string digits = integer_text(v);
    bool negative = digits[0] == '-';
    if (negative) digits.erase(0, 1);
    append_signed(out, d, negative, d.group ? grouped(digits) : digits);
    return;
  }
  // Octal and hexadecimal: a 64-bit integer shows its bits, a big one its sign.
  bool bits = is_int(v);
  if (bits) check_flags(d, "-#0");
  int radix = d.conversion == 'o' ? 8 : 16;
  std::string digits;
  bool negative = false;
  if (bits) {
    Mpz z;
    mpz_set_ui(z, static_cast<uint64_t>(as_int(v)));
    digits = integer_text(make_big(z), radix);
  } else {
    digits = integer_text(v, radix);
    negative = digits[0] == '-';
    if (negative) digits.erase(0, 1);
  }
  std::string prefix = d.alternate ? (radix == 8 ? "0" : "0x") : "";
  size_t taken = prefix.size() + digits.size() + (negative || d.plus || d.space ? 1 : 0) +
                 (negative && d.parentheses ? 1 : 0);
  if (d.zero && *d.width > taken) digits.insert(0, *d.width - taken, '0');
  append_signed(out, d, negative, prefix + digits, false);
}

// Real numbers: digits as text, 0.d1d2… × 10^point, rounded as Java does it: halves up, on the decimal
// digits.

/// Keeps `keep` digits (none when negative).
void round_digits(Digits& n, int64_t keep) {
  if (keep >= static_cast<int64_t>(n.digits.size())) return;
  bool up = keep >= 0 && n.digits[static_cast<size_t>(keep)] >= '5';
  n.digits.resize(static_cast<size_t>(std::max<int64_t>(keep, 0)));
  if (!up) return;
  size_t i = n.digits.size();
  while (i > 0 && n.digits[i - 1] == '9') n.digits[--i] = '0';
  if (i > 0) {
    ++n.digits[i - 1];
  } else {
    n.digits.insert(n.digits.begin(), '1');
    ++n.point;
  }
}

/// Whole part and fraction of exactly `precision` digits.
std::string fixed_text(Digits n, size_t precision, bool group, bool point_always) {
  round_digits(n, n.point + static_cast<int64_t>(precision));
  std::string whole = "0", fraction;
  size_t length = n.digits.size();
  if (n.point > 0) {
    size_t before = static_cast<size_t>(n.point);
    whole = n.digits.substr(0, std::min(before, length));
    whole.resize(before, '0');
    if (before < length) fraction = n.digits.substr(before);
  } else {
    fraction = std::string(std::min(static_cast<size_t>(-n.point), precision), '0') + n.digits;
  }
  fraction.resize(precision, '0');
  if (group) whole = grouped(whole);
  return whole + (precision != 0 || point_always ? "." : "") + fraction;
}

std::string scientific_text(Digits n, size_t precision, bool is_zero_value, bool point_always) {
  round_digits(n, static_cast<int64_t>(precision) + 1);
  n.digits.resize(precision + 1, '0');
  int exponent = is_zero_value ? 0 : n.point - 1;
  std::string out = n.digits.substr(0, 1);
  if (precision != 0 || point_always) out += ".";
  out += n.digits.substr(1);
  out += exponent < 0 ? "e-" : "e+";
  std::string power = std::to_string(std::abs(exponent));
  return out + (power.size() < 2 ? "0" : "") + power;
}

void append_real(std::string& out, const Directive& d, Value v) {
  check_flags(d, d.conversion == 'f' ? "-#+ 0,(" : (d.conversion == 'e' ? "-#+ 0(" : "-+ 0,("));
  if (v.is_nil()) return append_padded(out, d, std::string_view("null").substr(0, d.precision.value_or(4)));
  if (!is<Double>(v) && !is<BigDecimal>(v)) refuse_argument(d, v, "a floating-point or decimal number");
  if (is<Double>(v) && !std::isfinite(as<Double>(v).value)) {
    double value = as<Double>(v).value;
    if (std::isnan(value)) {
      append_padded(out, d, "NaN");
    } else {
      append_signed(out, d, value < 0, "Infinity", false);
    }
    return;
  }
  Digits n;
  bool negative, zero_value = is_zero(v);
  if (const Double* real = try_as<Double>(v)) {
    n = shortest_digits(real->value);
    negative = std::signbit(real->value);
  } else {
    Decimal decimal = decimal_of(v);
    negative = decimal.unscaled.sign() < 0;
    mpz_abs(decimal.unscaled, decimal.unscaled);
    n.digits = integer_text(make_big(decimal.unscaled));
    int64_t point = static_cast<int64_t>(n.digits.size()) - decimal.scale;
    if (point > static_cast<int64_t>(k_widest) || point < INT32_MIN / 2)
      refuse(d, "would write too many digits");
    n.point = static_cast<int>(point);
    if (zero_value) n = {"0", 1};
  }
  size_t precision = d.precision.value_or(6);
  if (d.conversion == 'e') {
    append_signed(out, d, negative, scientific_text(n, precision, zero_value, d.alternate));
    return;
  }
  if (d.conversion == 'g') {
    // Plain from 0.0001 up to 10^precision, after rounding; precision counts all digits.
    if (precision == 0) precision = 1;
    Digits rounded = n;
    round_digits(rounded, static_cast<int64_t>(precision));
    if (!zero_value && (rounded.point < -3 || rounded.point > static_cast<int64_t>(precision))) {
      append_signed(out, d, negative, scientific_text(n, precision - 1, false, false));
      return;
    }
    precision = static_cast<size_t>(static_cast<int64_t>(precision) - (zero_value ? 1 : rounded.point));
  }
  append_signed(out, d, negative, fixed_text(n, precision, d.group, d.alternate));
}

void append_character(std::string& out, const Directive& d, Value v) {
  check_flags(d, "-");
  if (d.precision) refuse(d, "cannot have a precision");
  std::string text;
  if (v.is_nil()) {
    text = "null";
  } else if (v.is_char()) {
    append_utf8(text, v.as_char());
  } else if (is_int(v) && as_int(v) >= 0 && as_int(v) <= 0x10ffff &&
             (as_int(v) < 0xd800 || as_int(v) > 0xdfff)) {
    append_utf8(text, static_cast<char32_t>(as_int(v)));
  } else {
    refuse_argument(d, v, "a character or a code point");
  }
  append_padded(out, d, text);
}

void append_text(std::string& out, const Directive& d, Value v) {
  check_flags(d, "-");
  std::string text;
  if (d.conversion == 'b') {
    text = v.truthy() ? "true" : "false";
  } else if (v.is_nil()) {
    text = "null";
  } else if (d.conversion == 'h') {
    Mpz z;
    mpz_set_ui(z, hash(v));
    text = integer_text(make_big(z), 16);
  } else {
    append_str(text, v);
  }
  append_padded(out, d, d.precision ? first_code_points(text, *d.precision) : std::string_view(text));
}

void append_directive(std::string& out, const Directive& d, Value v) {
  switch (d.conversion) {
    case 'c':
      append_character(out, d, v);
      return;
    case 'd':
    case 'o':
    case 'x':
      append_integer(out, d, v);
      return;
    case 'e':
    case 'f':
    case 'g':
      append_real(out, d, v);
      return;
    default:
      append_text(out, d, v);
      return;
  }
}

Ref format_fn(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "a format string");
  std::string_view format = text_of(args[0]);
  std::string out;
  size_t next = 1, last = 0;
  for (size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      size_t end = std::min(format.find('%', at), format.size());
      out += format.substr(at, end - at);
      at = end;
      continue;
    }
    Directive d = read_directive(format, at);
    check_memory(d.width.value_or(0) + d.precision.value_or(0));
    if (d.conversion == 'n') {
      if (d.width || d.precision) refuse(d, "takes neither width nor precision");
      out += '\n';
      continue;
    }
    if (d.conversion == '%') {
      check_flags(d, "-");
      append_padded(out, d, "%");
      continue;
    }
    size_t which = d.previous ? last : (d.index ? *d.index : next++);
    if (which == 0) refuse(d, "refers to an argument before the first");
    if (which >= args.size()) {
      refuse(d, "has no argument: " + std::to_string(args.size() - 1) + " given, number " +
                    std::to_string(which) + " wanted");
    }
    last = which;
    append_directive(out, d, args[which]);
  }
  return make_string(out);
}

constexpr NativeDef k_defs[] = {
    {"clojure.core", "format", format_fn, 1, k_variadic, k_borrow_all, "([fmt & args])",
     "The text of fmt with its directives replaced by the arguments: %s %d %x %o %f %e %g %c %b %h %n %%, "
     "with flags, "
     "width, precision and argument indexes as java.util.Formatter has them: (format \"%-8s|%05.1f\" \"web\" "
     "2.25)."},
};

}  // namespace

extern const NativeModule k_natives_format;
const NativeModule k_natives_format = {"format", k_defs};

}  // namespace reops::lang
