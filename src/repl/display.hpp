#pragma once
// Text as a terminal shows it: characters, their widths, and what would make it do something.

#include <cstddef>
#include <string>
#include <string_view>

namespace reops::repl {

struct CodePoint {
  char32_t value = 0;
  size_t length = 0;  ///< bytes; 1 for a byte that is no UTF-8, whose value is then U+FFFD
};

/// The code point at `at`, which is below the text's size.
CodePoint code_point_at(std::string_view text, size_t at);
void append_utf8(std::string& out, char32_t c);

/// Columns: 0 for what combines with the character before it, 2 for wide ones.
int width_of(char32_t c);
size_t width_of(std::string_view text);

/// The places before and after `at` where a cursor may stand: what combines stays with its character.
size_t next_place(std::string_view text, size_t at);
size_t previous_place(std::string_view text, size_t at);

/// `text` up to at most `columns` columns, ended by … when something is left out.
std::string cut_to_width(std::string_view text, size_t columns);

}  // namespace reops::repl
