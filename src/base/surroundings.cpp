#include "base/surroundings.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace reops::base {
namespace {

thread_local Surroundings* t_surroundings = nullptr;
// A thread shares its folder with the one that started it until it has one of its own.
thread_local bool t_has_own_folder = false;

// The folder of the process, kept from the time before any thread had another.
int own_folder() {
  static const int folder = ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return folder;
}

void go_to(int folder) {
  // Where the system refuses a thread a folder of its own, all stay in that of the process.
  if (!t_has_own_folder && ::unshare(CLONE_FS) != 0) return;
  t_has_own_folder = true;
  [[maybe_unused]] const int gone = ::fchdir(folder);
}

}  // namespace

Surroundings::Surroundings(Given given)
    : given_(std::move(given)), away_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  own_folder();
  for (std::string& entry : given_.environment) pointers_.push_back(entry.data());
  pointers_.push_back(nullptr);
}

const char* Surroundings::variable(const char* name) const {
  const std::size_t length = std::strlen(name);
  for (const std::string& entry : given_.environment)
    if (entry.size() > length && entry[length] == '=' && entry.compare(0, length, name) == 0)
      return entry.c_str() + length + 1;
  return nullptr;
}

void Surroundings::set_waited_for() { waited_for_ = ::gettid(); }
bool Surroundings::waited_for() const { return waited_for_.load() == ::gettid(); }

void Surroundings::let_go() {
  waited_for_ = 0;
  const UniqueFd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
  // The numbers stay ours: somebody may be about to use them.
  for (const int fd : {in(), out(), err()})
    if (nowhere && fd >= 0) ::dup3(nowhere.get(), fd, O_CLOEXEC);
  gone_.cancel();
}

void Surroundings::set_away(bool away) {
  if (away_.exchange(away) == away) return;
  std::uint64_t count = 1;
  [[maybe_unused]] const ssize_t told = away ? ::write(away_event_.get(), &count, sizeof count)
                                             : ::read(away_event_.get(), &count, sizeof count);
}

Surroundings* current_surroundings() { return t_surroundings; }
const char* variable(const char* name) {
  return t_surroundings ? t_surroundings->variable(name) : std::getenv(name);
}
char* const* environment() { return t_surroundings ? t_surroundings->environment() : environ; }
int standard_input() { return t_surroundings ? t_surroundings->in() : STDIN_FILENO; }
int standard_output() { return t_surroundings ? t_surroundings->out() : STDOUT_FILENO; }
int standard_error() { return t_surroundings ? t_surroundings->err() : STDERR_FILENO; }
bool person_waits() { return t_surroundings ? t_surroundings->waited_for() : ::gettid() == ::getpid(); }

void enter_surroundings(Surroundings* surroundings) {
  if (surroundings == t_surroundings) return;
  t_surroundings = surroundings;
  go_to(surroundings ? surroundings->folder() : own_folder());
}

}  // namespace reops::base
