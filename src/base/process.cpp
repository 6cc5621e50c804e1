#include "base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "base/errors.hpp"
#include "base/sigpipe_guard.hpp"
#include "base/surroundings.hpp"
#include "base/unique_fd.hpp"

namespace reops::base {
namespace {

// A process that SIGKILL does not end hangs in the kernel (a dead network disk), perhaps for ever.
constexpr Millis k_unkillable_after(5000);

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return errno_error("process", "cannot make a pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void set_nonblocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

// What posix_spawn wants of a list of strings; it does not change them.
std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

struct SpawnActions {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnActions() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
};

// The child starts as if from a fresh shell: default signals, nothing blocked, no descriptor of ours.
void set_attributes(posix_spawnattr_t& attributes) {
  sigset_t all;
  sigset_t none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

/// One running child and the three pipes to it.
class Child {
 public:
  explicit Child(const ProcessSpec& spec) : spec_(spec) {}
  ~Child() {
    if (pid_ > 0 && !reaped_) {
      ::kill(-pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Result<void> start();
  Result<ProcessResult> finish();

 private:
  struct Output {
    UniqueFd fd;
    std::string* data;
    std::size_t* dropped;
  };

  void feed_input();
  void drain(Output& output);
  void end_group(ProcessResult::End why);
  void reap();
  bool wait_for_exit(Deadline deadline);

  const ProcessSpec& spec_;
  ProcessResult result_;
  pid_t pid_ = -1;
  bool reaped_ = false;
  UniqueFd pidfd_;
  UniqueFd input_;
  std::size_t input_sent_ = 0;
  std::array<Output, 2> outputs_{
      Output{UniqueFd(), &result_.out, &result_.out_dropped},
      Output{UniqueFd(), &result_.err, &result_.err_dropped},
  };
};

Result<void> Child::start() {
  if (spec_.argv.empty() || spec_.argv[0].empty())
    return Error{"process/empty", "cannot run a program without a name: the argument list is empty", {}};
  Result<Pipe> in = make_pipe();
  Result<Pipe> out = make_pipe();
  Result<Pipe> err = make_pipe();
  if (!in) return in.error();
  if (!out) return out.error();
  if (!err) return err.error();

  SpawnActions spawn;
  posix_spawn_file_actions_adddup2(&spawn.actions, in.value().reader.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&spawn.actions, out.value().writer.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&spawn.actions, err.value().writer.get(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&spawn.actions, STDERR_FILENO + 1);
  if (!spec_.folder.empty()) posix_spawn_file_actions_addchdir_np(&spawn.actions, spec_.folder.c_str());
  set_attributes(spawn.attributes);

  std::vector<std::string> variables;
  if (spec_.environment)
    for (const auto& [name, value] : *spec_.environment) variables.push_back(name + "=" + value);
  const std::vector<char*> environment = pointers(variables);
  const std::vector<char*> arguments = pointers(spec_.argv);
  const int error =
      ::posix_spawnp(&pid_, spec_.argv[0].c_str(), &spawn.actions, &spawn.attributes, arguments.data(),
                     spec_.environment ? environment.data() : base::environment());
  if (error != 0) {
    pid_ = -1;
    std::string what = "cannot run " + spec_.argv[0];
    if (!spec_.folder.empty()) what += " in " + spec_.folder;
    Error made = errno_error("process", what, error);
    made.data["program"] = spec_.argv[0];
    return made;
  }
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) return errno_error("process", "cannot watch " + spec_.argv[0], errno);
  input_ = std::move(in.value().writer);
  outputs_[0].fd = std::move(out.value().reader);
  outputs_[1].fd = std::move(err.value().reader);
  set_nonblocking(input_.get());
  for (Output& output : outputs_) set_nonblocking(output.fd.get());
  if (spec_.input.empty()) input_.reset();
  return {};
}

void Child::feed_input() {
  const ssize_t sent =
      ::write(input_.get(), spec_.input.data() + input_sent_, spec_.input.size() - input_sent_);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // A program that does not read its input to the end (EPIPE) is within its rights.
  if (sent >= 0) input_sent_ += static_cast<std::size_t>(sent);
  if (sent < 0 || input_sent_ == spec_.input.size()) input_.reset();
}

// Takes all there is now. Bounded by what can arrive between two looks at the deadline.
void Child::drain(Output& output) {
  std::array<char, 65536> chunk;
  for (int round = 0; output.fd && round < 64; ++round) {
    const ssize_t got = ::read(output.fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      output.fd.reset();
      return;
    }
    const std::size_t size = static_cast<std::size_t>(got);
    const std::size_t room = spec_.output_limit - output.data->size();
    output.data->append(chunk.data(), std::min(size, room));
    *output.dropped += size - std::min(size, room);
  }
}

void Child::reap() {
  reaped_ = true;
  int status = 0;
  // Not reaped is only a process stuck in the kernel after SIGKILL; it is left to whoever owns us.
  if (::waitpid(pid_, &status, WNOHANG) != pid_) status = SIGKILL;
  const bool by_signal = WIFSIGNALED(status);
  result_.code = by_signal ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (result_.end == ProcessResult::End::exited && by_signal) result_.end = ProcessResult::End::signalled;
}

bool Child::wait_for_exit(Deadline deadline) {
  for (;;) {
    pollfd exit{pidfd_.get(), POLLIN, 0};
    const int ready = ::poll(&exit, 1, deadline.poll_timeout());
    if (ready > 0) return true;
    if (ready == 0) return false;
  }
}

// The child is not reaped yet, so its number, and with it its group's, cannot have been given to another.
void Child::end_group(ProcessResult::End why) {
  result_.end = why;
  ::kill(-pid_, SIGTERM);
  wait_for_exit(Deadline::in(spec_.kill_grace));
  // Always, because members of the group may outlive its leader.
  ::kill(-pid_, SIGKILL);
  wait_for_exit(Deadline::in(k_unkillable_after));
}

Result<ProcessResult> Child::finish() {
  const SigpipeGuard guard;
  for (;;) {
    std::array<pollfd, 5> polled{{{pidfd_.get(), POLLIN, 0},
                                  {spec_.cancel_fd, POLLIN, 0},
                                  {outputs_[0].fd.get(), POLLIN, 0},
                                  {outputs_[1].fd.get(), POLLIN, 0},
                                  {input_.get(), POLLOUT, 0}}};
    if (::poll(polled.data(), polled.size(), spec_.deadline.poll_timeout()) < 0 && errno != EINTR)
      return errno_error("process", "cannot wait for " + spec_.argv[0], errno);
    if (polled[2].revents != 0) drain(outputs_[0]);
    if (polled[3].revents != 0) drain(outputs_[1]);
    if (polled[4].revents != 0) feed_input();
    if (polled[0].revents != 0) break;
    if (polled[1].revents != 0) {
      end_group(ProcessResult::End::cancelled);
      break;
    }
    if (spec_.deadline.expired()) {
      end_group(ProcessResult::End::timed_out);
      break;
    }
  }
  // What the program wrote before it ended is in the pipes by now.
  for (Output& output : outputs_) drain(output);
  reap();
  return std::move(result_);
}

}  // namespace

Result<ProcessResult> run_process(const ProcessSpec& spec) {
  Child child(spec);
  if (Result<void> started = child.start(); !started) return started.take_error();
  return child.finish();
}

}  // namespace reops::base
