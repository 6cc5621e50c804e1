#pragma once
// How far a new line of a form stands from the left.

#include <cstddef>
#include <string_view>

namespace reops::repl {

/// The columns before the line that begins at byte `at`, by what is open there: two from the bracket in
/// forms with a body, below the first argument in other calls, one from the bracket in vectors and maps, none
/// inside a string.
size_t indentation(std::string_view text, size_t at);

/// The same line with that indentation. `cursor` moves with the text it stands on.
std::string indented(std::string_view text, size_t line_start, size_t& cursor);

}  // namespace reops::repl
