#pragma once
// Slots: how many may do one kind of work at a time; the others wait in line.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>

namespace reops::ssh {

/// One thread's.
class Slots {
 public:
  using Task = std::function<void()>;

  explicit Slots(std::size_t count) : free_(count) {}

  /// Runs `task` now, or when its turn comes; it holds a slot from then on.
  /// One whose owner has gone is passed over.
  void acquire(std::weak_ptr<void> owner, Task task) {
    waiting_.push_back({std::move(owner), std::move(task)});
    serve();
  }

  void release() {
    ++free_;
    serve();
  }

 private:
  struct Waiting {
    std::weak_ptr<void> owner;
    Task task;
  };

  void serve() {
    while (free_ > 0 && !waiting_.empty()) {
      Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      const auto owner = next.owner.lock();
      if (owner == nullptr) continue;
      --free_;
      next.task();
    }
  }

  std::size_t free_;
  std::deque<Waiting> waiting_;
};

}  // namespace reops::ssh
