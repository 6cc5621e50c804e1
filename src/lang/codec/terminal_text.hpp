#pragma once
// Text that a terminal may be given whoever wrote it.

#include <string>
#include <string_view>

namespace reops::lang {

/// Without what a terminal would obey: control characters (new line and tab are kept) and those that turn the
/// direction of writing, each written as \uXXXX, the way a string literal has it.
std::string terminal_text(std::string_view text);

}  // namespace reops::lang
