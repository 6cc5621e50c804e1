#pragma once
// The text being edited and the cursor in it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reops::repl {

class Buffer {
 public:
  const std::string& text() const { return text_; }
  size_t cursor() const { return cursor_; }
  bool empty() const { return text_.empty(); }
  /// Another text, with the cursor at its end; can be undone.
  void replace_all(std::string text);
  void replace_all(std::string text, size_t cursor);
  /// A new text that has no past.
  void reset(std::string text = {});

  void insert(std::string_view text);
  /// Puts `text` in the place of the bytes [begin, end), and the cursor behind it.
  void replace(size_t begin, size_t end, std::string_view text);
  void erase_before();
  void erase_after();
  /// These remember what they took, for yank.
  void kill_to_line_end();
  void kill_to_line_start();
  void kill_word_before();
  void kill_word_after();
  void yank();
  void transpose();
  void undo();

  void move_to(size_t place);
  void left();
  void right();
  void word_left();
  void word_right();
  void form_left();
  void form_right();
  void line_start();
  void line_end();
  /// To the line above or below, in the column that the cursor had when it began to move so. False when there
  /// is none.
  bool up();
  bool down();

  size_t start_of_line() const { return start_of_line(cursor_); }
  bool on_first_line() const { return text_.find('\n') >= cursor_; }
  bool on_last_line() const { return text_.find('\n', cursor_) == std::string::npos; }

 private:
  struct State {
    std::string text;
    size_t cursor;
  };
  size_t start_of_line(size_t at) const;
  size_t end_of_line(size_t at) const;
  size_t before_word(size_t at) const;
  size_t behind_word(size_t at) const;
  void remember();
  void kill(size_t begin, size_t end);
  void move_to_column(size_t line_begin);

  std::string text_;
  size_t cursor_ = 0;
  size_t wanted_column_ = ~size_t{0};
  std::string killed_;
  std::vector<State> past_;
  bool typing_ = false;
};

}  // namespace reops::repl
