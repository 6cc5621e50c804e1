#include "agent/keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>

#include "agent/connection.hpp"
#include "agent/descriptors.hpp"
#include "agent/zygote.hpp"
#include "base/clock.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"

namespace reops::agent {
namespace {

constexpr base::Millis k_first_rest{50}, k_longest_rest{10'000};
// What lived for so long did not die of how it was started.
constexpr base::Millis k_lived_long{10'000};

int say(const std::string& text) {
  std::fprintf(stderr, "regent: %s\n", text.c_str());
  return k_exit_unusable;
}

std::string how_it_ended(int status) {
  return WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                           : "signal " + std::to_string(WTERMSIG(status));
}

class Keeper {
 public:
  explicit Keeper(const Options& options) : options_(options) {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_ = base::UniqueFd(signalfd(-1, &set, SFD_CLOEXEC));
    // What a worker left behind in order belongs to us, and is buried here.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
  }

  int run() {
    for (;;) {
      if (due_.expired()) {
        due_ = base::Deadline::never();
        start_what_is_missing();
      }
      pollfd waited{signals_.get(), POLLIN, 0};
      poll(&waited, 1, due_.poll_timeout());
      if (waited.revents == 0) continue;
      signalfd_siginfo info;
      if (read(signals_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) continue;
      if (info.ssi_signo != SIGCHLD) {
        stopping_ = true;
        if (connection_ <= 0) return 0;
        kill(connection_, SIGTERM);
      }
      if (auto code = reap()) return *code;
    }
  }

 private:
  template <class F>
  pid_t fork_child(F&& work) {
    pid_t pid = fork();
    if (pid != 0) return pid;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    work();
    _exit(1);
  }

  void start_what_is_missing() {
    if (connection_ <= 0 && zygote_ > 0) {
      // It served the one that is gone.
      kill(zygote_, SIGKILL);
      waitpid(zygote_, nullptr, 0);
      zygote_ = -1;
    }
    started_ = base::Steady::now();
    if (zygote_ <= 0) {
      auto pair = make_socket_pair(SOCK_SEQPACKET);
      if (!pair) return later();
      zygote_ = fork_child([&] { run_zygote(std::move(pair.value().theirs), options_); });
      if (zygote_ < 0) return later();
      to_zygote_ = std::move(pair.value().ours);
    }
    if (connection_ > 0) {
      send_descriptors(to_connection_.get(), "+", {to_zygote_.get()});
    } else {
      auto pair = make_socket_pair(SOCK_SEQPACKET);
      if (!pair) return later();
      connection_ = fork_child(
          [&] { _exit(run_connection(std::move(pair.value().theirs), std::move(to_zygote_), options_)); });
      if (connection_ < 0) return later();
      to_connection_ = std::move(pair.value().ours);
    }
    to_zygote_.reset();
  }

  void later() {
    rest_ =
        base::Steady::now() - started_ > k_lived_long ? k_first_rest : std::min(rest_ * 2, k_longest_rest);
    due_ = base::Deadline::in(rest_);
  }

  // The exit code when all is over.
  std::optional<int> reap() {
    for (;;) {
      int status;
      pid_t pid = waitpid(-1, &status, WNOHANG);
      if (pid < 0 && errno == EINTR) continue;
      if (pid <= 0) return std::nullopt;
      if (pid == connection_) {
        connection_ = -1;
        bool over = stopping_ || (WIFEXITED(status) &&
                                  (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == k_exit_unusable));
        if (over) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        say("the connection process ended (" + how_it_ended(status) + "); starting it again");
        later();
      } else if (pid == zygote_) {
        zygote_ = -1;
        if (connection_ > 0) later();
      }
    }
  }

  const Options& options_;
  base::UniqueFd signals_, to_zygote_, to_connection_;
  pid_t connection_ = -1, zygote_ = -1;
  bool stopping_ = false;
  base::Steady::time_point started_{};
  base::Millis rest_ = k_first_rest;
  base::Deadline due_ = base::Deadline::in(base::Millis(0));
};

}  // namespace

int run_keeper(const Options& options) {
  if (auto made = base::make_folders(options.home); !made) return say(made.error().message);
  std::string path = options.home + "/lock";
  base::UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return say(base::errno_error("agent", "cannot write " + path, errno).message);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return say("an agent whose folder is " + options.home +
               " runs already: `regent status` asks it; another one needs another --home");
  prctl(PR_SET_NAME, "regent-keeper");
  return Keeper(options).run();
}

}  // namespace reops::agent
