// clojure.string.

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/text.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

// Several functions take anything that has a text, as Clojure's call toString.
std::string shown(Value v, std::string_view what) {
  if (v.is_nil())
    throw_error(ErrorClass::null_pointer, std::string(what) + " needs a string and was given nil");
  std::string text;
  append_str(text, v);
  return text;
}

Ref upper(Args args) { return make_string(upper_case(shown(args[0], "upper-case"))); }
Ref lower(Args args) { return make_string(lower_case(shown(args[0], "lower-case"))); }

Ref capitalize(Args args) {
  std::string text = shown(args[0], "capitalize");
  if (text.empty()) return make_string(text);
  size_t first = 0;
  next_code_point(text, first);
  std::string_view view = text;
  return make_string(upper_case(view.substr(0, first)) + lower_case(view.substr(first)));
}

Ref blank(Args args) { return boolean(args[0].is_nil() || is_blank(string_argument(args[0], "blank?"))); }

Ref starts_with(Args args) {
  return boolean(shown(args[0], "starts-with?").starts_with(string_argument(args[1], "starts-with?")));
}
Ref ends_with(Args args) {
  return boolean(shown(args[0], "ends-with?").ends_with(string_argument(args[1], "ends-with?")));
}
Ref includes(Args args) {
  return boolean(shown(args[0], "includes?").find(string_argument(args[1], "includes?")) !=
                 std::string::npos);
}

// A string or a character to search for.
std::string needle(Value v, std::string_view what) {
  std::string text;
  if (v.is_char()) {
    append_utf8(text, v.as_char());
  } else {
    text = string_argument(v, what);
  }
  return text;
}

size_t clamped_offset(const String& s, Value index) {
  int64_t i = to_int(index, "from-index");
  return byte_offset(s, static_cast<size_t>(std::clamp<int64_t>(i, 0, s.code_points)));
}

Ref index_of(Args args) {
  string_argument(args[0], "index-of");
  const String& s = as<String>(args[0]);
  size_t found = s.view().find(needle(args[1], "index-of"), args.size() > 2 ? clamped_offset(s, args[2]) : 0);
  if (found == std::string_view::npos) return nil();
  return integer(static_cast<int64_t>(code_point_index(s, found)));
}

Ref last_index_of(Args args) {
  string_argument(args[0], "last-index-of");
  const String& s = as<String>(args[0]);
  if (args.size() > 2 && to_int(args[2], "from-index") < 0) return nil();
  size_t found = s.view().rfind(needle(args[1], "last-index-of"),
                                args.size() > 2 ? clamped_offset(s, args[2]) : std::string_view::npos);
  if (found == std::string_view::npos) return nil();
  return integer(static_cast<int64_t>(code_point_index(s, found)));
}

Ref trim_both(Args args) {
  string_argument(args[0], "trim");
  return same_or_new(args[0], trim(text_of(args[0]), Side::both));
}
Ref trim_left(Args args) {
  string_argument(args[0], "triml");
  return same_or_new(args[0], trim(text_of(args[0]), Side::left));
}
Ref trim_right(Args args) {
  string_argument(args[0], "trimr");
  return same_or_new(args[0], trim(text_of(args[0]), Side::right));
}

Ref trim_newline(Args args) {
  std::string_view text = string_argument(args[0], "trim-newline");
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return same_or_new(args[0], text);
}

Ref join(Args args) {
  bool separated = args.size() == 2;
  std::string separator, out;
  if (separated) append_str(separator, args[0]);
  bool first = true;
  size_t steps = 0;
  GrowthCheck check;
  for (SeqIterator it(args[separated ? 1 : 0]); it.more(); it.step()) {
    if (!first) out += separator;
    first = false;
    append_str(out, it.value());
    check.grown_to(out.size());
    if (++steps % 1000 == 0) poll();
  }
  return make_string(out);
}

Ref split_text(Args args) {
  std::string_view text = string_argument(args[0], "split");
  if (!is<Regex>(args[1])) throw_class_cast(args[1], "a regular expression for split");
  return split(text, args[1], args.size() > 2 ? to_int(args[2], "the limit of split") : 0);
}

Ref split_lines(Args args) {
  std::string_view text = string_argument(args[0], "split-lines");
  std::vector<Ref> lines;
  size_t from = 0;
  while (from <= text.size()) {
    size_t end = text.find('\n', from);
    std::string_view line =
        text.substr(from, end == std::string_view::npos ? std::string_view::npos : end - from);
    if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(make_string(line));
    if (end == std::string_view::npos) break;
    from = end + 1;
  }
  // Empty lines at the end do not count, as in split; a text without any line end is one line even when
  // empty.
  while (lines.size() > 1 && as<String>(lines.back()).bytes == 0) lines.pop_back();
  if (lines.size() == 1 && as<String>(lines[0]).bytes == 0 && !text.empty()) lines.clear();
  return make_vector(std::vector<Value>(lines.begin(), lines.end()));
}

Ref reverse_text(Args args) {
  std::string_view text = string_argument(args[0], "reverse");
  std::string out(text.size(), '\0');
  size_t to = text.size();
  for (size_t at = 0; at < text.size();) {
    size_t from = at;
    next_code_point(text, at);
    to -= at - from;
    text.copy(out.data() + to, at - from, from);
  }
  return make_string(out);
}

