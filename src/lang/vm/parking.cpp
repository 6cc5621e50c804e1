#include "lang/vm/parking.hpp"

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "lang/vm/registry.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

// Waiters of all keys that fall on one lot share its condition: a wake-up too many costs one look at `ready`.
struct alignas(64) Lot {
  std::mutex lock;
  std::condition_variable changed;
};

Lot& lot_of(const void* key) {
  // Never destroyed: threads may still be parked when the process ends.
  static auto& lots = *new std::array<Lot, 64>;
  auto bits = reinterpret_cast<uintptr_t>(key);
  return lots[(bits >> 4 ^ bits >> 12) % lots.size()];
}

void wait(Lot& lot, std::unique_lock<std::mutex>& held, const Deadline& deadline, bool& expired) {
  if (!deadline) {
    lot.changed.wait(held);
  } else if (lot.changed.wait_until(held, *deadline) == std::cv_status::timeout) {
    expired = true;
  }
}

}  // namespace

struct BlockingRegion::State {
  Thread* thread;
  bool was_blocked;
  std::function<void()> wake;
  const std::function<void()>* outer_wake;
};

BlockingRegion::BlockingRegion(std::function<void()> wake)
    : state_(new State{t_thread, false, std::move(wake), nullptr}) {
  Thread* thread = state_->thread;
  if (!thread) return;
  {
    std::lock_guard lock(thread->wake_lock);
    state_->outer_wake = thread->wake;
    thread->wake = &state_->wake;
  }
  state_->was_blocked = enter_blocked(*thread);
  // Asked for before anybody could have woken us: the wake-up must not be lost.
  if (thread->requests.load() & Thread::interrupt) state_->wake();
}

BlockingRegion::~BlockingRegion() {
  if (Thread* thread = state_->thread) {
    {
      std::lock_guard lock(thread->wake_lock);
      thread->wake = state_->outer_wake;
    }
    leave_blocked(*thread, state_->was_blocked);
  }
  delete state_;
}

bool park(const void* key, const std::function<bool()>& ready, Deadline deadline) {
  Lot& lot = lot_of(key);
  {
    // Most waits find what they wait for at once, and need no region.
    std::lock_guard held(lot.lock);
    if (ready()) return true;
  }
  Thread* thread = t_thread;
  bool done = false, interrupted = false;
  {
    BlockingRegion region([&lot] {
      std::lock_guard held(lot.lock);
      lot.changed.notify_all();
    });
    std::unique_lock held(lot.lock);
    for (bool expired = false;;) {
      done = ready();
      interrupted = !done && thread && thread->requests.load() & Thread::interrupt;
      if (done || interrupted || expired) break;
      wait(lot, held, deadline, expired);
    }
  }
  if (interrupted) serve_requests(*thread);
  return done;
}

void unpark(const void* key) {
  Lot& lot = lot_of(key);
  std::lock_guard held(lot.lock);
  lot.changed.notify_all();
}

}  // namespace reops::lang
