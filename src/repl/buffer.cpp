#include "repl/buffer.hpp"

#include <algorithm>

#include "repl/display.hpp"
#include "repl/scanner.hpp"

namespace reops::repl {
namespace {

constexpr size_t k_no_column = ~size_t{0};
constexpr size_t k_most_undone = 500;
// Of a pasted novel, fewer steps are kept.
constexpr size_t k_most_undone_bytes = 16 << 20;

bool in_word(std::string_view text, size_t at) {
  constexpr std::string_view k_between = " \n\t,()[]{}\"';@`~^\\";
  return k_between.find(text[at]) == std::string_view::npos;
}

}  // namespace

void Buffer::remember() {
  typing_ = false;
  past_.push_back({text_, cursor_});
  while (past_.size() > 1 &&
         (past_.size() > k_most_undone || past_.size() * text_.size() > k_most_undone_bytes))
    past_.erase(past_.begin());
}

void Buffer::reset(std::string text) {
  past_.clear();
  typing_ = false;
  text_ = std::move(text);
  cursor_ = text_.size();
  wanted_column_ = k_no_column;
}

void Buffer::replace_all(std::string text) {
  size_t end = text.size();
  replace_all(std::move(text), end);
}

void Buffer::replace_all(std::string text, size_t cursor) {
  remember();
  text_ = std::move(text);
  cursor_ = std::min(cursor, text_.size());
  wanted_column_ = k_no_column;
}

void Buffer::insert(std::string_view text) {
  // What is typed letter by letter is undone a word at a time.
  bool letter = text.size() == 1 && text != " " && text != "\n";
  if (!(letter && typing_)) remember();
  text_.insert(cursor_, text);
  cursor_ += text.size();
  wanted_column_ = k_no_column;
  typing_ = letter;
}

void Buffer::replace(size_t begin, size_t end, std::string_view text) {
  remember();
  text_.replace(begin, end - begin, text);
  cursor_ = begin + text.size();
  wanted_column_ = k_no_column;
}

void Buffer::erase_before() {
  if (cursor_ == 0) return;
  replace(previous_place(text_, cursor_), cursor_, "");
}

void Buffer::erase_after() {
  if (cursor_ == text_.size()) return;
  replace(cursor_, next_place(text_, cursor_), "");
}

void Buffer::kill(size_t begin, size_t end) {
  if (begin == end) return;
  killed_ = text_.substr(begin, end - begin);
  replace(begin, end, "");
}

void Buffer::kill_to_line_end() {
  size_t end = end_of_line(cursor_);
  // At the end of a line, the line's end itself goes.
  if (end == cursor_ && end < text_.size()) ++end;
  kill(cursor_, end);
}

void Buffer::kill_to_line_start() { kill(start_of_line(), cursor_); }
void Buffer::kill_word_before() { kill(before_word(cursor_), cursor_); }
void Buffer::kill_word_after() { kill(cursor_, behind_word(cursor_)); }

void Buffer::yank() {
  if (!killed_.empty()) replace(cursor_, cursor_, killed_);
}

void Buffer::transpose() {
  size_t at = cursor_ == end_of_line(cursor_) ? previous_place(text_, cursor_) : cursor_;
  if (at == 0 || at >= text_.size() || at == start_of_line(at)) return;
  size_t before = previous_place(text_, at), after = next_place(text_, at);
  std::string swapped = text_.substr(at, after - at) + text_.substr(before, at - before);
  replace(before, after, swapped);
}

void Buffer::undo() {
  if (past_.empty()) return;
  text_ = std::move(past_.back().text);
  cursor_ = past_.back().cursor;
  past_.pop_back();
  typing_ = false;
  wanted_column_ = k_no_column;
}

void Buffer::move_to(size_t place) {
  cursor_ = std::min(place, text_.size());
  typing_ = false;
  wanted_column_ = k_no_column;
}

void Buffer::left() { move_to(previous_place(text_, cursor_)); }
void Buffer::right() { move_to(next_place(text_, cursor_)); }

size_t Buffer::before_word(size_t at) const {
  while (at > 0 && !in_word(text_, at - 1)) --at;
  while (at > 0 && in_word(text_, at - 1)) --at;
  return at;
}

size_t Buffer::behind_word(size_t at) const {
  while (at < text_.size() && !in_word(text_, at)) ++at;
  while (at < text_.size() && in_word(text_, at)) ++at;
  return at;
}

void Buffer::word_left() { move_to(before_word(cursor_)); }
void Buffer::word_right() { move_to(behind_word(cursor_)); }

void Buffer::form_right() {
  std::vector<Token> tokens = tokenize(text_);
  Brackets brackets = pair_brackets(text_, tokens);
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].end <= cursor_ || tokens[i].kind == TokenKind::mark) continue;
    size_t last = i;
    for (const Brackets::Pair& p : brackets.pairs) {
      if (p.open == i && p.close != Brackets::npos) last = p.close;
    }
    return move_to(tokens[last].end);
  }
}

void Buffer::form_left() {
  std::vector<Token> tokens = tokenize(text_);
  Brackets brackets = pair_brackets(text_, tokens);
  for (size_t i = tokens.size(); i-- > 0;) {
    if (tokens[i].begin >= cursor_) continue;
    size_t first = i;
    for (const Brackets::Pair& p : brackets.pairs) {
      if (p.close == i && p.open != Brackets::npos) first = p.open;
    }
    while (first > 0 && tokens[first - 1].kind == TokenKind::mark) --first;
    return move_to(tokens[first].begin);
  }
}

size_t Buffer::start_of_line(size_t at) const {
  if (at == 0) return 0;
  size_t newline = text_.rfind('\n', at - 1);
  return newline == std::string::npos ? 0 : newline + 1;
}

size_t Buffer::end_of_line(size_t at) const {
  size_t newline = text_.find('\n', at);
  return newline == std::string::npos ? text_.size() : newline;
}

void Buffer::line_start() { move_to(start_of_line()); }
void Buffer::line_end() { move_to(end_of_line(cursor_)); }

void Buffer::move_to_column(size_t line_begin) {
  size_t end = end_of_line(line_begin), at = line_begin, column = 0;
  while (at < end) {
    size_t next = next_place(text_, at);
    column += width_of(std::string_view(text_).substr(at, next - at));
    if (column > wanted_column_) break;
    at = next;
  }
  cursor_ = at;
  typing_ = false;
}

bool Buffer::up() {
  size_t start = start_of_line();
  if (start == 0) return false;
  if (wanted_column_ == k_no_column)
    wanted_column_ = width_of(std::string_view(text_).substr(start, cursor_ - start));
  move_to_column(start_of_line(start - 1));
  return true;
}

bool Buffer::down() {
  size_t end = end_of_line(cursor_);
  if (end == text_.size()) return false;
  size_t start = start_of_line();
  if (wanted_column_ == k_no_column)
    wanted_column_ = width_of(std::string_view(text_).substr(start, cursor_ - start));
  move_to_column(end + 1);
  return true;
}

}  // namespace reops::repl
