#include "lang/runtime/tasks.hpp"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/vm/parking.hpp"
#include "lang/vm/registry.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

// How long a thread without work stays, and how large its native stack may grow. (The pages come when
// touched; deep recursion of the language itself is in the value stack.)
constexpr std::chrono::seconds k_idle{10};
constexpr size_t k_native_stack = size_t{4} << 20;
constexpr size_t k_large_native_stack = size_t{8} << 20;

struct Pool {
  std::mutex lock;
  std::condition_variable changed;
  std::deque<std::function<void()>> waiting;  ///< never more than there are idle threads
  size_t idle = 0;
  size_t threads = 0;
  bool ending = false;
};

Pool& pool() {
  // Never destroyed: its threads are not waited for when the process ends.
  static auto& the = *new Pool;
  return the;
}

/// The next piece of work, or nothing when the thread should end. Waits as a blocked thread, so that
/// handshakes pass.
std::function<void()> next_work(Pool& p, Thread& self) {
  bool was_blocked = enter_blocked(self);
  std::function<void()> work;
  {
    std::unique_lock lock(p.lock);
    ++p.idle;
    p.changed.wait_for(lock, k_idle, [&] { return !p.waiting.empty() || p.ending; });
    --p.idle;
    if (!p.waiting.empty()) {
      work = std::move(p.waiting.front());
      p.waiting.pop_front();
    }
  }
  leave_blocked(self, was_blocked);
  return work;
}

void forget_last_task(Thread& self) {
  swap_binding_frame(Ref());
  self.binding_stack.clear();
  self.locals = Ref();
  clear_interrupt(self);
  trim_stacks(self);
}

void serve(std::unique_ptr<Thread> thread, std::function<void()> work) {
  Pool& p = pool();
  {
    ThreadScope scope(std::move(thread));
    while (work) {
      work();
      work = nullptr;
      forget_last_task(this_thread());
      work = next_work(p, this_thread());
    }
  }
  std::lock_guard lock(p.lock);
  --p.threads;
  p.changed.notify_all();
}

struct Start {
  std::unique_ptr<Thread> thread;
  size_t native_stack;
  std::function<void()> work;
};

void start_thread(std::function<void()> work, bool large) {
  auto* owned =
      new Start{reserve_thread(large), large ? k_large_native_stack : k_native_stack, std::move(work)};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, owned->native_stack);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t id;
  int failed = pthread_create(
      &id, &attributes,
      [](void* argument) -> void* {
        std::unique_ptr<Start> start(static_cast<Start*>(argument));
        start->thread->native_limit = native_limit_of_new_thread(start->native_stack);
        serve(std::move(start->thread), std::move(start->work));
        return nullptr;
      },
      owned);
  pthread_attr_destroy(&attributes);
  if (failed) {
    delete owned;
    throw_error(ErrorClass::out_of_memory, "Cannot start another thread: the system has reached its limit");
  }
}

void start_counted(std::function<void()> work, bool large) {
  try {
    start_thread(std::move(work), large);
  } catch (...) {
    std::lock_guard lock(pool().lock);
    --pool().threads;
    throw;
  }
}

}  // namespace

void run_task(std::function<void()> work) {
  Pool& p = pool();
  {
    std::lock_guard lock(p.lock);
    if (p.ending) throw_illegal_state("The runtime is ending and starts nothing new");
    if (p.idle > p.waiting.size()) {
      p.waiting.push_back(std::move(work));
      p.changed.notify_one();
      return;
    }
    ++p.threads;
  }
  start_counted(std::move(work), false);
}

void run_session_task(std::function<void()> work) {
  Pool& p = pool();
  {
    std::lock_guard lock(p.lock);
    if (p.ending) throw_illegal_state("The runtime is ending and starts nothing new");
    ++p.threads;
  }
  start_counted(std::move(work), true);
}

bool end_tasks(std::chrono::milliseconds patience) {
  Pool& p = pool();
  {
    std::lock_guard lock(p.lock);
    p.ending = true;
    p.changed.notify_all();
  }
  Thread* self = t_thread;
  each_thread([&](Thread& t) {
    if (&t != self) interrupt_thread(t);
  });
  bool was_blocked = self && enter_blocked(*self);
  bool ended;
  {
    std::unique_lock lock(p.lock);
    ended = p.changed.wait_for(lock, patience, [&] { return p.threads == 0; });
    p.ending = false;
  }
  if (self) leave_blocked(*self, was_blocked);
  return ended;
}

unsigned processor_count() {
  unsigned n = std::thread::hardware_concurrency();
  return n == 0 ? 1 : n;
}

}  // namespace reops::lang
