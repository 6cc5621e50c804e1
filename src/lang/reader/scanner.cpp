#include "lang/reader/scanner.hpp"

#include "lang/value/string.hpp"

namespace reops::lang {

size_t whitespace_length(std::string_view text, size_t at) {
  if (at >= text.size()) return 0;
  auto c = static_cast<unsigned char>(text[at]);
  if (c < 0x80) return c == ' ' || c == ',' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
  // The space separators outside ASCII all begin with one of these; no-break spaces are not whitespace.
  if (c < 0xE1 || c > 0xE3) return 0;
  size_t end = at;
  char32_t u = next_code_point(text, end);
  bool space = u == 0x1680 || (u >= 0x2000 && u <= 0x2006) || (u >= 0x2008 && u <= 0x200A) || u == 0x2028 ||
               u == 0x2029 || u == 0x205F || u == 0x3000;
  return space ? end - at : 0;
}

bool is_macro(char c) {
  switch (c) {
    case '"':
    case ';':
    case '\'':
    case '@':
    case '^':
    case '`':
    case '~':
    case '(':
    case ')':
    case '[':
    case ']':
    case '{':
    case '}':
    case '\\':
    case '%':
    case '#':
      return true;
    default:
      return false;
  }
}

bool is_terminating(char c) { return c != '#' && c != '\'' && c != '%' && is_macro(c); }

void Scanner::advance() {
  if (at_end()) return;
  if (text_[at_.offset] == '\n') {
    ++at_.line;
    at_.column = 1;
    ++at_.offset;
    return;
  }
  ++at_.column;
  ++at_.offset;
  while (at_.offset < text_.size() && (static_cast<unsigned char>(text_[at_.offset]) & 0xC0) == 0x80)
    ++at_.offset;
}

void Scanner::advance_to(size_t offset) {
  while (at_.offset < offset) {
    char c = text_[at_.offset++];
    if (c == '\n') {
      ++at_.line;
      at_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++at_.column;
    }
  }
}

void Scanner::skip_line() {
  size_t end = text_.find('\n', at_.offset);
  advance_to(end == std::string_view::npos ? text_.size() : end);
}

void Scanner::skip_blank() {
  for (;;) {
    if (size_t n = whitespace_length(text_, at_.offset)) {
      advance_to(at_.offset + n);
    } else if (peek() == ';') {
      skip_line();
    } else {
      return;
    }
  }
}

std::string_view Scanner::token(bool all_macros) {
  auto ends = [&](char c) {
    if (edn_ && (c == '\'' || c == '@' || c == '`' || c == '~' || c == '%')) return false;
    return all_macros ? is_macro(c) : is_terminating(c);
  };
  size_t end = at_.offset;
  while (end < text_.size() && !ends(text_[end]) && whitespace_length(text_, end) == 0) ++end;
  Mark from = at_;
  advance_to(end);
  return since(from);
}

}  // namespace reops::lang
