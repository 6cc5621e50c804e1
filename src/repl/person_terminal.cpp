#include "repl/person_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "lang/runtime/streams.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"

namespace reops::repl {
namespace {

constexpr size_t k_most_kept = size_t{4} << 20;
// A line that is not ended is written when so much has come together.
constexpr size_t k_long_line = size_t{32} << 10;
// Where writing may wait after all, little is risked at a time.
constexpr size_t k_careful = 256;

// The same terminal (or file, or pipe), opened anew: whether we wait for it is then ours to choose, and not
// what the shell and others have chosen or will find.
bool reopen(base::UniqueFd& fd, int mode) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd.get());
  base::UniqueFd own(::open(path.c_str(), mode | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!own) return false;
  fd = std::move(own);
  return true;
}

std::uint64_t drain_event(int fd) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t size = ::read(fd, &count, sizeof count);
  return count;
}

void raise_event(int fd) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = ::write(fd, &one, sizeof one);
}

/// Polls as a blocking region, which an interrupt ends: it is thrown then. The first is the region's own.
void poll_interruptibly(pollfd* waited, nfds_t count, int timeout_ms) {
  const base::UniqueFd woken(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  waited[0] = {woken.get(), POLLIN, 0};
  {
    lang::BlockingRegion region([&woken] { raise_event(woken.get()); });
    while (::poll(waited, count, timeout_ms) < 0 && errno == EINTR) {
    }
  }
  lang::poll_after_wait();
}

}  // namespace

PersonTerminal::OpenedAnew PersonTerminal::open_anew(base::Surroundings::Given given) {
  reopen(given.in, O_RDONLY);
  const bool out = ::isatty(given.out.get()) != 0 && reopen(given.out, O_WRONLY);
  const bool err = ::isatty(given.err.get()) != 0 && reopen(given.err, O_WRONLY);
  return {std::move(given), out || err};
}

PersonTerminal::PersonTerminal(base::Surroundings::Given given, std::function<void()> suspend)
    : PersonTerminal(open_anew(std::move(given)), std::move(suspend)) {}

PersonTerminal::PersonTerminal(OpenedAnew opened, std::function<void()> suspend)
    : surroundings_(std::move(opened.given)),
      suspend_(std::move(suspend)),
      in_is_terminal_(::isatty(surroundings_.in()) != 0),
      out_is_terminal_(::isatty(surroundings_.out()) != 0),
      err_is_terminal_(::isatty(surroundings_.err()) != 0),
      never_waits_(opened.never_waits),
      happened_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool PersonTerminal::is_dumb() const {
  const char* term = surroundings_.variable("TERM");
  return !term || !*term || std::string_view(term) == "dumb";
}

bool PersonTerminal::can_edit() const { return in_is_terminal_ && out_is_terminal_ && !is_dumb(); }

bool PersonTerminal::shows_colors() const {
  const char* refused = surroundings_.variable("NO_COLOR");
  return out_is_terminal_ && !is_dumb() && !(refused && *refused);
}

