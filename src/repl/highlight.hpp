#pragma once
// Colours for program text and for values.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reops::repl {

/// What a stretch of text is, and so how it looks.
enum class Style {
  plain,
  comment,
  string,
  number,
  keyword,
  special,
  head,
  mark,
  matching,
  wrong,
  dim,
  chosen
};

/// The escape sequence that begins the style; empty for plain.
std::string_view style_code(Style style);
inline constexpr std::string_view k_style_end = "\x1b[0m";

struct StyledSpan {
  size_t begin;
  size_t end;
  Style style;
};

/// Spans in order, without gaps of anything but plain text. With a cursor, the bracket it stands on (or
/// behind, if that closes) and its partner are marked.
std::vector<StyledSpan> highlight(std::string_view text, std::optional<size_t> cursor = std::nullopt);

/// The text with its colours.
std::string colored(std::string_view text);

}  // namespace reops::repl
