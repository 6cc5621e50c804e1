#include "repl/terminal.hpp"

#include <fcntl.h>

#include <algorithm>

#include "lang/value/error.hpp"

namespace reops::repl {

// The descriptor is our own, because the terminal is to get its modes back also when the person is gone.
RawTerminal::RawTerminal(PersonTerminal& terminal)
    : terminal_(terminal), modes_(::fcntl(terminal.surroundings().in(), F_DUPFD_CLOEXEC, 0)) {
  terminal_.wait_for_return();
  // Once: the person may come back to a terminal that has our modes still.
  ::tcgetattr(modes_.get(), &before_);
  terminal_.set_editing(true);
  try {
    enter();
  } catch (const lang::Thrown&) {
    finish();
    throw;
  }
}

RawTerminal::~RawTerminal() { finish(); }

void RawTerminal::finish() {
  // Interrupted while the terminal takes nothing, what it lacks comes with what is printed next.
  try {
    leave();
  } catch (const lang::Thrown&) {
  }
  try {
    terminal_.set_editing(false);
  } catch (const lang::Thrown&) {
  }
}

// None of the changes waits until the terminal has taken what was written before: one that takes nothing
// would hold up more than its own prompt.

void RawTerminal::enter() {
  termios raw = before_;
  raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  terminal_.set_modes(modes_.get(), raw);
  terminal_.draw("\x1b[?2004h");
}

void RawTerminal::leave() {
  terminal_.set_modes(modes_.get(), before_);
  terminal_.draw("\x1b[?2004l");
}

void RawTerminal::suspend() {
  leave();
  terminal_.suspend();
  enter();
}

std::string Screen::replacing(const Frame& frame, size_t columns) const {
  // Rows that were drawn for a wider terminal take several of a narrower one.
  size_t above = 0;
  for (size_t i = 0; i < shown_.cursor_row && i < shown_.widths.size(); ++i)
    above += std::max<size_t>(1, (shown_.widths[i] + columns - 1) / std::max<size_t>(columns, 1));
  if (columns > 0) above += shown_.cursor_column / columns;
  std::string out = "\x1b[?25l\r";
  if (above > 0) out += "\x1b[" + std::to_string(above) + "A";
  out += "\x1b[J";
  for (size_t i = 0; i < frame.rows.size(); ++i) {
    if (i > 0) out += "\r\n";
    out += frame.rows[i];
  }
  return out;
}

void Screen::draw(const Frame& frame, size_t columns) {
  std::string out = replacing(frame, columns);
  out += '\r';
  if (size_t up = frame.rows.size() - 1 - frame.cursor_row; up > 0) out += "\x1b[" + std::to_string(up) + "A";
  if (frame.cursor_column > 0) out += "\x1b[" + std::to_string(frame.cursor_column) + "C";
  terminal_.draw(out + "\x1b[?25h");
  shown_ = frame;
}

void Screen::finish(const Frame& frame, size_t columns) {
  terminal_.draw(replacing(frame, columns) + "\r\n\x1b[?25h");
  shown_ = {};
}

void Screen::print_above(std::string_view lines) {
  terminal_.draw(replacing({}, terminal_.size().columns) + std::string(lines) +
                 (lines.ends_with('\n') ? "" : "\n") + "\x1b[?25h");
  shown_ = {};
}

void Screen::clear() {
  terminal_.draw("\x1b[H\x1b[2J");
  shown_ = {};
}

}  // namespace reops::repl
