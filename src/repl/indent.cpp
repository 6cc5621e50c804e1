#include "repl/indent.hpp"

#include <algorithm>
#include <string>

#include "repl/display.hpp"
#include "repl/scanner.hpp"

namespace reops::repl {
namespace {

constexpr std::string_view k_with_body[] = {"binding",     "bound-fn",
                                            "case",        "catch",
                                            "comment",     "cond->",
                                            "cond->>",     "do",
                                            "doseq",       "dotimes",
                                            "doto",        "extend",
                                            "fn",          "fn*",
                                            "for",         "future",
                                            "if",          "if-let",
                                            "if-not",      "if-some",
                                            "let",         "letfn",
                                            "locking",     "loop",
                                            "ns",          "proxy",
                                            "reify",       "testing",
                                            "try",         "when",
                                            "when-first",  "when-let",
                                            "when-not",    "when-some",
                                            "while",       "finally",
                                            "extend-type", "extend-protocol",
                                            "are"};

bool has_body(std::string_view head) {
  if (size_t slash = head.rfind('/'); slash != std::string_view::npos && head.size() > 1)
    head.remove_prefix(slash + 1);
  return head.starts_with("def") || head.starts_with("with-") ||
         std::find(std::begin(k_with_body), std::end(k_with_body), head) != std::end(k_with_body);
}

size_t column_of(std::string_view text, size_t at) {
  size_t line_start = text.rfind('\n', at == 0 ? 0 : at - 1);
  line_start = at == 0 || line_start == std::string_view::npos ? 0 : line_start + 1;
  return width_of(text.substr(line_start, at - line_start));
}

}  // namespace

size_t indentation(std::string_view text, size_t at) {
  std::string_view before = text.substr(0, at);
  std::vector<Token> tokens = tokenize(before);
  if (!tokens.empty() && !tokens.back().closed) return 0;
  Brackets brackets = pair_brackets(before, tokens);
  if (brackets.open.empty()) return 0;
  size_t open = brackets.open.back();
  size_t column = column_of(before, tokens[open].begin);
  if (text[tokens[open].begin] != '(' || open + 1 >= tokens.size()) return column + 1;
  const Token& head = tokens[open + 1];
  if (head.kind != TokenKind::symbol && head.kind != TokenKind::keyword) return column + 1;
  if (head.kind == TokenKind::symbol && has_body(text.substr(head.begin, head.end - head.begin)))
    return column + 2;
  // Below the first argument, if it stands on the line of the head.
  if (open + 2 < tokens.size()) {
    const Token& argument = tokens[open + 2];
    std::string_view between = before.substr(head.end, argument.begin - head.end);
    if (argument.kind != TokenKind::comment && between.find('\n') == std::string_view::npos)
      return column_of(before, argument.begin);
  }
  return column + 1;
}

std::string indented(std::string_view text, size_t line_start, size_t& cursor) {
  size_t content = text.find_first_not_of(" \t", line_start);
  if (content == std::string_view::npos) content = text.size();
  size_t columns = indentation(text, line_start);
  std::string changed(text.substr(0, line_start));
  changed.append(columns, ' ');
  changed += text.substr(content);
  if (cursor >= content) {
    cursor = cursor - content + line_start + columns;
  } else if (cursor >= line_start) {
    cursor = line_start + columns;
  }
  return changed;
}

}  // namespace reops::repl
