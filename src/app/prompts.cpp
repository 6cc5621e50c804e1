#include "prompts.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/folders.hpp"
#include "base/signal_source.hpp"
#include "configuration.hpp"
#include "controller_calls.hpp"
#include "lang/collection/map.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/parking.hpp"
#include "repl/attached/client.hpp"

namespace reops::app {
namespace {

using lang::Ref;
using lang::Value;

// How long a controller that is just ending or beginning is waited for.
constexpr base::Millis k_patience{30'000};
constexpr int k_look_again_ms = 10;

std::string socket_path() { return base::data_folder() + "/prompts.sock"; }
std::string lock_path() { return base::data_folder() + "/prompts.lock"; }

// --- in the controller -------------------------------------------------------------------------------------

Ref described(const repl::PromptPeer& peer) {
  return lang::make_map({lang::keyword("id"), Value::fixnum(static_cast<std::int64_t>(peer.id)),
                         lang::keyword("user"), lang::make_string_lossy(peer.user), lang::keyword("uid"),
                         Value::fixnum(peer.uid), lang::keyword("pid"), Value::fixnum(peer.pid),
                         lang::keyword("tty"),
                         peer.tty.empty() ? lang::nil() : lang::make_string_lossy(peer.tty),
                         lang::keyword("first"), Value::boolean(peer.first)});
}

repl::PromptHooks hooks(const std::string& init_file) {
  repl::PromptHooks made;
  made.begin = [](const repl::PromptPeer& peer, Value surroundings) {
    return call_controller("attach-prompt", {described(peer), surroundings});
  };
  made.ready = [](const repl::PromptPeer& peer) { call_controller("prompt-ready", {described(peer)}); };
  made.end = [](const repl::PromptPeer& peer, bool gone) {
    return call_controller("detach-prompt", {described(peer), Value::boolean(gone)}).get().truthy();
  };
  made.banner = "Re-ops " REOPS_VERSION " — (help) shows what there is, Ctrl-D leaves.\n";
  made.first_init_file = init_file;
  const std::string folder = base::state_folder();
  // Without it there is no history, which is no reason not to start.
  [[maybe_unused]] const base::Result<void> there = base::make_folders(folder);
  made.history_file = folder + "/history";
  return made;
}

// From now on nothing of this process is seen at the terminal where it began. What it prints for nobody in
// particular is kept as long as it runs.
void leave_terminal() {
  const std::string log = base::state_folder() + "/controller.log";
  base::UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  base::UniqueFd written(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  ::dup2(nothing.get(), STDIN_FILENO);
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(written ? written.get() : nothing.get(), fd);
}

int fail(const base::Error& error) {
  std::fprintf(stderr, "reops: %s\n", error.message.c_str());
  return 1;
}

int serve_loop(const Invocation& invocation, PromptDoor door, base::UniqueFd first,
               base::SignalSource& signals) {
  auto loop = base::EventLoop::create();
  if (!loop) return fail(loop.error());
  const std::string init = invocation.init.empty() ? configured_init_file() : "";
  set_process_kind("controller");
  auto server = serve_prompts(*loop.value(), false, init);
  leave_terminal();
  if (door.listener.fd)
    if (auto listening = server->listen(std::move(door.listener)); !listening) return fail(listening.error());
  if (auto adopted = server->adopt(std::move(first)); !adopted) return fail(adopted.error());
  auto watch = loop.value()->watch(signals.fd(), EPOLLIN, [&](std::uint32_t) {
    if (!signals.take()) return;
    server->close(k_told_to_end);
    loop.value()->stop();
  });
  if (!watch) return fail(watch.error());
  {
    const lang::BlockingRegion elsewhere([] {});
    if (auto ended = loop.value()->run(); !ended) return fail(ended.error());
  }
  return controller_call("resign-for-good");
}

// All but the standard streams and what we have opened ourselves.
void close_foreign_descriptors(std::vector<int> ours) {
  std::sort(ours.begin(), ours.end());
  unsigned from = STDERR_FILENO + 1;
  for (const int fd : ours) {
    if (fd < static_cast<int>(from)) continue;
    if (static_cast<unsigned>(fd) > from) ::close_range(from, static_cast<unsigned>(fd) - 1, 0);
    from = static_cast<unsigned>(fd) + 1;
  }
  ::close_range(from, ~0U, 0);
}

int be_controller(const Invocation& invocation, PromptDoor door, base::UniqueFd first) {
  ::setsid();
  close_foreign_descriptors({first.get(), door.listener.fd.get(), door.lock ? door.lock->fd() : -1});
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGTTOU, SIG_DFL);
  if (door.lock)
    if (auto written = door.lock->write_down(); !written) return fail(written.error());
  auto signals = base::SignalSource::create({SIGINT, SIGTERM, SIGHUP});
  if (!signals) return fail(signals.error());
  RuntimeSettings settings = invocation.runtime;
  // Prompts are in folders of their own.
  for (std::string& path : settings.load_path) {
    char absolute[PATH_MAX];
    if (::realpath(path.c_str(), absolute)) path = absolute;
  }
  return with_runtime(
      settings, [&] { return serve_loop(invocation, std::move(door), std::move(first), signals.value()); });
}

// --- at the terminal ---------------------------------------------------------------------------------------

/// To a controller that listens; nothing when nobody does.
base::Result<base::UniqueFd> connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return base::UniqueFd();
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return base::errno_error("socket", "cannot make a socket", errno);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  if (errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN) return base::UniqueFd();
  return base::errno_error("socket", "cannot attach to the controller at " + path, errno);
}

/// What is at the other end of the socket: a controller that runs already, or one that this process has just
/// made. In that one `code` is set, when it has ended.
struct Reached {
  base::UniqueFd socket;
  bool is_new = false;
  std::optional<int> code;
};

base::Result<Reached> make_controller(const Invocation& invocation, PromptDoor door) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return base::errno_error("socket", "cannot make a socket", errno);
  base::UniqueFd ours(ends[0]), theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return base::errno_error("process", "cannot start the controller", errno);
  if (child > 0) return Reached{std::move(ours), true, std::nullopt};
  ours.reset();
  ::fcntl(theirs.get(), F_SETFL, O_NONBLOCK);
  return Reached{{}, true, be_controller(invocation, std::move(door), std::move(theirs))};
}

base::Result<Reached> reach_controller(const Invocation& invocation, base::Deadline deadline) {
  for (;;) {
    auto connected = connect(socket_path());
    if (!connected) return connected.take_error();
    if (connected.value()) return Reached{std::move(connected).value(), false, std::nullopt};
    auto door = PromptDoor::open();
    if (!door) {
      // Where nothing can be written a prompt works all the same; only nobody else can attach to it.
      std::fprintf(stderr, "No other prompt can attach to this one: %s\n", door.error().message.c_str());
      return make_controller(invocation, {});
    }
    if (door.value().lock) return make_controller(invocation, std::move(door).value());
    if (deadline.expired()) {
      return base::Error{"re-core/other-controller",
                         "The controller, process " + PromptDoor::owner() +
                             ", lets nobody attach. End that process; jobs are taken up where they are.",
                         {}};
    }
    // Another one is just beginning, or ending.
    ::poll(nullptr, 0, k_look_again_ms);
  }
}

int say_it_is_silent() {
  std::fprintf(stderr,
               "reops: The controller, process %s, does not answer. It lives: wait, or end that process.\n",
               PromptDoor::owner().c_str());
  return 1;
}

int code_of_child() {
  int status = 0;
  return ::waitpid(-1, &status, 0) > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

void mention_unused_settings(const Invocation& invocation) {
  if (invocation.runtime.load_path.empty() && invocation.runtime.memory_limit == 0) return;
  std::fprintf(
      stderr,
      "-L and --memory-limit are not used: they are those of the controller that runs already, process %s.\n",
      PromptDoor::owner().c_str());
}

}  // namespace

base::Result<PromptDoor> PromptDoor::open() {
  const auto failed = [](base::Error error) {
    error.type = "store/cannot-open";
    return error;
  };
  PromptDoor door;
  auto lock = base::OwnerLock::try_lock(lock_path());
  if (!lock) return failed(lock.take_error());
  if (!lock.value()) return door;
  auto listener = base::listen_unix(socket_path());
  if (!listener) return failed(listener.take_error());
  return PromptDoor{std::move(lock).value(), std::move(listener).value()};
}

std::string PromptDoor::owner() {
  const auto pid = base::OwnerLock::owner(lock_path());
  return pid ? std::to_string(*pid) : "";
}

std::unique_ptr<repl::PromptServer> serve_prompts(base::EventLoop& loop, bool stays,
                                                  const std::string& init_file) {
  return std::make_unique<repl::PromptServer>(
      loop, repl::PromptServer::Options{REOPS_VERSION, hooks(init_file), [&loop] { loop.stop(); }, stays});
}

int run_person_prompt(const Invocation& invocation) {
  base::Deadline deadline = base::Deadline::in(k_patience);
  for (;;) {
    auto reached = reach_controller(invocation, deadline);
    if (!reached) return fail(reached.error());
    if (reached.value().code) return *reached.value().code;
    const bool is_new = reached.value().is_new;
    if (!is_new) mention_unused_settings(invocation);
    auto client = repl::PromptClient::create();
    if (!client) return fail(client.error());
    using Way = repl::PromptClient::End::Way;
    const auto end = client.value().attach(std::move(reached.value().socket), REOPS_VERSION, invocation.init);
    switch (end.way) {
      case Way::left:
        if (!end.why.empty()) std::fprintf(stderr, "%s\n", end.why.c_str());
        return end.code;
      case Way::told:
        return end.code;
      case Way::refused:
        std::fprintf(stderr, "reops: %s\n", end.why.c_str());
        return 1;
      case Way::silent:
        return say_it_is_silent();
      case Way::lost:
        if (!end.controller.empty()) break;
        // It said itself why it could not begin.
        if (is_new) return code_of_child();
        // It was ending when we came: there is another one now, or none.
        if (deadline.expired()) return say_it_is_silent();
        continue;
    }
    ::waitpid(-1, nullptr, WNOHANG);
    const std::string answer = client.value().ask("\nThe controller, process " + end.controller +
                                                  ", has died. Jobs are in the store, and go on when there "
                                                  "is one again.\n[a]ttach again, or [l]eave? ");
    if (answer.empty() || (answer[0] != 'a' && answer[0] != 'A')) return 1;
    deadline = base::Deadline::in(k_patience);
  }
}

}  // namespace reops::app
