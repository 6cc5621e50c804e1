#include "repl/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace reops::repl {
namespace {

bool is_dumb() {
  const char* term = std::getenv("TERM");
  return !term || !*term || std::string_view(term) == "dumb";
}

void put(std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    // A terminal that is gone is noticed when it is read from.
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

// Signals reach the reading loop as bytes in a pipe: nothing is lost between looking and waiting, and any
// thread may get the signal.
int g_signal_pipe[2] = {-1, -1};

void note_signal(int number) {
  int error = errno;
  char c = number == SIGWINCH ? 'w' : number == SIGINT ? 'i' : 't';
  [[maybe_unused]] ssize_t ignored = ::write(g_signal_pipe[1], &c, 1);
  errno = error;
}

constexpr int k_signals[] = {SIGWINCH, SIGINT, SIGTERM, SIGHUP};
struct sigaction g_before[std::size(k_signals)];

void note_signals() {
  if (g_signal_pipe[0] < 0 && ::pipe2(g_signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  for (size_t i = 0; i < std::size(k_signals); ++i) ::sigaction(k_signals[i], &action, &g_before[i]);
}

void leave_signals() {
  for (size_t i = 0; i < std::size(k_signals); ++i) ::sigaction(k_signals[i], &g_before[i], nullptr);
}

}  // namespace

bool terminal_can_edit() { return ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO) && !is_dumb(); }

bool terminal_shows_colors(int fd) {
  const char* refused = std::getenv("NO_COLOR");
  return ::isatty(fd) && !is_dumb() && !(refused && *refused);
}

TerminalSize terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {size.ws_col, std::max<size_t>(size.ws_row, 1)};
}

RawTerminal::RawTerminal() {
  ::tcgetattr(STDIN_FILENO, &before_);
  enter();
  note_signals();
}

RawTerminal::~RawTerminal() {
  leave();
  leave_signals();
}

void RawTerminal::enter() {
  termios raw = before_;
  raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  put("\x1b[?2004h");
}

void RawTerminal::leave() {
  put("\x1b[?2004l");
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

void RawTerminal::suspend() {
  leave();
  ::raise(SIGTSTP);
  enter();
}

bool RawTerminal::more() const {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

RawTerminal::Event RawTerminal::wait(std::string& input, int timeout_ms, int also) {
  pollfd waited[] = {{STDIN_FILENO, POLLIN, 0}, {g_signal_pipe[0], POLLIN, 0}, {also, POLLIN, 0}};
  int ready = ::poll(waited, 3, timeout_ms);
  if (ready == 0) return Event::pause;
  if (ready < 0) return errno == EINTR ? Event::resized : Event::closed;
  if (waited[1].revents & POLLIN) {
    char noted[64];
    ssize_t count = ::read(g_signal_pipe[0], noted, sizeof noted);
    std::string_view signals(noted, count > 0 ? static_cast<size_t>(count) : 0);
    if (signals.find('t') != std::string_view::npos) return Event::closed;
    return signals.find('i') != std::string_view::npos ? Event::interrupted : Event::resized;
  }
  if (waited[2].revents & POLLIN) return Event::noticed;
  char bytes[4096];
  ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
  if (count < 0 && errno == EINTR) return Event::resized;
  if (count <= 0) return Event::closed;
  input.append(bytes, static_cast<size_t>(count));
  return Event::bytes;
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
  put(out + "\x1b[?25h");
  shown_ = frame;
}

void Screen::finish(const Frame& frame, size_t columns) {
  put(replacing(frame, columns) + "\r\n\x1b[?25h");
  shown_ = {};
}

void Screen::print_above(std::string_view lines) {
  put(replacing({}, terminal_size().columns) + std::string(lines) + (lines.ends_with('\n') ? "" : "\n") +
      "\x1b[?25h");
  shown_ = {};
}

void Screen::clear() {
  put("\x1b[H\x1b[2J");
  shown_ = {};
}

}  // namespace reops::repl
