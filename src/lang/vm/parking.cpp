#include "lang/vm/parking.hpp"

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "lang/vm/call.hpp"
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

BlockingRegion::BlockingRegion(std::function<void()> wake) : thread_(t_thread), wake_(std::move(wake)) {
  if (!thread_) return;
  {
    std::lock_guard lock(thread_->wake_lock);
    outer_wake_ = thread_->wake;
    thread_->wake = &wake_;
  }
  was_blocked_ = enter_blocked(*thread_);
  // Asked for before anybody could have woken us: the wake-up must not be lost.
  if (thread_->requests.load() & Thread::interrupt) wake_();
}

BlockingRegion::~BlockingRegion() {
  if (!thread_) return;
  {
    std::lock_guard lock(thread_->wake_lock);
    thread_->wake = outer_wake_;
  }
  leave_blocked(*thread_, was_blocked_);
}

bool park(const void* key, const std::function<bool()>& ready, Deadline deadline) {
  Lot& lot = lot_of(key);
  {
    // Most waits find what they wait for at once, and need no region.
    std::lock_guard held(lot.lock);
    if (ready()) return true;
  }
  Thread* thread = t_thread;
  bool done = false;
  {
    BlockingRegion region([&lot] {
      std::lock_guard held(lot.lock);
      lot.changed.notify_all();
    });
    std::unique_lock held(lot.lock);
    for (bool expired = false;;) {
      done = ready();
      const bool interrupted = !done && thread && thread->requests.load() & Thread::interrupt;
      if (done || interrupted || expired) break;
      wait(lot, held, deadline, expired);
    }
  }
  if (!done) poll_after_wait();
  return done;
}

void unpark(const void* key) {
  Lot& lot = lot_of(key);
  std::lock_guard held(lot.lock);
  lot.changed.notify_all();
}

}  // namespace reops::lang
