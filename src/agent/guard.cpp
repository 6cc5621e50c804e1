#include "agent/guard.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <new>
#include <optional>

#include "agent/descendants.hpp"
#include "agent/descriptors.hpp"
#include "agent/worker.hpp"
#include "base/clock.hpp"

namespace reops::agent {
namespace {

constexpr int k_watch_every_ms = 100;
constexpr int64_t k_tick_ms = 20;
constexpr base::Millis k_patience{
    2000};  // until what is killed is gone; what hangs in the kernel may take longer
constexpr rlim_t k_descriptors = 4096;
// Against one allocation that jumps over everything between two looks; address space that is only reserved
// counts, too.
constexpr rlim_t k_address_space = rlim_t{8} << 30;

void set_limit(int which, rlim_t most) {
  rlimit limit{};
  getrlimit(static_cast<__rlimit_resource>(which), &limit);
  limit.rlim_max = std::min(limit.rlim_max, most);
  limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  setrlimit(static_cast<__rlimit_resource>(which), &limit);
}

class Guard {
 public:
  Guard(base::UniqueFd orders, const Options& options) : orders_(std::move(orders)), options_(options) {
    void* shared =
        mmap(nullptr, sizeof(CallClock), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) end({SIGKILL, WorkerEnd::by_itself});
    clock_ = new (shared) CallClock;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    children_ = base::UniqueFd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  void start(base::UniqueFd work) {
    pid_t guard = getpid();
    worker_ = fork();
    if (worker_ == 0) {
      setsid();
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != guard) _exit(1);
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      prctl(PR_SET_NAME, "regent-worker");
      set_limit(RLIMIT_CORE, 0);
      set_limit(RLIMIT_NOFILE, k_descriptors);
      set_limit(RLIMIT_NPROC, options_.processes + 4096);
      set_limit(RLIMIT_AS, std::max<rlim_t>(k_address_space, options_.memory * 4));
      close_all_but({work.get()});
      run_worker(std::move(work), options_, *clock_);
    }
    if (worker_ < 0) end({SIGKILL, WorkerEnd::by_itself});
  }

  [[noreturn]] void watch() {
    for (;;) {
      pollfd waited[] = {{orders_.get(), POLLIN, 0}, {children_.get(), POLLIN, 0}};
      int ready = poll(waited, 2, watching_ ? k_watch_every_ms : -1);
      if (ready == 0) look();
      if (waited[1].revents != 0) reap();
      if (waited[0].revents != 0) take_orders();
    }
  }

 private:
  void look() {
    Descendants below = find_descendants(began_ms());
    if (below.pids.size() > options_.processes) finish(WorkerEnd::processes);
    if (bytes_of(below) > options_.memory + options_.memory / 4) finish(WorkerEnd::memory);
  }

  void take_orders() {
    char order;
    ssize_t n = recv(orders_.get(), &order, 1, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0 || order == static_cast<char>(GuardOrder::kill)) finish(WorkerEnd::told);
    watching_ = order == static_cast<char>(GuardOrder::watch);
  }

  void reap() {
    signalfd_siginfo info;
    while (read(children_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    }
    reap_all();
    // One that leaves in order leaves alone what it was to start; after any other end nothing stays.
    if (!status_) return;
    bool in_order = WIFEXITED(*status_) && WEXITSTATUS(*status_) == 0;
    if (!in_order) finish(WorkerEnd::by_itself);
    end({*status_, WorkerEnd::by_itself});
  }

  // False when there are no children any more.
  bool reap_all() {
    for (;;) {
      int status;
      pid_t pid = waitpid(-1, &status, WNOHANG);
      if (pid < 0 && errno == EINTR) continue;
      if (pid <= 0) return pid == 0;
      if (pid == worker_) status_ = status;
    }
  }

  [[noreturn]] void finish(WorkerEnd::Cause cause) {
    if (!status_) {
      kill(-worker_, SIGKILL);
      kill(worker_, SIGKILL);
    }
    base::Deadline deadline = base::Deadline::in(k_patience);
    while (reap_all() && !deadline.expired()) {
      // Stopped first, so that none can make another behind our back; until no new ones are found.
      Descendants below = find_descendants(began_ms());
      for (size_t before = 0; before != below.pids.size(); below = find_descendants(began_ms())) {
        before = below.pids.size();
        for (pid_t pid : below.pids) kill(pid, SIGSTOP);
      }
      for (pid_t pid : below.pids) kill(pid, SIGKILL);
      pollfd children{children_.get(), POLLIN, 0};
      poll(&children, 1, 10);
      signalfd_siginfo info;
      [[maybe_unused]] ssize_t taken = read(children_.get(), &info, sizeof info);
    }
    end({status_.value_or(SIGKILL), cause});
  }

  // What an earlier call started, and was to stay, is not touched. The times of processes are kept in ticks.
  int64_t began_ms() const { return clock_->began_ms.load() - k_tick_ms; }

  [[noreturn]] void end(WorkerEnd how) {
    send(orders_.get(), &how, sizeof how, MSG_NOSIGNAL);
    _exit(0);
  }

  base::UniqueFd orders_, children_;
  const Options& options_;
  CallClock* clock_ = nullptr;
  pid_t worker_ = -1;
  std::optional<int> status_;
  bool watching_ = false;
};

}  // namespace

void run_guard(base::UniqueFd orders, base::UniqueFd work, const Options& options) {
  prctl(PR_SET_NAME, "regent-guard");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::signal(SIGCHLD, SIG_DFL);
  close_all_but({orders.get(), work.get()});
  Guard guard(std::move(orders), options);
  guard.start(std::move(work));
  guard.watch();
}

}  // namespace reops::agent
