// The methods of java.lang.String that Clojure programs call on strings.

#include "lang/builtin/text_arguments.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/host_methods.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/text.hpp"

namespace reops::lang {
namespace {

using Args = std::span<const Value>;

void expect(Args args, size_t least, size_t most, const char* method) {
  if (args.size() < least || args.size() > most) throw_arity(std::string("String.") + method, args.size());
}

const String& target_of(Value v) { return as<String>(v); }

// An index into `s`: in range, or at its end when `end_too`.
size_t index_argument(const String& s, Value v, bool end_too, const char* method) {
  int64_t i = to_int(v, "an index");
  if (i < 0 || i > s.code_points || (i == s.code_points && !end_too)) {
    throw_error(ErrorClass::string_index, std::string(".") + method + " at " + std::to_string(i) +
                                              " is outside a string of " + std::to_string(s.code_points) +
                                              " characters");
  }
  return static_cast<size_t>(i);
}

// What indexOf looks for: a string, a character, or a code point.
std::string needle(Value v, const char* method) {
  std::string text;
  if (v.is_char()) {
    append_utf8(text, v.as_char());
  } else if (is_int(v)) {
    append_utf8(text, static_cast<char32_t>(as_int(v)));
  } else {
    text = string_argument(v, method);
  }
  return text;
}

Ref length(Value s, Args args) {
  expect(args, 0, 0, "length");
  return integer(target_of(s).code_points);
}
Ref is_empty(Value s, Args args) {
  expect(args, 0, 0, "isEmpty");
  return boolean(target_of(s).bytes == 0);
}
Ref blank(Value s, Args args) {
  expect(args, 0, 0, "isBlank");
  return boolean(is_blank(text_of(s)));
}
Ref to_upper(Value s, Args args) {
  expect(args, 0, 1, "toUpperCase");
  return make_string(upper_case(text_of(s)));
}
Ref to_lower(Value s, Args args) {
  expect(args, 0, 1, "toLowerCase");
  return make_string(lower_case(text_of(s)));
}
Ref contains(Value s, Args args) {
  expect(args, 1, 1, "contains");
  return boolean(text_of(s).find(string_argument(args[0], ".contains")) != std::string_view::npos);
}
Ref starts_with(Value s, Args args) {
  expect(args, 1, 2, "startsWith");
  std::string_view text = text_of(s);
  if (args.size() == 2)
    text.remove_prefix(byte_offset(target_of(s), index_argument(target_of(s), args[1], true, "startsWith")));
  return boolean(text.starts_with(string_argument(args[0], ".startsWith")));
}
Ref ends_with(Value s, Args args) {
  expect(args, 1, 1, "endsWith");
  return boolean(text_of(s).ends_with(string_argument(args[0], ".endsWith")));
}
Ref substring(Value v, Args args) {
  expect(args, 1, 2, "substring");
  const String& s = target_of(v);
  size_t from = byte_offset(s, index_argument(s, args[0], true, "substring"));
  size_t to = args.size() == 2 ? byte_offset(s, index_argument(s, args[1], true, "substring")) : s.bytes;
  if (from > to) throw_error(ErrorClass::string_index, ".substring ends before it begins");
  return same_or_new(v, s.view().substr(from, to - from));
}
Ref char_at(Value v, Args args) {
  expect(args, 1, 1, "charAt");
  const String& s = target_of(v);
  size_t at = byte_offset(s, index_argument(s, args[0], false, "charAt"));
  return Ref(Value::character(next_code_point(s.view(), at)));
}
Ref code_point_at(Value v, Args args) {
  Ref c = char_at(v, args);
  return integer(static_cast<int64_t>(c.get().as_char()));
}
Ref index_of(Value v, Args args) {
  expect(args, 1, 2, "indexOf");
  const String& s = target_of(v);
  size_t from = 0;
  if (args.size() == 2)
    from = byte_offset(
        s, static_cast<size_t>(std::clamp<int64_t>(to_int(args[1], "an index"), 0, s.code_points)));
  size_t found = s.view().find(needle(args[0], ".indexOf"), from);
  return integer(found == std::string_view::npos ? -1 : static_cast<int64_t>(code_point_index(s, found)));
}
Ref last_index_of(Value v, Args args) {
  expect(args, 1, 2, "lastIndexOf");
  const String& s = target_of(v);
  size_t from = std::string_view::npos;
  if (args.size() == 2) {
    int64_t i = to_int(args[1], "an index");
    if (i < 0) return integer(-1);
    from = byte_offset(s, static_cast<size_t>(std::min<int64_t>(i, s.code_points)));
  }
  size_t found = s.view().rfind(needle(args[0], ".lastIndexOf"), from);
  return integer(found == std::string_view::npos ? -1 : static_cast<int64_t>(code_point_index(s, found)));
}
Ref trim_text(Value s, Args args) {
  expect(args, 0, 0, "trim");
  return same_or_new(s, trim_controls(text_of(s)));
}
Ref strip(Value s, Args args) {
  expect(args, 0, 0, "strip");
  return same_or_new(s, trim(text_of(s), Side::both));
}
Ref strip_leading(Value s, Args args) {
  expect(args, 0, 0, "stripLeading");
  return same_or_new(s, trim(text_of(s), Side::left));
}
Ref strip_trailing(Value s, Args args) {
  expect(args, 0, 0, "stripTrailing");
  return same_or_new(s, trim(text_of(s), Side::right));
}
Ref split_text(Value s, Args args) {
  expect(args, 1, 2, "split");
  Ref regex = make_regex(string_argument(args[0], ".split"));
  return split(text_of(s), regex, args.size() == 2 ? to_int(args[1], "the limit of .split") : 0);
}
Ref replace(Value s, Args args) {
  expect(args, 2, 2, "replace");
  return make_string(replace_all(text_of(s), needle(args[0], ".replace"), needle(args[1], ".replace")));
}
Ref replace_all_matches(Value s, Args args) {
  expect(args, 2, 2, "replaceAll");
  Ref regex = make_regex(string_argument(args[0], ".replaceAll"));
  return make_string(replace_regex(text_of(s), regex, string_argument(args[1], ".replaceAll"), false));
}
Ref replace_first_match(Value s, Args args) {
  expect(args, 2, 2, "replaceFirst");
  Ref regex = make_regex(string_argument(args[0], ".replaceFirst"));
  return make_string(replace_regex(text_of(s), regex, string_argument(args[1], ".replaceFirst"), true));
}
Ref matches(Value s, Args args) {
  expect(args, 1, 1, "matches");
  Ref regex = make_regex(string_argument(args[0], ".matches"));
  return boolean(regex_match_all(as<Regex>(regex), text_of(s)).has_value());
}
Ref equals(Value s, Args args) {
  expect(args, 1, 1, "equals");
  return boolean(equal(s, args[0]));
}
Ref equals_ignoring_case(Value s, Args args) {
  expect(args, 1, 1, "equalsIgnoreCase");
  if (!is<String>(args[0])) return boolean(false);
  return boolean(lower_case(upper_case(text_of(s))) == lower_case(upper_case(text_of(args[0]))));
}
Ref compare_to(Value s, Args args) {
  expect(args, 1, 1, "compareTo");
  string_argument(args[0], ".compareTo");
  return integer(compare(s, args[0]));
}
Ref hash_code(Value s, Args args) {
  expect(args, 0, 0, "hashCode");
  // Java's own: programs print and compare it.
  uint32_t h = 0;
  std::string_view text = text_of(s);
  for (size_t at = 0; at < text.size();) {
    char32_t c = next_code_point(text, at);
    if (c >= 0x10000) {
      h = h * 31 + (0xD800 + ((c - 0x10000) >> 10));
      c = 0xDC00 + ((c - 0x10000) & 0x3FF);
    }
    h = h * 31 + c;
  }
  return integer(static_cast<int32_t>(h));
}
Ref concat(Value s, Args args) {
  expect(args, 1, 1, "concat");
  std::string out(text_of(s));
  return make_string(out += string_argument(args[0], ".concat"));
}
Ref repeat(Value s, Args args) {
  expect(args, 1, 1, "repeat");
  int64_t times = to_int(args[0], "the count of .repeat");
  if (times < 0) throw_illegal_argument(".repeat needs a count that is not negative");
  std::string_view text = text_of(s);
  if (!text.empty() && static_cast<uint64_t>(times) > (uint64_t{1} << 32) / text.size()) {
    throw_error(ErrorClass::out_of_memory, ".repeat would make a string longer than 4 GiB");
  }
  check_memory(text.size() * static_cast<size_t>(times));
  std::string out;
  out.reserve(text.size() * static_cast<size_t>(times));
  for (int64_t i = 0; i < times; ++i) out += text;
  return make_string(out);
}
Ref get_bytes(Value s, Args args) {
  expect(args, 0, 1, "getBytes");
  return make_bytes(text_of(s));
}
Ref to_char_array(Value s, Args args) {
  expect(args, 0, 0, "toCharArray");
  return into_vector(s);
}
Ref lines(Value s, Args args) {
  expect(args, 0, 0, "lines");
  Ref regex = make_regex("\r?\n");
  return split(text_of(s), regex, 0);
}
Ref to_string(Value s, Args args) {
  expect(args, 0, 0, "toString");
  return Ref(s);
}

constexpr HostMethod k_methods[] = {
    {"length", length},
    {"isEmpty", is_empty},
    {"isBlank", blank},
    {"toUpperCase", to_upper},
    {"toLowerCase", to_lower},
    {"contains", contains},
    {"startsWith", starts_with},
    {"endsWith", ends_with},
    {"substring", substring},
    {"subSequence", substring},
    {"charAt", char_at},
    {"codePointAt", code_point_at},
    {"indexOf", index_of},
    {"lastIndexOf", last_index_of},
    {"trim", trim_text},
    {"strip", strip},
    {"stripLeading", strip_leading},
    {"stripTrailing", strip_trailing},
    {"split", split_text},
    {"replace", replace},
    {"replaceAll", replace_all_matches},
    {"replaceFirst", replace_first_match},
    {"matches", matches},
    {"equals", equals},
    {"equalsIgnoreCase", equals_ignoring_case},
    {"compareTo", compare_to},
    {"hashCode", hash_code},
    {"concat", concat},
    {"repeat", repeat},
    {"getBytes", get_bytes},
    {"toCharArray", to_char_array},
    {"lines", lines},
    {"intern", to_string},
    {"toString", to_string},
};

}  // namespace

std::span<const HostMethod> string_host_methods() { return k_methods; }

}  // namespace reops::lang
