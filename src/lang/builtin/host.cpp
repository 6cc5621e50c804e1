// Static members of the host classes that no other topic has: String, Character, Boolean, UUID, Date, Class,
// Pattern.
//
// `String/join` is the var `join` of a namespace called String; host_static (runtime/host.cpp) finds it
// there.

#include "lang/runtime/host.hpp"

#include <strings.h>
#include <utf8proc.h>

#include <chrono>
#include <string>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/tagged.hpp"
#include "lang/value/text.hpp"

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

Ref format(Args args) {
  // On the JVM the values come as one array, which is a vector here.
  if (args.size() != 2 || !is_vector(args[1])) return call_core("format", args.from(0));
  std::vector<Value> all{args[0]};
  for (size_t i = 0; i < vector_count(args[1]); ++i) all.push_back(vector_at(args[1], i));
  return call_core("format", all);
}

char32_t character(Value v) {
  if (v.is_char()) return v.as_char();
  if (is_int(v)) return static_cast<char32_t>(as_int(v));
  throw_class_cast(v, "a character");
}

template <bool (*Test)(char32_t)>
Ref tests(Args args) {
  return boolean(Test(character(args[0])));
}

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }
bool is_letter(char32_t c) {
  return category(c) >= UTF8PROC_CATEGORY_LU && category(c) <= UTF8PROC_CATEGORY_LO;
}
bool is_digit(char32_t c) { return category(c) == UTF8PROC_CATEGORY_ND; }
bool is_letter_or_digit(char32_t c) { return is_letter(c) || is_digit(c); }
bool is_upper(char32_t c) { return category(c) == UTF8PROC_CATEGORY_LU; }
bool is_lower(char32_t c) { return category(c) == UTF8PROC_CATEGORY_LL; }
bool is_space(char32_t c) {
  return category(c) >= UTF8PROC_CATEGORY_ZS && category(c) <= UTF8PROC_CATEGORY_ZP;
}

template <utf8proc_int32_t (*Change)(utf8proc_int32_t)>
Ref changes(Args args) {
  utf8proc_int32_t changed = Change(static_cast<utf8proc_int32_t>(character(args[0])));
  return Ref(args[0].is_char() ? Value::character(static_cast<char32_t>(changed)) : Value::fixnum(changed));
}

