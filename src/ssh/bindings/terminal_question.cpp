#include "ssh/bindings/terminal_question.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/cancel.hpp"
#include "base/surroundings.hpp"

namespace reops::ssh {
namespace {

constexpr int k_look_whether_back_ms = 100;

void put(int fd, const std::string& text) {
  [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
}

/// A line is typed while it lives, shown or not.
class Typing {
 public:
  Typing(int fd, bool is_shown) : fd_(fd) {
    if (::tcgetattr(fd_, &before_) < 0) return;
    termios quiet = before_;
    if (is_shown)
      quiet.c_lflag |= ECHO;
    else
      quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ICANON | ISIG;
    quiet.c_iflag |= ICRNL;
    is_set_ = set(quiet);
  }
  ~Typing() {
    if (is_set_) set(before_);
  }
  Typing(const Typing&) = delete;
  Typing& operator=(const Typing&) = delete;
  bool is_set() const { return is_set_; }

 private:
  // What was typed for something else is no answer. A terminal that takes nothing is not waited for.
  bool set(const termios& modes) {
    ::tcflush(fd_, TCIFLUSH);
    return ::tcsetattr(fd_, TCSANOW, &modes) == 0;
  }

  int fd_;
  termios before_{};
  bool is_set_ = false;
};

}  // namespace

std::optional<TerminalQuestion> TerminalQuestion::here() {
  TerminalQuestion question;
  question.in_ = base::standard_input();
  question.out_ = base::standard_error();
  question.person_ = base::current_surroundings();
  if (::isatty(question.in_) == 0 || ::isatty(question.out_) == 0 || !base::person_waits())
    return std::nullopt;
  return question;
}

// Whether the terminal has something to read; not when it is over. While the person is away what is typed is
// the shell's.
bool TerminalQuestion::wait_for_typing(int cancel_fd, bool& was_away) const {
  for (;;) {
    const bool away = person_ && person_->away();
    was_away = was_away || away;
    pollfd waited[] = {{cancel_fd, POLLIN, 0},
                       {person_ ? person_->gone_fd() : -1, POLLIN, 0},
                       {away || !person_ ? -1 : person_->away_fd(), POLLIN, 0},
                       {away ? -1 : in_, POLLIN, 0}};
    if (::poll(waited, 4, away ? k_look_whether_back_ms : -1) < 0 && errno != EINTR) return false;
    if (waited[0].revents != 0 || waited[1].revents != 0) return false;
    if (waited[2].revents == 0 && waited[3].revents != 0) return true;
  }
}

std::optional<std::string> TerminalQuestion::ask(const std::string& question, int cancel_fd,
                                                 bool is_shown) const {
  if (base::is_cancelled(cancel_fd)) return std::nullopt;
  std::optional<Typing> typing;
  typing.emplace(in_, is_shown);
  if (!typing->is_set()) return std::nullopt;
  put(out_, question);
  std::string answer;
  for (;;) {
    bool was_away = false;
    const bool typed = wait_for_typing(cancel_fd, was_away);
    // Whoever was away has a terminal in the shell's modes.
    if (typed && was_away) typing.emplace(in_, is_shown);
    char byte = 0;
    const ssize_t size = typed ? ::read(in_, &byte, 1) : 0;
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) {
      put(out_, "\n");
      return std::nullopt;
    }
    if (byte == '\n') break;
    answer += byte;
  }
  if (!is_shown) put(out_, "\n");
  return answer;
}

}  // namespace reops::ssh
