#pragma once
// The editor's picture: rows that fit the terminal, and where the cursor stands.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "repl/highlight.hpp"

namespace reops::repl {

/// One line below the text, in parts of one style each.
using HintLine = std::vector<std::pair<Style, std::string>>;

struct FrameInput {
  std::string_view prompt;
  std::string_view text;
  size_t cursor = 0;
  std::vector<StyledSpan> spans;
  std::vector<HintLine> hints;
  size_t columns = 80;
  size_t rows = 24;
  bool color = false;
};

struct Frame {
  std::vector<std::string> rows;  ///< with escape sequences
  std::vector<size_t> widths;     ///< in columns
  size_t cursor_row = 0;
  size_t cursor_column = 0;
};

/// The columns that the lines of a form after the first begin at.
size_t continuation_width(std::string_view prompt, size_t columns);

/// Lines that are too long are wrapped, hints are cut. When all does not fit, the rows around the cursor are
/// shown.
Frame lay_out(const FrameInput& input);

}  // namespace reops::repl