TerminalSize PersonTerminal::size() const {
  winsize size{};
  if (::ioctl(surroundings_.out(), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {size.ws_col, std::max<size_t>(size.ws_row, 1)};
}

// --- what happens ------------------------------------------------------------------------------------------

void PersonTerminal::wake() const { raise_event(happened_.get()); }

void PersonTerminal::note_resized() {
  const Lock lock(mutex_);
  resized_ = true;
  wake();
}

void PersonTerminal::note_interrupt() {
  const Lock lock(mutex_);
  interrupted_ = true;
  wake();
}

void PersonTerminal::note_away(bool away) {
  {
    const Lock lock(mutex_);
    surroundings_.set_away(away);
  }
  lang::unpark(this);
  // What stood on the screen is other things' by now.
  if (!away) note_resized();
}

void PersonTerminal::note_gone() {
  surroundings_.let_go();
  lang::unpark(this);
}

// --- printing ----------------------------------------------------------------------------------------------

void PersonTerminal::print_elsewhere(std::string_view text) {
  if (!text.empty()) lang::writer_argument(lang::core_vars().out->load_root()).write(text);
}

void PersonTerminal::keep(std::string_view text) {
  const size_t room = k_most_kept - std::min(kept_.size(), k_most_kept);
  kept_ += text.substr(0, room);
  left_out_ += text.size() - std::min(text.size(), room);
}

std::string PersonTerminal::take_kept() {
  std::string taken = std::exchange(kept_, {});
  if (left_out_ > 0) taken += "\n[" + std::to_string(left_out_) + " bytes more were printed]\n";
  left_out_ = 0;
  return taken;
}

void PersonTerminal::print(std::string_view text, bool err) {
  Lock lock(mutex_);
  if (surroundings_.gone()) {
    const std::string before = take_kept();
    lock.unlock();
    print_elsewhere(before);
    return print_elsewhere(text);
  }
  if (!is_terminal(err)) {
    lock.unlock();
    return print_elsewhere(write_all(err ? surroundings_.err() : surroundings_.out(), text));
  }
  // The prompt's own thread waits until the terminal has taken what it prints, so there is room for all.
  if (surroundings_.waited_for() && !editing_ && !surroundings_.away()) {
    kept_ += text;
  } else {
    keep(text);
  }
  if (err || text.find('\n') != text.npos || kept_.size() > k_long_line) drain(lock);
}

void PersonTerminal::flush() {
  Lock lock(mutex_);
  drain(lock);
}

void PersonTerminal::drain(Lock& lock) {
  if (kept_.empty() || surroundings_.gone()) return;
  if (editing_) {
    printed_ = true;
    wake();
    return;
  }
  if (writing_ || surroundings_.away()) return;
  const int fd = out_is_terminal_ ? surroundings_.out() : surroundings_.err();
  if (!surroundings_.waited_for()) {
    if (never_waits_) kept_.erase(0, write_some(fd, kept_));
    return;
  }
  writing_ = true;
  struct Done {
    Lock& lock;
    bool& writing;
    ~Done() {
      if (!lock.owns_lock()) lock.lock();
      writing = false;
    }
  } done{lock, writing_};
  while (!kept_.empty()) {
    const std::string taken = take_kept();
    lock.unlock();
    print_elsewhere(write_all(fd, taken));
    lock.lock();
  }
}

size_t PersonTerminal::write_some(int fd, std::string_view text) const {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t size = ::write(fd, text.data() + written, text.size() - written);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    written += static_cast<size_t>(size);
  }
  return written;
}

std::string_view PersonTerminal::write_all(int fd, std::string_view text) {
  const bool is_terminal = fd == surroundings_.out() ? out_is_terminal_ : err_is_terminal_;
  while (!text.empty()) {
    if (surroundings_.gone()) return text;
    if (is_terminal && never_waits_) {
      text.remove_prefix(write_some(fd, text));
      if (text.empty()) break;
    }
    pollfd waited[] = {{}, {fd, POLLOUT, 0}, {surroundings_.gone_fd(), POLLIN, 0}};
    poll_interruptibly(waited, 3, -1);
    if (waited[2].revents != 0) return text;
    if (waited[1].revents & (POLLERR | POLLHUP | POLLNVAL)) return {};  // nobody will ever see it
    const std::string_view some = text.substr(0, k_careful);
    const ssize_t size = ::write(fd, some.data(), some.size());
    if (size > 0) text.remove_prefix(static_cast<size_t>(size));
    if (size < 0 && errno != EINTR && errno != EAGAIN) return {};
  }
  return {};
}

void PersonTerminal::draw(std::string_view text) {
  write_all(out_is_terminal_ ? surroundings_.out() : surroundings_.err(), text);
}

std::string PersonTerminal::take_printed() {
  const Lock lock(mutex_);
  printed_ = false;
  return take_kept();
}

void PersonTerminal::set_editing(bool editing) {
  Lock lock(mutex_);
  if (!editing) editing_ = false;
  drain(lock);
  editing_ = editing;
  printed_ = interrupted_ = false;
}

bool PersonTerminal::editing() const {
  const Lock lock(mutex_);
  return editing_;
}

// --- typing ------------------------------------------------------------------------------------------------

void PersonTerminal::set_modes(int fd, const termios& modes) const {
  const Lock lock(mutex_);
  if (!surroundings_.away()) ::tcsetattr(fd, TCSANOW, &modes);
}

void PersonTerminal::wait_for_return() {
  lang::park(this, [this] { return !surroundings_.away() || surroundings_.gone(); });
}

void PersonTerminal::suspend() {
  surroundings_.set_away(true);
  suspend_();
  wait_for_return();
}

bool PersonTerminal::wait_for_typing() {
  for (;;) {
    wait_for_return();
    if (surroundings_.gone()) return false;
    pollfd waited[] = {{},
                       {surroundings_.in(), POLLIN, 0},
                       {surroundings_.gone_fd(), POLLIN, 0},
                       {surroundings_.away_fd(), POLLIN, 0}};
    poll_interruptibly(waited, 4, -1);
    if (waited[2].revents != 0) return false;
    if (waited[3].revents == 0 && waited[1].revents != 0) return true;
  }
}

bool PersonTerminal::read_typed(std::string& input) {
  char bytes[4096];
  for (;;) {
    if (!wait_for_typing()) return false;
    const ssize_t size = ::read(surroundings_.in(), bytes, sizeof bytes);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size > 0) input.append(bytes, static_cast<size_t>(size));
    return size > 0;
  }
}

bool PersonTerminal::more_typed() const {
  pollfd input{surroundings_.in(), POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

PersonTerminal::Event PersonTerminal::wait(std::string& input, int timeout_ms) {
  {
    const Lock lock(mutex_);
    drain_event(happened_.get());
    if (surroundings_.gone()) return Event::closed;
    if (std::exchange(interrupted_, false)) return Event::interrupted;
    if (std::exchange(resized_, false)) return Event::resized;
    if (printed_) return Event::printed;
  }
  pollfd waited[] = {{},
                     {surroundings_.in(), POLLIN, 0},
                     {happened_.get(), POLLIN, 0},
                     {surroundings_.gone_fd(), POLLIN, 0},
                     {surroundings_.away_fd(), POLLIN, 0}};
  poll_interruptibly(waited, 5, timeout_ms);
  if (waited[3].revents != 0) return Event::closed;
  if (waited[4].revents != 0) {
    wait_for_return();
    return Event::returned;
  }
  if (waited[2].revents != 0) return wait(input, timeout_ms);
  if (waited[1].revents == 0) return Event::pause;
  char bytes[4096];
  const ssize_t size = ::read(surroundings_.in(), bytes, sizeof bytes);
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return Event::resized;
  if (size <= 0) return Event::closed;
  input.append(bytes, static_cast<size_t>(size));
  return Event::bytes;
}

}  // namespace reops::repl
