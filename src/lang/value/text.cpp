#include "lang/value/text.hpp"

#include <utf8proc.h>

#include <vector>

#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/memory.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

bool is_ascii(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

// The sharp s is the one letter in common use whose capital is two letters.
constexpr char32_t k_sharp_s = 0xDF;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view group_text(const Match& match, std::string_view text, size_t group) {
  auto [begin, end] = match.groups[group];
  return begin == Match::npos ? std::string_view{} : text.substr(begin, end - begin);
}

void append_replacement(std::string& out, const Regex& regex, const Match& match, std::string_view text,
                        std::string_view with) {
  for (size_t i = 0; i < with.size(); ++i) {
    if (with[i] == '\\') {
      if (++i == with.size())
        throw_illegal_argument("The replacement ends in a backslash that escapes nothing");
      out += with[i];
    } else if (with[i] != '$') {
      out += with[i];
    } else if (i + 1 < with.size() && with[i + 1] == '{') {
      size_t end = with.find('}', i);
      std::string_view name =
          end == std::string_view::npos ? with.substr(i + 2) : with.substr(i + 2, end - i - 2);
      int group = regex_group_number(regex, name);
      if (group < 0)
        throw_illegal_argument("The regular expression has no group called {" + std::string(name) + "}");
      out += group_text(match, text, static_cast<size_t>(group));
      i = end;
    } else {
      if (i + 1 >= with.size() || !is_digit(with[i + 1])) {
        throw_illegal_argument("A $ in a replacement names a group, as in $1; a plain dollar is written \\$");
      }
      size_t group = static_cast<size_t>(with[++i] - '0');
      if (group >= match.groups.size())
        throw_index_out_of_bounds("The regular expression has no group " + std::to_string(group));
      // Further digits belong to the number as long as there are so many groups.
      while (i + 1 < with.size() && is_digit(with[i + 1])) {
        size_t longer = group * 10 + static_cast<size_t>(with[i + 1] - '0');
        if (longer >= match.groups.size()) break;
        group = longer;
        ++i;
      }
      out += group_text(match, text, group);
    }
  }
}

template <class F>
std::string replace_matches(std::string_view text, Value regex, bool only_first, F&& replacement) {
  std::string out;
  size_t copied = 0;
  RegexIterator matches(as<Regex>(regex), text);
  while (const Match* m = matches.next()) {
    out += text.substr(copied, m->begin() - copied);
    copied = m->end();
    replacement(out, *m);
    if (only_first) break;
  }
  out += text.substr(copied);
  return out;
}

}  // namespace

std::string upper_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  if (is_ascii(text)) {
    for (char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return out;
  }
  for (size_t at = 0; at < text.size();) {
    char32_t c = next_code_point(text, at);
    if (c == k_sharp_s) {
      out += "SS";
    } else {
      append_utf8(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
    }
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  if (is_ascii(text)) {
    for (char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
  }
  for (size_t at = 0; at < text.size();) {
    append_utf8(out, static_cast<char32_t>(
                         utf8proc_tolower(static_cast<utf8proc_int32_t>(next_code_point(text, at)))));
  }
  return out;
}

bool is_whitespace(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
  if (c == 0xA0 || c == 0x2007 || c == 0x202F) return false;
  auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool is_blank(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (!is_whitespace(next_code_point(text, at))) return false;
  }
  return true;
}

std::string_view trim(std::string_view text, Side side) {
  if (side != Side::right) {
    size_t at = 0;
    while (at < text.size()) {
      size_t next = at;
      if (!is_whitespace(next_code_point(text, next))) break;
      at = next;
    }
    text.remove_prefix(at);
  }
  if (side != Side::left) {
    while (!text.empty()) {
      size_t at = text.size() - 1;
      while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
      size_t end = at;
      if (!is_whitespace(next_code_point(text, end))) break;
      text = text.substr(0, at);
    }
  }
  return text;
}

std::string_view trim_controls(std::string_view text) {
  auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string replace_all(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  size_t copied = 0;
  GrowthCheck check;
  if (what.empty()) {
    // Between any two characters, and at both ends.
    for (size_t at = 0; at < text.size();) {
      size_t from = at;
      next_code_point(text, at);
      out.append(with).append(text.substr(from, at - from));
    }
    return out.append(with);
  }
  for (size_t found; (found = text.find(what, copied)) != std::string_view::npos;
       copied = found + what.size()) {
    out.append(text.substr(copied, found - copied)).append(with);
    check.grown_to(out.size());
  }
  return out.append(text.substr(copied));
}

std::string replace_regex(std::string_view text, Value regex, std::string_view replacement, bool only_first) {
  return replace_matches(text, regex, only_first, [&](std::string& out, const Match& m) {
    append_replacement(out, as<Regex>(regex), m, text, replacement);
  });
}

std::string replace_regex_by(std::string_view text, Value regex, Value f, bool only_first) {
  return replace_matches(text, regex, only_first, [&](std::string& out, const Match& m) {
    Ref found = match_value(m, text);
    Ref made = call(f, {found});
    if (!is<String>(made)) throw_class_cast(made, "a string as the replacement of a match");
    out += text_of(made);
  });
}

Ref split(std::string_view text, Value regex, int64_t limit) {
  std::vector<Ref> parts;
  size_t from = 0;
  RegexIterator matches(as<Regex>(regex), text);
  while (const Match* m = matches.next()) {
    if (limit > 0 && parts.size() + 1 == static_cast<size_t>(limit)) break;
    // An empty match at the very beginning yields no part.
    if (m->end() == 0) continue;
    parts.push_back(make_string(text.substr(from, m->begin() - from)));
    from = m->end();
  }
  parts.push_back(make_string(text.substr(from)));
  bool split_at_all = parts.size() > 1;
  if (limit == 0 && split_at_all) {
    while (!parts.empty() && as<String>(parts.back()).bytes == 0) parts.pop_back();
  }
  return make_vector(std::vector<Value>(parts.begin(), parts.end()));
}

}  // namespace reops::lang
