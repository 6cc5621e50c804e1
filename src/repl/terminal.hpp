#pragma once
// The terminal itself: its modes, its size, what it sends, and drawing frames on it.

#include <termios.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "repl/frame.hpp"

namespace reops::repl {

/// Is there a person at a terminal that can move its cursor?
bool terminal_can_edit();
/// May colours be shown on this descriptor? Not with NO_COLOR, and not by a dumb terminal.
bool terminal_shows_colors(int fd);

struct TerminalSize {
  size_t columns = 80;
  size_t rows = 24;
};
TerminalSize terminal_size();

/// While it lives, keys come one by one and unechoed, pasted text comes marked, and signals that ask a
/// program to do something are noted instead.
class RawTerminal {
 public:
  RawTerminal();
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  enum class Event { bytes, pause, resized, interrupted, closed, noticed };
  /// Waits for the next thing that happens, at most `timeout_ms` (-1: for ever); bytes are appended to
  /// `input`. `noticed`: the descriptor `also` can be read.
  Event wait(std::string& input, int timeout_ms, int also);
  /// Whether bytes are there already.
  bool more() const;

  /// Gives the terminal back to the shell until the person returns.
  void suspend();

 private:
  void enter();
  void leave();

  termios before_{};
};

/// Keeps one frame on the screen, replacing it by the next.
class Screen {
 public:
  /// `columns` of the terminal now: a frame that was drawn for another width has been wrapped by it.
  void draw(const Frame& frame, size_t columns);
  /// Draws it for the last time and goes to the line below.
  void finish(const Frame& frame, size_t columns);
  void clear();
  /// Writes lines where the frame stands, which has to be drawn again below them.
  void print_above(std::string_view lines);

 private:
  std::string replacing(const Frame& frame, size_t columns) const;

  Frame shown_;
};

}  // namespace reops::repl
