#include "ssh/bindings/terminal_question.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/cancel.hpp"
#include "base/unique_fd.hpp"

namespace reops::ssh {
namespace {

constexpr const char* k_terminal = "/dev/tty";

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
    is_set_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  ~Typing() {
    if (is_set_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  Typing(const Typing&) = delete;
  Typing& operator=(const Typing&) = delete;
  bool is_set() const { return is_set_; }

 private:
  int fd_;
  termios before_{};
  bool is_set_ = false;
};

}  // namespace

bool can_ask() {
  return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0 && ::gettid() == ::getpid();
}

std::optional<std::string> ask_on_terminal(const std::string& question, int cancel_fd, bool is_shown) {
  if (base::is_cancelled(cancel_fd)) return std::nullopt;
  const base::UniqueFd terminal(::open(k_terminal, O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) return std::nullopt;
  const Typing typing(terminal.get(), is_shown);
  if (!typing.is_set()) return std::nullopt;
  put(terminal.get(), question);
  std::string answer;
  for (;;) {
    pollfd waited[] = {{terminal.get(), POLLIN, 0}, {cancel_fd, POLLIN, 0}};
    if (::poll(waited, 2, -1) < 0 && errno == EINTR) continue;
    char byte = 0;
    if (waited[1].revents != 0 || ::read(terminal.get(), &byte, 1) <= 0) {
      put(terminal.get(), "\n");
      return std::nullopt;
    }
    if (byte == '\n') break;
    answer += byte;
  }
  if (!is_shown) put(terminal.get(), "\n");
  return answer;
}

}  // namespace reops::ssh