Ref replace_some(Args args, bool only_first) {
  std::string_view name = only_first ? "replace-first" : "replace";
  std::string_view text = string_argument(args[0], name);
  Value what = args[1], with = args[2];
  if (is<Regex>(what)) {
    if (is<String>(with)) return make_string(replace_regex(text, what, text_of(with), only_first));
    return make_string(replace_regex_by(text, what, with, only_first));
  }
  if (what.is_char() != with.is_char()) {
    throw_illegal_argument(
        std::string(name) +
        " replaces a string by a string, a character by a character, or a regular expression " +
        "by a string or a function");
  }
  std::string from = needle(what, name), to = needle(with, name);
  size_t found = text.find(from);
  if (found == std::string_view::npos) return Ref(args[0]);
  if (!only_first) return make_string(replace_all(text, from, to));
  std::string out(text.substr(0, found));
  return make_string(out.append(to).append(text.substr(found + from.size())));
}

Ref replace(Args args) { return replace_some(args, false); }
Ref replace_first(Args args) { return replace_some(args, true); }

Ref quote_replacement(Args args) {
  std::string out;
  for (char c : string_argument(args[0], "re-quote-replacement")) {
    if (c == '\\' || c == '$') out += '\\';
    out += c;
  }
  return make_string(out);
}

Ref escape(Args args) {
  std::string_view text = string_argument(args[0], "escape");
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t from = at;
    Value c = Value::character(next_code_point(text, at));
    Ref replacement = call(args[1], {c});
    if (replacement.is_nil()) {
      out += text.substr(from, at - from);
    } else {
      append_str(out, replacement);
    }
  }
  return make_string(out);
}

constexpr const char* k_string = "clojure.string";

constexpr NativeDef k_defs[] = {
    {k_string, "upper-case", upper, 1, 1, k_borrow_all, "([s])", "s with every letter in upper case."},
    {k_string, "lower-case", lower, 1, 1, k_borrow_all, "([s])", "s with every letter in lower case."},
    {k_string, "capitalize", capitalize, 1, 1, k_borrow_all, "([s])",
     "s with its first character in upper case, all others in lower case."},
    {k_string, "blank?", blank, 1, 1, k_borrow_all, "([s])",
     "True if s is nil, empty, or nothing but whitespace."},
    {k_string, "starts-with?", starts_with, 2, 2, k_borrow_all, "([s substr])",
     "True if s begins with substr."},
    {k_string, "ends-with?", ends_with, 2, 2, k_borrow_all, "([s substr])", "True if s ends with substr."},
    {k_string, "includes?", includes, 2, 2, k_borrow_all, "([s substr])", "True if substr occurs in s."},
    {k_string, "index-of", index_of, 2, 3, k_borrow_all, "([s value] [s value from-index])",
     "Where a string or character first occurs in s (at or after from-index), or nil."},
    {k_string, "last-index-of", last_index_of, 2, 3, k_borrow_all, "([s value] [s value from-index])",
     "Where a string or character last occurs in s (at or before from-index), or nil."},
    {k_string, "trim", trim_both, 1, 1, k_borrow_all, "([s])", "s without the whitespace at both ends."},
    {k_string, "triml", trim_left, 1, 1, k_borrow_all, "([s])", "s without the whitespace at its beginning."},
    {k_string, "trimr", trim_right, 1, 1, k_borrow_all, "([s])", "s without the whitespace at its end."},
    {k_string, "trim-newline", trim_newline, 1, 1, k_borrow_all, "([s])",
     "s without the line ends at its end."},
    {k_string, "join", join, 1, 2, k_borrow_all, "([coll] [separator coll])",
     "The texts of all elements of coll, one after another, with separator between them."},
    {k_string, "split", split_text, 2, 3, k_borrow_all, "([s re] [s re limit])",
     "A vector of the parts of s between matches of re, at most limit of them; empty parts at the end are "
     "dropped when there is no limit."},
    {k_string, "split-lines", split_lines, 1, 1, k_borrow_all, "([s])",
     "A vector of the lines of s, without their ends."},
    {k_string, "reverse", reverse_text, 1, 1, k_borrow_all, "([s])",
     "s with its characters in reverse order."},
    {k_string, "replace", replace, 3, 3, k_borrow_all, "([s match replacement])",
     "s with every match replaced: a string by a string, a character by a character, a regular expression by "
     "a string (in which "
     "$1 is the first group) or by what a function makes of the match."},
    {k_string, "replace-first", replace_first, 3, 3, k_borrow_all, "([s match replacement])",
     "Like replace, for the first match only."},
    {k_string, "re-quote-replacement", quote_replacement, 1, 1, k_borrow_all, "([replacement])",
     "A replacement string for replace that stands for exactly this text."},
    {k_string, "escape", escape, 2, 2, k_borrow_all, "([s cmap])",
     "s with each character for which (cmap char) is not nil replaced by that."},
};

}  // namespace

extern const NativeModule k_natives_string_library;
const NativeModule k_natives_string_library = {"string_library", k_defs};

}  // namespace reops::lang
