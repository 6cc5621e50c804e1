#pragma once
// WorkerPool: a few threads for calls that block, so that event loops never do.

#include <cstddef>
#include <functional>
#include <memory>

#include "base/clock.hpp"

namespace reops::base {

/// Starts its threads when there is work and not before. Thread-safe.
///
/// A task may hang in a library for as long as it likes (a name server that does not answer), so nobody can
/// promise to join it: the threads are detached, and a task owns all that it touches. The destructor drops
/// what has not begun and does not wait; wait_idle() does, up to a deadline.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  explicit WorkerPool(std::size_t max_threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Queues `task`. False when it is not queued, because not even one thread can be had from the system.
  bool post(Task task);

  /// Whether every task posted so far has ended by the deadline.
  bool wait_idle(Deadline deadline);

 private:
  struct State;
  static void work(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace reops::base
