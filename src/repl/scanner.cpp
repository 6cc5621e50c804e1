#include "repl/scanner.hpp"

namespace reops::repl {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == ','; }
bool is_open(char c) { return c == '(' || c == '[' || c == '{'; }
bool is_close(char c) { return c == ')' || c == ']' || c == '}'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool ends_word(char c) { return is_space(c) || is_open(c) || is_close(c) || c == '"' || c == ';'; }
bool is_mark(char c) { return c == '\'' || c == '`' || c == '~' || c == '@' || c == '^' || c == '#'; }

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  std::vector<Token> run(bool in_string) {
    if (in_string) string(0);
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (is_space(c)) {
        ++at_;
      } else if (c == ';' || (c == '#' && peek(1) == '!')) {
        comment();
      } else if (c == '"') {
        ++at_;
        string(at_ - 1);
      } else if (is_open(c) || is_close(c)) {
        add(is_open(c) ? TokenKind::open : TokenKind::close, at_, at_ + 1);
      } else if (c == '\\') {
        character();
      } else if (is_mark(c)) {
        mark();
      } else {
        word();
      }
    }
    return std::move(tokens_);
  }

 private:
  char peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void add(TokenKind kind, size_t begin, size_t end, bool closed = true) {
    tokens_.push_back({kind, begin, end, closed});
    at_ = end;
  }

  void comment() {
    size_t end = text_.find('\n', at_);
    add(TokenKind::comment, at_, end == std::string_view::npos ? text_.size() : end);
  }

  // `begin` is where the string's token begins; at_ stands behind the opening quote.
  void string(size_t begin) {
    for (size_t i = at_; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '"') {
        add(TokenKind::string, begin, i + 1);
        return;
      }
    }
    add(TokenKind::string, begin, text_.size(), false);
  }

  void character() {
    size_t begin = at_;
    size_t end = std::min(at_ + 2, text_.size());
    // The rest of a name or of a character of several bytes.
    while (end < text_.size() && !ends_word(text_[end]) && text_[end] != '\\') ++end;
    add(TokenKind::character, begin, end);
  }

  void mark() {
    size_t end = at_ + 1;
    char next = peek(1);
    if (text_[at_] == '#' && (next == '\'' || next == '_' || next == '?' || next == '^' || next == '=' ||
                              next == ':' || next == '#'))
      ++end;
    if (text_[at_] == '#' && next == '?' && peek(2) == '@') ++end;
    if (text_[at_] == '~' && next == '@') ++end;
    add(TokenKind::mark, at_, end);
  }

  void word() {
    size_t end = at_;
    while (end < text_.size() && !ends_word(text_[end]) && text_[end] != '\\' && text_[end] != '@' &&
           text_[end] != '`' && text_[end] != '~' && text_[end] != '^')
      ++end;
    char c = text_[at_];
    bool number = is_digit(c) || ((c == '-' || c == '+') && is_digit(peek(1)));
    add(number ? TokenKind::number : c == ':' ? TokenKind::keyword : TokenKind::symbol, at_, end);
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, bool in_string) { return Tokenizer(text).run(in_string); }

char closing_bracket(char open) { return open == '(' ? ')' : open == '[' ? ']' : '}'; }

Brackets pair_brackets(std::string_view text, const std::vector<Token>& tokens) {
  Brackets b;
  std::vector<size_t> open_pairs;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == TokenKind::open) {
      open_pairs.push_back(b.pairs.size());
      b.pairs.push_back({i, Brackets::npos});
    } else if (tokens[i].kind == TokenKind::close) {
      bool fits =
          !open_pairs.empty() &&
          closing_bracket(text[tokens[b.pairs[open_pairs.back()].open].begin]) == text[tokens[i].begin];
      if (!fits) {
        if (!b.wrong) b.wrong = i;
        continue;
      }
      b.pairs[open_pairs.back()].close = i;
      open_pairs.pop_back();
    }
  }
  for (size_t pair : open_pairs) b.open.push_back(b.pairs[pair].open);
  return b;
}

bool FormScanner::feed(std::string_view line) {
  bool ended = false;
  for (const Token& t : tokenize(line, in_string_)) {
    switch (t.kind) {
      case TokenKind::comment:
        break;
      case TokenKind::open:
        expected_ += closing_bracket(line[t.begin]);
        break;
      case TokenKind::close:
        if (expected_.empty() || expected_.back() != line[t.begin]) {
          // The reader says what is wrong.
          reset();
          return true;
        }
        expected_.pop_back();
        ended |= expected_.empty();
        break;
      case TokenKind::string:
        in_string_ = !t.closed;
        ended |= t.closed && expected_.empty();
        break;
      default:
        ended |= expected_.empty();
    }
  }
  // With nothing open, an empty line too may be what is to be forgotten.
  return ended || !inside();
}

void FormScanner::reset() {
  expected_.clear();
  in_string_ = false;
}

bool is_incomplete(std::string_view text) {
  std::vector<Token> tokens = tokenize(text);
  while (!tokens.empty() && tokens.back().kind == TokenKind::comment) tokens.pop_back();
  Brackets brackets = pair_brackets(text, tokens);
  if (brackets.wrong) return false;
  if (!brackets.open.empty()) return true;
  return !tokens.empty() && (!tokens.back().closed || tokens.back().kind == TokenKind::mark);
}

}  // namespace reops::repl
