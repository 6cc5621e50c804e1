#include "lang/vm/handshake.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "lang/vm/registry.hpp"
#include "lang/vm/thread.hpp"

// A handshake, in steps, all under the registry's lock:
//
//   1. begins: what was retired so far becomes `leaving`, the epoch goes up, every thread that is not blocked
//   is asked;
//   2. each thread, at a poll, puts the addresses its stack and frames hold into `seen`; for blocked ones we
//   do;
//   3. the last one ends it: `leaving` and `seen` are taken out, and released outside the lock.
//
// A thread that looked at a var before step 2 holds what it found on its stack, where it is seen; one that
// looks after step 2 finds what replaced it. What is borrowed from within a retired value (a function in a
// method table) counts as well as the value itself, so the release goes object by object and stops at those
// that were seen.

namespace reops::lang {
namespace {

using Clock = std::chrono::steady_clock;

// Retired values gather up to this many before a handshake is worth its while.
constexpr size_t k_gather = 64;
constexpr std::chrono::seconds k_patience{1};

struct Registry {
  std::mutex lock;
  std::condition_variable changed;
  std::vector<Thread*> threads;

  uint64_t epoch = 0;
  bool under_way = false;
  std::vector<Ref> retired;  ///< waits for the next handshake
  std::vector<Ref> leaving;  ///< of the handshake under way
  std::vector<const Object*> seen;
  size_t reaping = 0;  ///< handshakes that ended and whose values are being released just now

