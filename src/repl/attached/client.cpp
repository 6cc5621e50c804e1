#include "repl/attached/client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "base/terminal_process.hpp"

extern char** environ;

namespace reops::repl {
namespace {

constexpr base::Millis k_answer_patience{15'000};
constexpr base::Millis k_stop_patience{2'000};
// How long the controller may take to let go of a terminal that it is asked to.
constexpr timeval k_send_patience{10, 0};

std::string terminal_name() {
  char name[256];
  return ::ttyname_r(STDIN_FILENO, name, sizeof name) == 0 ? name : "";
}

// As the system does it to a program that has no handler: it stops, or goes on at once where no shell could
// let it go on later.
void stop_by(int signal) {
  sigset_t only, before;
  sigemptyset(&only);
  sigaddset(&only, signal);
  ::raise(signal);
  ::sigprocmask(SIG_UNBLOCK, &only, &before);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

bool in_foreground() {
  const pid_t group = ::tcgetpgrp(STDIN_FILENO);
  return group < 0 || group == ::getpgrp();
}

void wait_for_foreground() {
  // Where stopping is not possible nothing is to be waited for.
  for (int tries = 0; !in_foreground() && tries < 3; ++tries) stop_by(SIGTTIN);
}

void put(const std::string& text) {
  [[maybe_unused]] const ssize_t size = ::write(STDOUT_FILENO, text.data(), text.size());
}

int number_in(const std::string& text) {
  int number = 1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

/// The terminal's modes are in the end as they were found.
class PromptClient::Modes {
 public:
  explicit Modes(termios& before) : before_(before) { is_known_ = ::tcgetattr(STDIN_FILENO, &before_) == 0; }
  ~Modes() {
    if (is_known_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  Modes(const Modes&) = delete;
  Modes& operator=(const Modes&) = delete;

 private:
  termios& before_;
  bool is_known_;
};

base::Result<PromptClient> PromptClient::create() {
  // Giving the terminal its modes back must not stop us when we are in the background.
  ::signal(SIGTTOU, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  auto signals = base::SignalSource::create({SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT});
  if (!signals) return signals.take_error();
  return PromptClient(std::move(signals).value());
}

bool PromptClient::say_hello(int socket, const std::string& version, const std::string& init_file) {
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &k_send_patience, sizeof k_send_patience);
  base::UniqueFd folder(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) folder.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  Words hello{"hello", version, terminal_name(), init_file};
  for (char** entry = environ; entry && *entry; ++entry) hello.emplace_back(*entry);
  const std::array<int, k_hello_descriptors> descriptors{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO,
                                                         folder.get()};
  return send_frame(socket, hello, &descriptors).ok();
}

PromptClient::End PromptClient::attach(base::UniqueFd socket, const std::string& version,
                                       const std::string& init_file) {
  wait_for_foreground();
  const Modes modes(before_);
  if (!say_hello(socket.get(), version, init_file)) return {.way = End::Way::lost};
  End end = converse(socket.get());
  // Pasted text comes unmarked again, and the cursor is seen: the controller may not have come to it.
  if (end.way == End::Way::lost || end.way == End::Way::told) {
    if (::isatty(STDOUT_FILENO)) put("\x1b[?2004l\x1b[?25h");
  }
  return end;
}

PromptClient::End PromptClient::converse(int socket) {
  FrameReader reader;
  std::string controller;
  const base::Deadline answer = base::Deadline::in(k_answer_patience);
  for (;;) {
    pollfd waited[] = {{socket, POLLIN, 0}, {signals_.fd(), POLLIN, 0}};
    const base::Deadline deadline =
        controller.empty() ? std::min(answer, stop_at_the_latest_) : stop_at_the_latest_;
    const int ready = ::poll(waited, 2, deadline.poll_timeout());
    if (controller.empty() && answer.expired()) return {.way = End::Way::silent};
    if (stop_at_the_latest_.expired()) go_to_the_shell(socket);
    if (ready < 0 && errno != EINTR) return {.way = End::Way::lost, .controller = controller};
    while (const int number = signals_.take()) {
      if (auto code = on_signal(number, socket)) return {.way = End::Way::told, .code = *code};
    }
    if (waited[0].revents == 0) continue;
    std::string bytes;
    const bool open = receive_some(socket, bytes, nullptr);
    reader.feed(bytes);
    while (auto words = reader.next()) {
      const std::string& what = words->at(0);
      const auto word = [&](size_t i) { return i < words->size() ? words->at(i) : std::string(); };
      if (what == "attached") controller = word(1);
      if (what == "refused") return {.way = End::Way::refused, .code = 1, .why = word(1)};
      if (what == "suspend") go_to_the_shell(socket);
      if (what == "run") {
        if (auto code = run_program({words->begin() + 1, words->end()}, socket))
          return {.way = End::Way::told, .code = *code};
      }
      if (what == "exit")
        return {.way = End::Way::left, .code = number_in(word(1)), .why = word(2), .controller = controller};
    }
    if (!open || reader.is_broken()) return {.way = End::Way::lost, .controller = controller};
  }
}

std::optional<int> PromptClient::on_signal(int number, int socket) {
  const auto tell = [socket](const char* what) {
    [[maybe_unused]] const base::Result<void> sent = send_frame(socket, {what});
  };
  switch (number) {
    case SIGINT:
      tell("interrupt");
      break;
    case SIGWINCH:
      tell("resized");
      break;
    case SIGTSTP:
      // What is typed next is the shell's: the controller is to read no more before we stop.
      tell("away");
      stop_at_the_latest_ = base::Deadline::in(k_stop_patience);
      break;
    case SIGCONT:
      tell("back");
      break;
    default:
      tell("gone");
      return 128 + number;
  }
  return std::nullopt;
}

// In our own group, so that the terminal is its own. What was signalled meanwhile was for it, as far as it is
// not the end of us.
std::optional<int> PromptClient::run_program(const Words& argv, int socket) {
  const auto code = base::run_at_terminal(argv, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
  std::optional<int> told;
  while (const int number = signals_.take())
    if (number == SIGTERM || number == SIGHUP) told = on_signal(number, socket);
  [[maybe_unused]] const base::Result<void> sent =
      code ? send_frame(socket, {"ran", std::to_string(code.value()), "", ""})
           : send_frame(socket, {"ran", "-1", code.error().type, code.error().message});
  return told;
}

// Back when the shell lets us go on.
void PromptClient::go_to_the_shell(int socket) {
  stop_at_the_latest_ = base::Deadline::never();
  termios now{};
  const bool known = ::tcgetattr(STDIN_FILENO, &now) == 0;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  stop_by(SIGTSTP);
  wait_for_foreground();
  // What asks without showing the answer goes on so.
  if (known) ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
  [[maybe_unused]] const base::Result<void> sent = send_frame(socket, {"back"});
}

std::string PromptClient::ask(const std::string& question) {
  put(question);
  std::string answer;
  for (char byte = 0;;) {
    pollfd waited[] = {{STDIN_FILENO, POLLIN, 0}, {signals_.fd(), POLLIN, 0}};
    if (::poll(waited, 2, -1) < 0 && errno != EINTR) return "";
    if (const int number = signals_.take(); number == SIGINT || number == SIGTERM || number == SIGHUP)
      return "";
    if (waited[0].revents == 0) continue;
    if (::read(STDIN_FILENO, &byte, 1) <= 0) return "";
    if (byte == '\n') return answer;
    answer += byte;
  }
}

}  // namespace reops::repl
