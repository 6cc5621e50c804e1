#pragma once
// Taking the texts of a machine apart. Nothing here trusts what it is given: any bytes are taken, and what is
// not of the expected form is left out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reops::facts {

/// Without blanks around.
std::string_view trimmed(std::string_view text);

/// Takes the next line off `rest`. False when there is none.
bool next_line(std::string_view& rest, std::string_view& line);
/// Takes the next word off `rest`; empty when there is none.
std::string_view next_word(std::string_view& rest);
std::vector<std::string_view> words(std::string_view text);
/// Before and after the first `separator`, both trimmed; the second is empty without one.
std::pair<std::string_view, std::string_view> split_at(std::string_view text, char separator);

/// Nothing for what is no number, or too large a one. The whole text counts.
std::optional<int64_t> number(std::string_view digits, int base = 10);
std::optional<double> decimal(std::string_view digits);
/// a * b, or nothing when that is too large.
std::optional<int64_t> times(std::optional<int64_t> a, int64_t b);

/// A value as /etc/os-release has it, without its quotes.
std::string unquoted(std::string_view text);
/// A path as /proc/mounts has it: \040 is a blank.
std::string unescaped(std::string_view text);

}  // namespace reops::facts
