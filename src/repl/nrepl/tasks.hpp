#pragma once
// SerialTasks: work on language threads, one piece after another.

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace reops::repl {

/// Runs what is posted in order, on a thread of the language's that it has while there is work. Others' work
/// is never waited for. Any thread posts.
class SerialTasks : public std::enable_shared_from_this<SerialTasks> {
 public:
  using Task = std::function<void()>;

  /// False when the task is not taken: too many wait already, or no thread can be had.
  bool post(Task task);

 private:
  void work();

  static constexpr size_t k_most_waiting = 10'000;

  std::mutex lock_;
  std::deque<Task> waiting_;
  bool working_ = false;
};

}  // namespace reops::repl
