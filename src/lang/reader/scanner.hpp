#pragma once
// A cursor over source text that knows its line and column, and the reader's character classes.

#include <cstdint>
#include <string_view>

#include "lang/reader/position.hpp"

namespace reops::lang {

/// A place in the text. Column counts code points.
struct Mark {
  size_t offset = 0;
  uint32_t line = 1;
  uint32_t column = 1;
};

/// Length in bytes of the whitespace character (commas included) at text[at]; 0 when something else stands
/// there.
size_t whitespace_length(std::string_view text, size_t at);
/// A character that begins a form of its own: ( " ; and so on.
bool is_macro(char c);
/// Ends a symbol, keyword or character: all macro characters but # ' %.
bool is_terminating(char c);

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// EDN's rule for tokens: ' @ ` ~ % are characters of symbols.
  void set_edn(bool edn) { edn_ = edn; }

  bool at_end() const { return at_.offset >= text_.size(); }
  /// The byte `ahead` of the cursor, 0 past the end.
  char peek(size_t ahead = 0) const {
    return at_.offset + ahead < text_.size() ? text_[at_.offset + ahead] : '\0';
  }
  bool looking_at(std::string_view s) const { return text_.substr(at_.offset).starts_with(s); }

  const Mark& mark() const { return at_; }
  std::string_view text() const { return text_; }
  std::string_view since(const Mark& from) const {
    return text_.substr(from.offset, at_.offset - from.offset);
  }
  Span span_from(const Mark& from) const { return {from.line, from.column, at_.line, at_.column}; }

  /// Moves over bytes that count as no column (a byte order mark).
  void skip_prefix(size_t bytes) { at_.offset += bytes; }
  /// Moves over one code point.
  void advance();
  /// Moves to byte `offset`, which must not lie behind.
  void advance_to(size_t offset);
  void skip_line();
  /// Moves over whitespace and ; comments.
  void skip_blank();
  /// Takes everything up to whitespace or a terminating character (`all_macros`: to any macro character).
  std::string_view token(bool all_macros = false);

 private:
  std::string_view text_;
  Mark at_;
  bool edn_ = false;
};

}  // namespace reops::lang
