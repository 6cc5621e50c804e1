// Strings and characters: what clojure.core has of them.

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/codec/printer.hpp"
#include "lang/value/number.hpp"
#include "lang/value/tagged.hpp"

namespace reops::lang {
namespace {

Ref str(Args args) {
  if (args.size() == 1 && is<String>(args[0])) return Ref(args[0]);
  std::string out;
  GrowthCheck check;
  for (Value v : args.from(0)) {
    append_str(out, v);
    check.grown_to(out.size());
  }
  return make_string(out);
}

Ref subs(Args args) {
  string_argument(args[0], "subs");
  const String& s = as<String>(args[0]);
  int64_t start = to_int(args[1], "the start of subs");
  int64_t end = args.size() > 2 ? to_int(args[2], "the end of subs") : int64_t{s.code_points};
  if (start < 0 || end > s.code_points || start > end) {
    throw_error(ErrorClass::string_index, "subs from " + std::to_string(start) + " to " +
                                              std::to_string(end) + " is outside a string of " +
                                              std::to_string(s.code_points) + " characters");
  }
  size_t from = byte_offset(s, static_cast<size_t>(start)), to = byte_offset(s, static_cast<size_t>(end));
  return same_or_new(args[0], s.view().substr(from, to - from));
}

Ref is_string(Args args) { return boolean(is<String>(args[0])); }
Ref is_char(Args args) { return boolean(args[0].is_char()); }

Ref to_char(Args args) {
  if (args[0].is_char()) return Ref(args[0]);
  int64_t code = to_int(args[0], "char");
  if (code < 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
    throw_illegal_argument(std::to_string(code) + " is no character's code point");
  }
  return Ref(Value::character(static_cast<char32_t>(code)));
}

Ref char_escape(Args args) {
  if (!args[0].is_char()) return Ref(args.get(1));
  switch (args[0].as_char()) {
    case '\n':
      return make_string("\\n");
    case '\t':
      return make_string("\\t");
    case '\r':
      return make_string("\\r");
    case '"':
      return make_string("\\\"");
    case '\\':
      return make_string("\\\\");
    case '\f':
      return make_string("\\f");
    case '\b':
      return make_string("\\b");
    default:
      return Ref(args.get(1));
  }
}

Ref char_name(Args args) {
  if (!args[0].is_char()) return Ref(args.get(1));
  switch (args[0].as_char()) {
    case '\n':
      return make_string("newline");
    case '\t':
      return make_string("tab");
    case ' ':
      return make_string("space");
    case '\b':
      return make_string("backspace");
    case '\f':
      return make_string("formfeed");
    case '\r':
      return make_string("return");
    default:
      return Ref(args.get(1));
  }
}

Ref parse_uuid_text(Args args) { return parse_uuid(string_argument(args[0], "parse-uuid")); }
Ref make_random_uuid(Args) { return random_uuid(); }
Ref is_uuid(Args args) { return boolean(is<Uuid>(args[0])); }
Ref inst_ms(Args args) {
  if (!is<Inst>(args[0])) throw_class_cast(args[0], "a java.util.Date");
  return integer(as<Inst>(args[0]).milliseconds);
}
// What #inst and #uuid make of the form after them.
Ref read_instant(Args args) {
  std::string_view text = string_argument(args[0], "#inst");
  std::optional<int64_t> instant = parse_instant(text);
  if (!instant) throw_error(ErrorClass::runtime, "Not a date and time: " + describe(args[0]));
  return make_inst(*instant);
}
Ref read_uuid(Args args) {
  Ref uuid = parse_uuid(string_argument(args[0], "#uuid"));
  if (uuid.is_nil()) throw_illegal_argument("Not the text of a UUID: " + describe(args[0]));
  return uuid;
}
Ref inst_of_ms(Args args) { return make_inst(to_int(args[0], "milliseconds since 1970")); }

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "str", str, 0, k_variadic, k_borrow_all, "([] [x] [x & ys])",
     "The text of its arguments, one after another: strings and characters as they are, nil as nothing, "
     "other values as printed."},
    {k_core, "subs", subs, 2, 3, k_borrow_all, "([s start] [s start end])",
     "The part of s from character start (inclusive) to end (exclusive; default: the end of s)."},
    {k_core, "string?", is_string, 1, 1, k_borrow_all, "([x])", "True if x is a string."},
    {k_core, "char?", is_char, 1, 1, k_borrow_all, "([x])", "True if x is a character."},
    {k_core, "char", to_char, 1, 1, k_borrow_all, "([x])", "The character of a code point."},
    {k_core, "char-escape-string", char_escape, 1, 2, k_borrow_all, "([c] [c not-found])",
     "How a character is escaped in a string literal, or nil when it needs no escape."},
    {k_core, "char-name-string", char_name, 1, 2, k_borrow_all, "([c] [c not-found])",
     "The name of a character such as newline or space in its literal, or nil when it stands for itself."},
    {k_core, "parse-uuid", parse_uuid_text, 1, 1, k_borrow_all, "([s])", "The UUID that s spells, or nil."},
    {k_core, "random-uuid", make_random_uuid, 0, 0, k_borrow_all, "([])", "A random UUID (version 4)."},
    {k_core, "uuid?", is_uuid, 1, 1, k_borrow_all, "([x])", "True if x is a UUID."},
    {"reops.internal", "date-ms", inst_ms, 1, 1, k_borrow_all, "([inst])",
     "Milliseconds from 1970 (UTC) to a point in time."},
    {"reops.internal", "read-instant", read_instant, 1, 1, k_borrow_all, "([s])",
     "The instant that s spells, from a year down to fractions of a second, as #inst takes it."},
    {"reops.internal", "read-uuid", read_uuid, 1, 1, k_borrow_all, "([s])",
     "The UUID that s spells, as #uuid takes it."},
    {"reops.internal", "inst", inst_of_ms, 1, 1, k_borrow_all, "([ms])",
     "The point in time so many milliseconds after 1970 (UTC)."},
};

}  // namespace

extern const NativeModule k_natives_strings;
const NativeModule k_natives_strings = {"strings", k_defs};

}  // namespace reops::lang
