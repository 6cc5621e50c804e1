#include "ssh/bindings/terminal_question.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.hpp"
#include "lang/codec/terminal_text.hpp"

namespace reops::ssh {
namespace {

constexpr const char* k_terminal = "/dev/tty";

void put(int fd, const std::string& text) {
  [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
}

/// Typing is not shown while it lives.
class Unseen {
 public:
  explicit Unseen(int fd) : fd_(fd) {
    if (::tcgetattr(fd_, &before_) < 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ICANON | ISIG;
    quiet.c_iflag |= ICRNL;
    is_set_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  ~Unseen() {
    if (is_set_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
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

std::optional<std::string> ask_on_terminal(const std::string& question, int cancel_fd) {
  const base::UniqueFd terminal(::open(k_terminal, O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) return std::nullopt;
  const Unseen unseen(terminal.get());
  if (!unseen.is_set()) return std::nullopt;
  put(terminal.get(), lang::terminal_text(question));
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
  put(terminal.get(), "\n");
  return answer;
}

}  // namespace reops::ssh
