#pragma once
// What is done with text: letter case, blanks, searching, splitting, replacing. Used by clojure.string's
// natives and by the methods of String alike. Offsets are bytes here; who faces the language converts.

#include <functional>
#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// By code point (Unicode's simple mapping; ß becomes SS as in Java).
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);
/// Java's Character/isWhitespace.
bool is_whitespace(char32_t c);
bool is_blank(std::string_view text);

enum class Side { both, left, right };
/// Without the whitespace at its ends.
std::string_view trim(std::string_view text, Side side);
/// As String.trim: without the characters up to U+0020 at its ends.
std::string_view trim_controls(std::string_view text);

std::string replace_all(std::string_view text, std::string_view what, std::string_view with);
/// Java's replacement strings: $1, ${name}, and \ before what is meant literally.
std::string replace_regex(std::string_view text, Value regex, std::string_view replacement, bool only_first);
/// The replacement is what `f` makes of the match (a string, or a vector of groups).
std::string replace_regex_by(std::string_view text, Value regex, Value f, bool only_first);

/// Java's String.split: at most `limit` parts when positive; 0 drops empty ones at the end, negative keeps
/// them. A vector.
Ref split(std::string_view text, Value regex, int64_t limit);

}  // namespace reops::lang