int64_t digit_value(char32_t c, int64_t radix) {
  int64_t d = c >= '0' && c <= '9'   ? c - '0'
              : c >= 'a' && c <= 'z' ? c - 'a' + 10
              : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                     : -1;
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
Ref uuid_of_bits(Args args) {
  return make_uuid(static_cast<uint64_t>(to_int(args[0], "the upper half")),
                   static_cast<uint64_t>(to_int(args[1], "the lower half")));
}
Ref id_from_string(Args args) {
  Ref id = call_core("parse-uuid", {args[0]});
  if (id.is_nil()) throw_illegal_argument("Not the text of a UUID: " + describe(args[0]));
  return id;
}

// Of nothing, another string, bytes in UTF-8 (the one charset here), or characters.
Ref new_string(Args args) {
  if (args.size() == 0) return make_string("");
  if (is<ByteString>(args[0])) return make_string_lossy(as<ByteString>(args[0]).view());
  std::string out;
  if (!is_seqable(args[0]) || is<String>(args[0])) {
    append_str(out, args[0]);
  } else {
    for (SeqIterator it(args[0]); it.more(); it.step()) append_str(out, it.value());
  }
  return make_string(out);
}

Ref map_entry(Args args) { return make_map_entry(args[0], args[1]); }

Ref date_from(Args args) {
  Ref milliseconds = call_core("inst-ms", {args[0]});
  return make_inst(to_int(milliseconds, "milliseconds"));
}

Ref make_date(Args args) {
  if (args.size() == 1) return make_inst(to_int(args[0], "milliseconds"));
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return make_inst(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Ref text_builder(Args args) {
  auto* writer = new StringWriter;
  Ref handle = make_handle(writer);
  // A number is the room that the JVM would reserve.
  if (args.size() == 1 && is<String>(args[0])) writer->write(text_of(args[0]));
  return handle;
}

Ref class_named(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "a string that names a class");
  Value type = resolve_host_class(text_of(args[0]));
  if (type.is_nil())
    throw_error(ErrorClass::class_not_found, "There is no class " + std::string(text_of(args[0])));
  return Ref(type);
}

Ref pattern(Args args) { return call_core("re-pattern", {args[0]}); }
Ref quote(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "a string to quote");
  return make_string("\\Q" + std::string(text_of(args[0])) + "\\E");
}

constexpr const char* k_character = "Character";

constexpr NativeDef k_defs[] = {
    {"String", "new", new_string, 0, 2, k_borrow_all, "([] [x] [bytes charset])",
     "A string of x: another string, bytes in UTF-8, or a collection of characters."},
    {"String", "valueOf", value_of, 1, 1, k_borrow_all, "([x])",
     "The text of x as str gives it; \"null\" for nil."},
    {"String", "join", join, 1, k_variadic, k_borrow_all, "([separator coll] [separator & items])",
     "The texts of the items with the separator between them."},
    {"String", "format", format, 1, k_variadic, k_borrow_all, "([format & args])", "As clojure.core/format."},
    {k_character, "isDigit", tests<is_digit>, 1, 1, k_borrow_all, "([c])", "True for digits of any script."},
    {k_character, "isLetter", tests<is_letter>, 1, 1, k_borrow_all, "([c])",
     "True for letters of any script."},
    {k_character, "isAlphabetic", tests<is_letter>, 1, 1, k_borrow_all, "([c])",
     "True for letters of any script."},
    {k_character, "isLetterOrDigit", tests<is_letter_or_digit>, 1, 1, k_borrow_all, "([c])",
     "True for letters and digits."},
    {k_character, "isWhitespace", tests<is_whitespace>, 1, 1, k_borrow_all, "([c])",
     "True for blanks and line ends."},
    {k_character, "isSpaceChar", tests<is_space>, 1, 1, k_borrow_all, "([c])", "True for blanks."},
    {k_character, "isUpperCase", tests<is_upper>, 1, 1, k_borrow_all, "([c])",
     "True for upper case letters."},
    {k_character, "isLowerCase", tests<is_lower>, 1, 1, k_borrow_all, "([c])",
     "True for lower case letters."},
    {k_character, "toUpperCase", changes<utf8proc_toupper>, 1, 1, k_borrow_all, "([c])",
     "The upper case of c."},
    {k_character, "toLowerCase", changes<utf8proc_tolower>, 1, 1, k_borrow_all, "([c])",
     "The lower case of c."},
    {k_character, "digit", digit, 2, 2, k_borrow_all, "([c radix])",
     "What the digit c counts in that radix, -1 if it is none."},
    {k_character, "getNumericValue", numeric_value, 1, 1, k_borrow_all, "([c])",
     "What c counts as a digit or letter (a is 10), -1 if it is neither."},
    {k_character, "toString", value_of, 1, 1, k_borrow_all, "([c])", "A string of that one character."},
    {k_character, "valueOf", to_char, 1, 1, k_borrow_all, "([c])", "The character itself."},
    {"Boolean", "parseBoolean", parse_boolean, 1, 1, k_borrow_all, "([s])",
     "True for \"true\" in any case, else false."},
    {"Boolean", "valueOf", parse_boolean, 1, 1, k_borrow_all, "([s])",
     "As parseBoolean; a boolean is itself."},
    {"Boolean", "toString", value_of, 1, 1, k_borrow_all, "([b])", "\"true\" or \"false\"."},
    {"UUID", "new", uuid_of_bits, 2, 2, k_borrow_all, "([high low])", "The UUID of these two halves."},
    {"UUID", "randomUUID", random_id, 0, 0, k_borrow_all, "([])", "A random UUID."},
    {"UUID", "fromString", id_from_string, 1, 1, k_borrow_all, "([s])",
     "The UUID that s spells; an error when it spells none."},
    {"MapEntry", "new", map_entry, 2, 2, k_borrow_all, "([key val])", "A map entry."},
    {"MapEntry", "create", map_entry, 2, 2, k_borrow_all, "([key val])", "A map entry."},
    {"Date", "from", date_from, 1, 1, k_borrow_all, "([instant])", "The java.util.Date of an instant."},
    {"Date", "new", make_date, 0, 1, k_borrow_all, "([] [milliseconds])",
     "The instant so many milliseconds after the beginning of 1970, or now."},
    {"StringBuilder", "new", text_builder, 0, 1, k_borrow_all, "([] [s])",
     "A place to append text to; str has the text."},
    {"StringWriter", "new", text_builder, 0, 1, k_borrow_all, "([])",
     "A writer that collects text; str has the text."},
    {"Class", "forName", class_named, 1, 1, k_borrow_all, "([name])", "The class of that name."},
    {"Pattern", "compile", pattern, 1, 1, k_borrow_all, "([s])", "The regular expression that s spells."},
    {"Pattern", "quote", quote, 1, 1, k_borrow_all, "([s])",
     "A regular expression's text that matches s literally."},
};

}  // namespace

extern const NativeModule k_natives_host;
const NativeModule k_natives_host = {"host", k_defs};

}  // namespace reops::lang
