#include "ssh/proxy_command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/errors.hpp"

namespace reops::ssh {
namespace {

// Gone, it is collected; until then it costs a descriptor.
void collect_when_ended(base::EventLoop& loop, pid_t pid) {
  auto ended = std::make_shared<base::UniqueFd>(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  auto watch_id = std::make_shared<base::EventLoop::WatchId>(0);
  auto watch = loop.watch(ended->get(), EPOLLIN, [&loop, ended, watch_id, pid](std::uint32_t) {
    ::waitpid(pid, nullptr, WNOHANG);
    loop.unwatch(*watch_id);
  });
  if (watch) *watch_id = watch.value();
}

}  // namespace

base::Result<base::UniqueFd> start_proxy_command(base::EventLoop& loop, const std::string& command) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return base::errno_error("ssh/local", "no socket for ProxyCommand", errno);
  base::UniqueFd ours(pair[0]);
  const base::UniqueFd its(pair[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, its.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, its.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // A process group of its own: Ctrl-C is for the prompt. And no signal stays blocked as they are in this
  // thread.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);

  std::string text = "exec " + command;
  std::string shell = "sh", option = "-c";
  std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, "/bin/sh", &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return base::errno_error("ssh/local", "cannot start the ProxyCommand " + command, error);
  collect_when_ended(loop, pid);
  return ours;
}

}  // namespace reops::ssh
