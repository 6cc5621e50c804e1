#include "base/worker_pool.hpp"

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace reops::base {

struct WorkerPool::State {
  std::mutex mutex;  // guards all below
  std::condition_variable work;
  std::condition_variable idle;
  std::deque<Task> tasks;
  std::size_t max_threads = 1;
  std::size_t threads = 0;
  std::size_t busy = 0;
  bool closed = false;
};

WorkerPool::WorkerPool(std::size_t max_threads) : state_(std::make_shared<State>()) {
  state_->max_threads = max_threads;
}

WorkerPool::~WorkerPool() {
  std::deque<Task> dropped;  // destroyed outside the lock
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  dropped.swap(state_->tasks);
  state_->work.notify_all();
}

void WorkerPool::work(std::shared_ptr<State> state) {
  // Signals belong to the program's own threads; SIGPIPE is an error code in ours.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::unique_lock lock(state->mutex);
  for (;;) {
    state->work.wait(lock, [&] { return state->closed || !state->tasks.empty(); });
    if (state->tasks.empty()) break;
    Task task = std::move(state->tasks.front());
    state->tasks.pop_front();
    ++state->busy;
    lock.unlock();
    task();
    task = nullptr;  // what it owns goes before it counts as ended
    lock.lock();
    --state->busy;
    if (state->busy == 0 && state->tasks.empty()) state->idle.notify_all();
  }
  --state->threads;
}

bool WorkerPool::post(Task task) {
  const std::lock_guard lock(state_->mutex);
  state_->tasks.push_back(std::move(task));
  const bool all_busy = state_->busy + state_->tasks.size() > state_->threads;
  if (all_busy && state_->threads < state_->max_threads) {
    try {
      std::thread(work, state_).detach();
      ++state_->threads;
    } catch (const std::system_error&) {
      if (state_->threads == 0) {
        state_->tasks.pop_back();
        return false;
      }
    }
  }
  state_->work.notify_one();
  return true;
}

bool WorkerPool::wait_idle(Deadline deadline) {
  std::unique_lock lock(state_->mutex);
  const auto idle = [&] { return state_->busy == 0 && state_->tasks.empty(); };
  if (deadline.is_never()) {
    state_->idle.wait(lock, idle);
    return true;
  }
  return state_->idle.wait_until(lock, deadline.moment(), idle);
}

}  // namespace reops::base
