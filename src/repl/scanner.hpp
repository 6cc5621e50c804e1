#pragma once
// A cheap look at program text that need not be readable: its words, its brackets, and whether a form ends.
// What it decides costs time in proportion to the text; the reader has the last word.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reops::repl {

enum class TokenKind { comment, string, character, number, keyword, symbol, mark, open, close };

/// A mark is what stands before a form and belongs to it: ' ` ~ @ ^ # #' #_ and the like.
struct Token {
  TokenKind kind;
  size_t begin;
  size_t end;
  /// A string has its closing quote; anything else is always whole.
  bool closed = true;
};

/// The words of `text`; white space and commas lie between them. `in_string`: the text begins inside a
/// string.
std::vector<Token> tokenize(std::string_view text, bool in_string = false);

/// The bracket that closes what `open` begins.
char closing_bracket(char open);

/// The brackets of a text and how they pair.
struct Brackets {
  struct Pair {
    size_t open;   ///< token index, or npos for one that closes nothing
    size_t close;  ///< token index, or npos while it is open
  };
  static constexpr size_t npos = ~size_t{0};
  std::vector<Pair> pairs;
  /// Open at the end of the text, outermost first: token indexes.
  std::vector<size_t> open;
  /// A bracket that closes another kind, or nothing.
  std::optional<size_t> wrong;
};
Brackets pair_brackets(std::string_view text, const std::vector<Token>& tokens);

/// Follows text line by line and knows when the reader should look at it.
class FormScanner {
 public:
  /// `line` is whole, with its newline. True when some form may have ended in it.
  bool feed(std::string_view line);
  void reset();
  /// Inside brackets or a string.
  bool inside() const { return in_string_ || !expected_.empty(); }

 private:
  std::string expected_;  ///< closing brackets, innermost last
  bool in_string_ = false;
};

/// Would more text be needed to end the last form of `text`?
bool is_incomplete(std::string_view text);

}  // namespace reops::repl
