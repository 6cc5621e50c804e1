#include <algorithm>

#include "lang/collection/vector.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"

namespace reops::lang {
namespace {

int clamp(int64_t difference) {
  return static_cast<int>(std::clamp<int64_t>(difference, -0x7fffffff, 0x7fffffff));
}

int compare_text(std::string_view a, std::string_view b) {
  size_t at_a = 0, at_b = 0;
  while (at_a < a.size() && at_b < b.size()) {
    char32_t ca = next_code_point(a, at_a), cb = next_code_point(b, at_b);
    if (ca != cb) return clamp(int64_t{ca} - int64_t{cb});
  }
  // One is the other's beginning: what is left decides, counted in code points.
  int64_t left = 0;
  while (at_a < a.size()) next_code_point(a, at_a), ++left;
  while (at_b < b.size()) next_code_point(b, at_b), --left;
  return clamp(left);
}

// Names without a namespace come before those with one.
int compare_names(Value a, Value b) {
  if (has_ns(a) != has_ns(b)) return has_ns(a) ? 1 : -1;
  int by_ns = compare_text(ns_of(a), ns_of(b));
  return by_ns ? by_ns : compare_text(name_of(a), name_of(b));
}

[[noreturn]] void throw_no_order(Value v) {
  throw_class_cast(
      v,
      "something with an order (numbers, strings, keywords, symbols, characters, booleans, UUIDs, instants, "
      "vectors)");
}

int compare_vectors(Value a, Value b) {
  check_stack();
  size_t count_a = vector_count(a), count_b = vector_count(b);
  if (count_a != count_b) return count_a < count_b ? -1 : 1;
  for (size_t i = 0; i < count_a; ++i) {
    if (int c = compare(vector_at(a, i), vector_at(b, i))) return c;
  }
  return 0;
}

// As Java does: each half as a signed number.
int compare_uuids(const Uuid& a, const Uuid& b) {
  if (a.high != b.high) return static_cast<int64_t>(a.high) < static_cast<int64_t>(b.high) ? -1 : 1;
  if (a.low != b.low) return static_cast<int64_t>(a.low) < static_cast<int64_t>(b.low) ? -1 : 1;
  return 0;
}

}  // namespace

int compare(Value a, Value b) {
  if (a.is_fixnum() && b.is_fixnum())
    return (a.as_fixnum() > b.as_fixnum()) - (a.as_fixnum() < b.as_fixnum());
  if (a == b) return 0;
  if (a.is_nil()) return -1;
  if (b.is_nil()) return 1;
  if (is_number(a)) {
    if (!is_number(b)) throw_class_cast(b, "a number to compare with a number");
    return number_less(a, b) ? -1 : number_less(b, a) ? 1 : 0;
  }
  if (is<String>(a)) {
    if (!is<String>(b)) throw_class_cast(b, "a string to compare with a string");
    return compare_text(text_of(a), text_of(b));
  }
  if (is<Keyword>(a)) {
    if (!is<Keyword>(b)) throw_class_cast(b, "a keyword to compare with a keyword");
    return compare_names(a, b);
  }
  if (is<Symbol>(a)) {
    if (!is<Symbol>(b)) throw_class_cast(b, "a symbol to compare with a symbol");
    return compare_names(a, b);
  }
  if (a.is_char()) {
    if (!b.is_char()) throw_class_cast(b, "a character to compare with a character");
    return clamp(int64_t{a.as_char()} - int64_t{b.as_char()});
  }
  if (a.is_boolean()) {
    if (!b.is_boolean()) throw_class_cast(b, "a boolean to compare with a boolean");
    return a.is_true() ? 1 : -1;
  }
  if (is_vector(a)) {
    if (!is_vector(b)) throw_class_cast(b, "a vector to compare with a vector");
    return compare_vectors(a, b);
  }
  if (is<Uuid>(a)) {
    if (!is<Uuid>(b)) throw_class_cast(b, "a UUID to compare with a UUID");
    return compare_uuids(as<Uuid>(a), as<Uuid>(b));
  }
  if (is<Inst>(a)) {
    if (!is<Inst>(b)) throw_class_cast(b, "an instant to compare with an instant");
    int64_t x = as<Inst>(a).milliseconds, y = as<Inst>(b).milliseconds;
    return (x > y) - (x < y);
  }
  if (is<Record>(a)) {
    if (Ref own = call_inline(a, "compareTo", {&b, 1}); !own.get().is_none())
      return clamp(to_int(own, "compareTo"));
  }
  throw_no_order(a);
}

void expect_order(Value v) {
  if (!v.is_object() || is_number(v) || is<String>(v) || is<Keyword>(v) || is<Symbol>(v) || is_vector(v) ||
      is<Uuid>(v) || is<Inst>(v))
    return;
  if (is<Record>(v) && !inline_method(as<Record>(v), keyword("compareTo")).is_none()) return;
  throw_no_order(v);
}

}  // namespace reops::lang
