// Static members of the host classes that no other topic has: String, Character, Boolean, UUID, Class, Pattern.
//
// `String/join` is the var `join` of a namespace called String; host_static (runtime/host.cpp) finds it there.

#include <strings.h>

#include <clocale>
#include <cwctype>
#include <string>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/host.hpp"
#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

Ref text(Value v) {
  std::string out;
  if (v.is_nil()) return make_string("null");
  append_str(out, v);
  return make_string(out);
}

Ref value_of(Args args) { return text(args[0]); }

Ref join(Args args) {
  std::string out, separator;
  append_str(separator, args[0]);
  bool first = true;
  auto add = [&](Value v) {
    if (!std::exchange(first, false)) out += separator;
    append_str(out, v);
  };
  if (args.size() == 2 && is_seqable(args[1]) && !is<String>(args[1])) {
    for (SeqIterator it(args[1]); it.more(); it.step()) add(it.value());
  } else {
    for (Value v : args.from(1)) add(v);
  }
  return make_string_lossy(out);
}

Ref format(Args args) { return call_core("format", args.from(0)); }

// What the C library knows of Unicode, whatever the locale of this process.
locale_t unicode() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

char32_t character(Value v) {
  if (v.is_char()) return v.as_char();
  if (is_int(v)) return static_cast<char32_t>(as_int(v));
  throw_class_cast(v, "a character");
}

template <int (*Test)(wint_t, locale_t)>
Ref tests(Args args) {
  return boolean(Test(character(args[0]), unicode()) != 0);
}
int is_digit(wint_t c, locale_t) { return c >= '0' && c <= '9'; }

template <wint_t (*Change)(wint_t, locale_t)>
Ref changes(Args args) {
  auto changed = Change(character(args[0]), unicode());
  return Ref(args[0].is_char() ? Value::character(changed) : Value::fixnum(static_cast<int64_t>(changed)));
}

int64_t digit_value(char32_t c, int64_t radix) {
  int64_t d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
  return d < radix ? d : -1;
}
Ref digit(Args args) { return integer(digit_value(character(args[0]), to_int(args[1], "radix"))); }
Ref numeric_value(Args args) { return integer(digit_value(character(args[0]), 36)); }
Ref to_char(Args args) { return Ref(Value::character(character(args[0]))); }

Ref parse_boolean(Args args) {
  if (args[0].is_boolean()) return Ref(args[0]);
  if (!is<String>(args[0])) return boolean(false);
  std::string_view s = text_of(args[0]);
  return boolean(s.size() == 4 && strncasecmp(s.data(), "true", 4) == 0);
}

Ref random_id(Args) { return call_core("random-uuid", {}); }
Ref id_from_string(Args args) {
  Ref id = call_core("parse-uuid", {args[0]});
  if (id.is_nil()) throw_illegal_argument("Not the text of a UUID: " + describe(args[0]));
  return id;
}

Ref class_named(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "a string that names a class");
  Value type = resolve_host_class(text_of(args[0]));
  if (type.is_nil()) throw_error(ErrorClass::class_not_found, "There is no class " + std::string(text_of(args[0])));
  return Ref(type);
}

Ref pattern(Args args) { return call_core("re-pattern", {args[0]}); }
Ref quote(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "a string to quote");
  return make_string("\\Q" + std::string(text_of(args[0])) + "\\E");
}

constexpr const char* k_character = "Character";

constexpr NativeDef k_defs[] = {
    {"String", "valueOf", value_of, 1, 1, k_borrow_all, "([x])", "The text of x as str gives it; \"null\" for nil."},
    {"String", "join", join, 1, k_variadic, k_borrow_all, "([separator coll] [separator & items])",
     "The texts of the items with the separator between them."},
    {"String", "format", format, 1, k_variadic, k_borrow_all, "([format & args])", "As clojure.core/format."},
    {k_character, "isDigit", tests<is_digit>, 1, 1, k_borrow_all, "([c])", "True for 0 to 9."},
    {k_character, "isLetter", tests<iswalpha_l>, 1, 1, k_borrow_all, "([c])", "True for letters of any script."},
    {k_character, "isAlphabetic", tests<iswalpha_l>, 1, 1, k_borrow_all, "([c])", "True for letters of any script."},
    {k_character, "isLetterOrDigit", tests<iswalnum_l>, 1, 1, k_borrow_all, "([c])", "True for letters and digits."},
    {k_character, "isWhitespace", tests<iswspace_l>, 1, 1, k_borrow_all, "([c])", "True for blanks and line ends."},
    {k_character, "isSpaceChar", tests<iswblank_l>, 1, 1, k_borrow_all, "([c])", "True for blanks."},
    {k_character, "isUpperCase", tests<iswupper_l>, 1, 1, k_borrow_all, "([c])", "True for upper case letters."},
    {k_character, "isLowerCase", tests<iswlower_l>, 1, 1, k_borrow_all, "([c])", "True for lower case letters."},
    {k_character, "toUpperCase", changes<towupper_l>, 1, 1, k_borrow_all, "([c])", "The upper case of c."},
    {k_character, "toLowerCase", changes<towlower_l>, 1, 1, k_borrow_all, "([c])", "The lower case of c."},
    {k_character, "digit", digit, 2, 2, k_borrow_all, "([c radix])", "What the digit c counts in that radix, -1 if it is none."},
    {k_character, "getNumericValue", numeric_value, 1, 1, k_borrow_all, "([c])",
     "What c counts as a digit or letter (a is 10), -1 if it is neither."},
    {k_character, "toString", value_of, 1, 1, k_borrow_all, "([c])", "A string of that one character."},
    {k_character, "valueOf", to_char, 1, 1, k_borrow_all, "([c])", "The character itself."},
    {"Boolean", "parseBoolean", parse_boolean, 1, 1, k_borrow_all, "([s])", "True for \"true\" in any case, else false."},
    {"Boolean", "valueOf", parse_boolean, 1, 1, k_borrow_all, "([s])", "As parseBoolean; a boolean is itself."},
    {"Boolean", "toString", value_of, 1, 1, k_borrow_all, "([b])", "\"true\" or \"false\"."},
    {"UUID", "randomUUID", random_id, 0, 0, k_borrow_all, "([])", "A random UUID."},
    {"UUID", "fromString", id_from_string, 1, 1, k_borrow_all, "([s])", "The UUID that s spells; an error when it spells none."},
    {"Class", "forName", class_named, 1, 1, k_borrow_all, "([name])", "The class of that name."},
    {"Pattern", "compile", pattern, 1, 1, k_borrow_all, "([s])", "The regular expression that s spells."},
    {"Pattern", "quote", quote, 1, 1, k_borrow_all, "([s])", "A regular expression's text that matches s literally."},
};

}  // namespace

extern const NativeModule k_natives_host;
const NativeModule k_natives_host = {"host", k_defs};

}  // namespace reops::lang
