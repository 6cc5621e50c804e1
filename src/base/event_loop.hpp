#pragma once
// EventLoop: descriptors, timers and work posted from other threads, on one epoll set and one thread.

#include <sys/epoll.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::base {

/// Where other threads leave work for a loop. It outlives the loop, so that a thread which comes late finds a
/// closed door instead of a dangling pointer.
class Inbox {
 public:
  using Task = std::function<void()>;

  explicit Inbox(UniqueFd wake) : wake_(std::move(wake)) {}

  /// Any thread. False, and the task is dropped, when the loop is gone.
  bool post(Task task);

 private:
  friend class EventLoop;
  int fd() const { return wake_.get(); }
  void close();
  std::vector<Task> take();

  UniqueFd wake_;
  std::mutex mutex_;  // guards what follows
  std::vector<Task> tasks_;
  bool open_ = true;
};

/// One thread owns a loop: it alone may call anything but post() and stop(), which any thread may call.
///
/// 1. A callback may unwatch, cancel or destroy anything, its own watch or timer included.
/// 2. After unwatch() returns the callback is not called again, even if an event of it was already fetched.
/// 3. Callbacks do not throw.
class EventLoop {
 public:
  using WatchId = std::uint64_t;  ///< 0 is no watch
  using TimerId = std::uint64_t;  ///< 0 is no timer
  using OnEvents = std::function<void(std::uint32_t events)>;
  using Task = std::function<void()>;

  static Result<std::unique_ptr<EventLoop>> create();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  /// Calls `on_events` with the epoll events (EPOLLIN …) of `fd`,
  /// level-triggered. The loop does not own `fd`.
  Result<WatchId> watch(int fd, std::uint32_t events, OnEvents on_events);
  /// Changes what is waited for. Asking for the same events again costs nothing.
  void rearm(WatchId id, std::uint32_t events);
  /// Harmless for 0, for an id already gone, and for a descriptor that has been closed.
  void unwatch(WatchId id);
  /// unwatch for a descriptor that is closed already, and whose number may be another's by now.
  void forget(WatchId id);

  TimerId at(Deadline deadline, Task task);
  /// Harmless for 0 and for a timer that has fired.
  void cancel(TimerId id);

  /// Runs `task` on the loop's thread, soon and in order of posting. Tasks still waiting when
  /// the loop is destroyed are dropped unrun.
  void post(Task task);
  /// What a worker thread keeps, because it may finish after the loop has gone.
  std::shared_ptr<Inbox> inbox() const { return inbox_; }

  /// Runs until stop().
  Result<void> run();
  /// Ends the run() under way, or the next one at once if none is.
  void stop();

 private:
  struct Watch {
    int fd = -1;
    std::uint32_t events = 0;
    std::uint32_t generation = 1;
    std::shared_ptr<OnEvents> on_events;  // shared, so that it survives its own unwatch
  };
  using TimerKey = std::pair<Steady::time_point, TimerId>;

  EventLoop(UniqueFd epoll, std::shared_ptr<Inbox> inbox);
  Watch* find(WatchId id);
  void run_due_timers();
  int next_timeout() const;

  UniqueFd epoll_;
  std::shared_ptr<Inbox> inbox_;
  std::deque<Watch> watches_;
  std::vector<std::uint32_t> free_slots_;
  std::map<TimerKey, Task> timers_;
  std::map<TimerId, Steady::time_point> timer_moments_;
  TimerId last_timer_ = 0;
  bool running_ = false;
};

}  // namespace reops::base
