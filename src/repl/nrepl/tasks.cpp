#include "repl/nrepl/tasks.hpp"

#include "lang/runtime/tasks.hpp"
#include "lang/value/error.hpp"

namespace reops::repl {

bool SerialTasks::post(Task task) {
  {
    const std::lock_guard held(lock_);
    if (waiting_.size() >= k_most_waiting) return false;
    waiting_.push_back(std::move(task));
    if (std::exchange(working_, true)) return true;
  }
  try {
    lang::run_task([self = shared_from_this()] { self->work(); });
    return true;
  } catch (const lang::Thrown&) {
    const std::lock_guard held(lock_);
    working_ = false;
    waiting_.clear();
    return false;
  }
}

void SerialTasks::work() {
  for (;;) {
    Task task;
    {
      const std::lock_guard held(lock_);
      if (waiting_.empty()) {
        working_ = false;
        return;
      }
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    task();
  }
}

}  // namespace reops::repl
