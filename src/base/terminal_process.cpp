#include "base/terminal_process.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/errors.hpp"
#include "base/surroundings.hpp"

namespace reops::base {
namespace {

/// Puts the terminal's ways back.
class KeptTerminal {
 public:
  explicit KeptTerminal(int fd) : fd_(fd), is_kept_(::tcgetattr(fd, &before_) == 0) {}
  ~KeptTerminal() {
    if (is_kept_) ::tcsetattr(fd_, TCSADRAIN, &before_);
  }
  KeptTerminal(const KeptTerminal&) = delete;
  KeptTerminal& operator=(const KeptTerminal&) = delete;

 private:
  int fd_;
  termios before_{};
  bool is_kept_;
};

int spawn(pid_t& pid, const std::vector<std::string>& argv, int in, int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t all;
  sigset_t none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int error = ::posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, words.data(), environment());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

Result<int> run_at_terminal(const std::vector<std::string>& argv, int in, int out, int err) {
  if (argv.empty() || argv[0].empty())
    return Error{"process/empty", "cannot run a program without a name: the argument list is empty", {}};
  const KeptTerminal kept(in);
  pid_t pid = -1;
  if (const int error = spawn(pid, argv, in, out, err); error != 0)
    return errno_error("process", "cannot run " + argv[0], error);
  int status = 0;
  for (;;) {
    if (::waitpid(pid, &status, WUNTRACED) < 0) {
      if (errno == EINTR) continue;
      return errno_error("process", "cannot wait for " + argv[0], errno);
    }
    if (!WIFSTOPPED(status)) break;
    // Nobody could wake it: there is no shell between us.
    ::kill(pid, SIGCONT);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace reops::base
