#pragma once
// Modes of a terminal, and drawing frames on it.

#include <termios.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "repl/frame.hpp"
#include "repl/person_terminal.hpp"

namespace reops::repl {

/// While it lives, keys come one by one and unechoed, pasted text comes marked, and what is printed is kept
/// for the editor.
class RawTerminal {
 public:
  /// Waits first for a person who is away.
  explicit RawTerminal(PersonTerminal& terminal);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  /// Gives the terminal back to the shell until the person returns.
  void suspend();
  /// The person was away without having asked us, and is back.
  void resume() { enter(); }

 private:
  void enter();
  void leave();
  void finish();

  PersonTerminal& terminal_;
  base::UniqueFd modes_;
  termios before_{};
};

/// Keeps one frame on the screen, replacing it by the next.
class Screen {
 public:
  explicit Screen(PersonTerminal& terminal) : terminal_(terminal) {}

  /// `columns` of the terminal now: a frame that was drawn for another width has been wrapped by it.
  void draw(const Frame& frame, size_t columns);
  /// Draws it for the last time and goes to the line below.
  void finish(const Frame& frame, size_t columns);
  void clear();
  /// Writes lines where the frame stands, which has to be drawn again below them.
  void print_above(std::string_view lines);

 private:
  std::string replacing(const Frame& frame, size_t columns) const;

  PersonTerminal& terminal_;
  Frame shown_;
};

}  // namespace reops::repl