  const Thread* stopper = nullptr;  ///< who has stopped the world
};

Registry& registry() {
  // Never destroyed: detached threads may outlive static storage.
  static auto& the = *new Registry;
  return the;
}

/// What one handshake has found free, to be released outside the lock.
struct Harvest {
  std::vector<Ref> leaving;
  std::vector<const Object*> seen;
};

void scan(const Thread& thread, std::vector<const Object*>& seen) {
  // Addresses only: a slot may hold what a borrow left behind, so nothing here is looked into.
  const Object* last = nullptr;
  auto note = [&](const Object* o) {
    if (o && o != last) seen.push_back(last = o);
  };
  for (const Value* slot = thread.stack; slot < thread.top; ++slot) {
    if (slot->is_object()) note(slot->as_object());
  }
  for (const Frame* f = thread.frames; f <= thread.frame; ++f) note(reinterpret_cast<const Object*>(f->fn));
}

/// Acknowledges for `thread` if it has not yet; under the lock.
void acknowledge(Registry& r, Thread& thread) {
  if (!r.under_way || thread.acknowledged == r.epoch) return;
  scan(thread, r.seen);
  thread.acknowledged = r.epoch;
}

/// Ends the handshake if everybody has acknowledged; under the lock. The caller releases the harvest outside
/// it.
Harvest end_if_complete(Registry& r) {
  if (!r.under_way) return {};
  for (Thread* t : r.threads) {
    if (t->acknowledged != r.epoch) return {};
  }
  r.under_way = false;
  ++r.reaping;
  return {std::move(r.leaving), std::move(r.seen)};
}

void begin(Registry& r) {
  if (r.under_way || r.retired.empty()) return;
  r.under_way = true;
  ++r.epoch;
  r.leaving = std::exchange(r.retired, {});
  r.seen.clear();
  for (Thread* t : r.threads) {
    if (t->blocked) {
      acknowledge(r, *t);
    } else {
      t->ask(Thread::handshake);
    }
  }
}

/// Releases one value, sparing (and returning to `spared`) every object on the way whose address was seen.
void release_unseen(Ref value, const std::vector<const Object*>& seen, std::vector<Ref>& spared) {
  std::vector<Object*> dying;
  auto drop = [&](Value v) {
    if (v.is_object() && drop_count(v.as_object())) dying.push_back(v.as_object());
  };
  drop(value.take());
  while (!dying.empty()) {
    Object* o = dying.back();
    dying.pop_back();
    if (std::binary_search(seen.begin(), seen.end(), o)) {
      std::atomic_ref(o->count).store(1, std::memory_order_relaxed);
      spared.push_back(Ref::adopt(o));
      continue;
    }
    for (Value& slot : slots_of(*o)) drop(std::exchange(slot, Value::nil()));
    destroy(o);
  }
}

void reap(Harvest harvest) {
  if (harvest.leaving.empty()) return;
  std::sort(harvest.seen.begin(), harvest.seen.end());
  harvest.seen.erase(std::unique(harvest.seen.begin(), harvest.seen.end()), harvest.seen.end());
  std::vector<Ref> spared;
  for (Ref& value : harvest.leaving) release_unseen(std::move(value), harvest.seen, spared);
  harvest.leaving.clear();
  Registry& r = registry();
  std::lock_guard lock(r.lock);
  --r.reaping;
  r.changed.notify_all();
  for (Ref& value : spared) r.retired.push_back(std::move(value));
}

/// Until nobody has stopped the world; under the lock, the thread being marked blocked meanwhile.
void stand_still(Registry& r, std::unique_lock<std::mutex>& lock, Thread& thread) {
  if (!r.stopper || r.stopper == &thread) return;
  bool was_blocked = std::exchange(thread.blocked, true);
  r.changed.notify_all();
  r.changed.wait(lock, [&] { return r.stopper == nullptr; });
  thread.blocked = was_blocked;
}

}  // namespace

void enter_registry(Thread& thread) {
  Registry& r = registry();
  std::unique_lock lock(r.lock);
  r.changed.wait(lock, [&] { return r.stopper == nullptr; });
  thread.acknowledged = r.epoch;
  r.threads.push_back(&thread);
}

void leave_registry(Thread& thread) {
  Registry& r = registry();
  Harvest harvest;
  {
    std::lock_guard lock(r.lock);
    std::erase(r.threads, &thread);
    harvest = end_if_complete(r);
    r.changed.notify_all();
  }
  reap(std::move(harvest));
}

void each_thread(const std::function<void(Thread&)>& visit) {
  Registry& r = registry();
  std::lock_guard lock(r.lock);
  for (Thread* t : r.threads) visit(*t);
}

void acknowledge_handshake(Thread& thread) {
  Registry& r = registry();
  Harvest harvest;
  {
    std::unique_lock lock(r.lock);
    thread.requests.fetch_and(~uint32_t{Thread::handshake});
    acknowledge(r, thread);
    harvest = end_if_complete(r);
    stand_still(r, lock, thread);
  }
  reap(std::move(harvest));
}

bool enter_blocked(Thread& thread) {
  Registry& r = registry();
  Harvest harvest;
  bool was_blocked;
  {
    std::lock_guard lock(r.lock);
    was_blocked = std::exchange(thread.blocked, true);
    acknowledge(r, thread);
    harvest = end_if_complete(r);
    if (r.stopper) r.changed.notify_all();
  }
  // Destroying may run code of other rooms (closing handles), for which this thread is as good as in its
  // region.
  reap(std::move(harvest));
  return was_blocked;
}

void leave_blocked(Thread& thread, bool was_blocked) {
  Registry& r = registry();
  std::unique_lock lock(r.lock);
  if (!was_blocked) stand_still(r, lock, thread);
  thread.blocked = was_blocked;
}

void retire(Ref old) {
  Value v = old.get();
  if (!v.is_object() || v.as_object()->flags & k_immortal) return;
  Registry& r = registry();
  std::lock_guard lock(r.lock);
  r.retired.push_back(std::move(old));
  if (r.retired.size() >= k_gather) begin(r);
}

size_t drain_retired() {
  Registry& r = registry();
  Thread* self = t_thread;
  auto deadline = Clock::now() + k_patience;
  // Twice at most: what was retired while another handshake was under way takes one of its own.
  for (int round = 0; round < 2; ++round) {
    Harvest harvest;
    {
      std::unique_lock lock(r.lock);
      begin(r);
      bool was_blocked = self && std::exchange(self->blocked, true);
      if (self) acknowledge(r, *self);
      harvest = end_if_complete(r);
      // A handshake that we ended ourselves is released below; others are waited for.
      if (harvest.leaving.empty())
        r.changed.wait_until(lock, deadline, [&] { return !r.under_way && r.reaping == 0; });
      if (self) {
        stand_still(r, lock, *self);
        self->blocked = was_blocked;
      }
    }
    reap(std::move(harvest));
    std::lock_guard lock(r.lock);
    if (r.retired.empty() && !r.under_way) break;
  }
  std::lock_guard lock(r.lock);
  return r.retired.size() + r.leaving.size();
}

std::vector<const Object*> held_by_stacks() {
  std::vector<const Object*> held;
  for (Thread* t : registry().threads) scan(*t, held);
  return held;
}

bool with_world_stopped(const std::function<void()>& work) {
  Registry& r = registry();
  Thread& self = this_thread();
  auto deadline = Clock::now() + k_patience;
  std::unique_lock lock(r.lock);
  stand_still(r, lock, self);
  r.stopper = &self;
  // Who is releasing what a handshake freed counts objects, though it counts as blocked.
  auto others_stand = [&] {
    return r.reaping == 0 && std::all_of(r.threads.begin(), r.threads.end(),
                                         [&](Thread* t) { return t == &self || t->blocked; });
  };
  for (Thread* t : r.threads) {
    if (t != &self && !t->blocked) t->ask(Thread::handshake);
  }
  bool stopped = r.changed.wait_until(lock, deadline, others_stand);
  if (stopped) work();
  r.stopper = nullptr;
  r.changed.notify_all();
  return stopped;
}

}  // namespace reops::lang
