#include "repl/highlight.hpp"

#include <algorithm>

#include "repl/scanner.hpp"

namespace reops::repl {
namespace {

constexpr std::string_view k_special[] = {"def",      "if",      "do",      "let",         "loop",
                                          "recur",    "fn",      "quote",   "var",         "throw",
                                          "try",      "catch",   "finally", "when",        "when-not",
                                          "when-let", "if-let",  "if-not",  "cond",        "case",
                                          "for",      "doseq",   "dotimes", "ns",          "require",
                                          "letfn",    "binding", "reify",   "extend-type", "extend-protocol",
                                          "->",       "->>",     "as->",    "cond->",      "and",
                                          "or",       "run",     "|",       "set!",        "new",
                                          "while",    "nil",     "true",    "false"};

bool is_special(std::string_view word) {
  return word.starts_with("def") ||
         std::find(std::begin(k_special), std::end(k_special), word) != std::end(k_special);
}

bool is_constant(std::string_view word) { return word == "nil" || word == "true" || word == "false"; }

Style style_of(std::string_view text, const std::vector<Token>& tokens, size_t i) {
  const Token& t = tokens[i];
  switch (t.kind) {
    case TokenKind::comment:
      return Style::comment;
    case TokenKind::string:
    case TokenKind::character:
      return Style::string;
    case TokenKind::number:
      return Style::number;
    case TokenKind::keyword:
      return Style::keyword;
    case TokenKind::mark:
      return Style::mark;
    case TokenKind::symbol: {
      std::string_view word = text.substr(t.begin, t.end - t.begin);
      if (is_constant(word)) return Style::number;
      bool heads = i > 0 && tokens[i - 1].kind == TokenKind::open && text[tokens[i - 1].begin] == '(';
      if (word == "|") return Style::special;
      if (!heads) return Style::plain;
      return is_special(word) ? Style::special : Style::head;
    }
    case TokenKind::open:
    case TokenKind::close:
      return Style::plain;
  }
  return Style::plain;
}

// The pair whose bracket the cursor is at.
std::optional<Brackets::Pair> pair_at(const std::vector<Token>& tokens, const Brackets& brackets,
                                      size_t cursor) {
  auto with = [&](size_t place) -> std::optional<Brackets::Pair> {
    for (const Brackets::Pair& p : brackets.pairs) {
      if (p.close != Brackets::npos && (tokens[p.open].begin == place || tokens[p.close].begin == place))
        return p;
    }
    return std::nullopt;
  };
  auto closes = [&](size_t place) {
    return std::any_of(tokens.begin(), tokens.end(),
                       [&](const Token& t) { return t.kind == TokenKind::close && t.begin == place; });
  };
  if (cursor > 0 && closes(cursor - 1)) return with(cursor - 1);
  return with(cursor);
}

}  // namespace

std::string_view style_code(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::comment:
    case Style::dim:
      return "\x1b[90m";
    case Style::string:
      return "\x1b[32m";
    case Style::number:
      return "\x1b[35m";
    case Style::keyword:
      return "\x1b[36m";
    case Style::special:
      return "\x1b[1;34m";
    case Style::head:
      return "\x1b[34m";
    case Style::mark:
      return "\x1b[33m";
    case Style::matching:
      return "\x1b[1;4m";
    case Style::wrong:
      return "\x1b[1;31m";
    case Style::chosen:
      return "\x1b[7m";
  }
  return "";
}

std::vector<StyledSpan> highlight(std::string_view text, std::optional<size_t> cursor) {
  std::vector<Token> tokens = tokenize(text);
  std::vector<StyledSpan> spans;
  spans.reserve(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i)
    spans.push_back({tokens[i].begin, tokens[i].end, style_of(text, tokens, i)});
  if (!cursor) return spans;
  Brackets brackets = pair_brackets(text, tokens);
  if (brackets.wrong) spans[*brackets.wrong].style = Style::wrong;
  if (auto pair = pair_at(tokens, brackets, *cursor))
    spans[pair->open].style = spans[pair->close].style = Style::matching;
  return spans;
}

std::string colored(std::string_view text) {
  std::string out;
  size_t at = 0;
  for (const StyledSpan& span : highlight(text)) {
    out += text.substr(at, span.begin - at);
    std::string_view part = text.substr(span.begin, span.end - span.begin);
    if (std::string_view code = style_code(span.style); code.empty()) {
      out += part;
    } else {
      out.append(code).append(part).append(k_style_end);
    }
    at = span.end;
  }
  return out += text.substr(at);
}

}  // namespace reops::repl
