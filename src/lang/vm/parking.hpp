#pragma once
// Waiting, for everything in the language that blocks: deref of promises and futures, sleep, locks, lazy
// sequences that another thread is realising, child processes, engines.
//
// A thread that waits is inside a blocking region: handshakes go on without it, and an interrupt wakes it.

#include <chrono>
#include <functional>
#include <optional>

namespace reops::lang {

struct Thread;

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

/// Waits until `ready()` is true (checked under the parking lot's lock for `key`), the deadline passes
/// (returns false), or this thread is interrupted (throws). `ready` must not run language code.
bool park(const void* key, const std::function<bool()>& ready, Deadline deadline = std::nullopt);
/// Makes every thread parked on `key` look again. Call after changing what `ready` reads.
void unpark(const void* key);

/// Around a blocking call into another room: handshakes pass by, and `wake` is called when this thread is
/// interrupted: by another thread, or by this one before the constructor returns if the interrupt was there
/// already. It must make the blocking call return, whether that has begun or not (write to a pipe it polls,
/// set a flag and notify), and not throw. The destructor throws nothing; call `poll_after_wait()` afterwards
/// to raise the interrupt. Inside, no language code runs, and what was borrowed from a var root before is not
/// looked at again without a count of its own.
class BlockingRegion {
 public:
  explicit BlockingRegion(std::function<void()> wake);
  ~BlockingRegion();
  BlockingRegion(const BlockingRegion&) = delete;
  BlockingRegion& operator=(const BlockingRegion&) = delete;

 private:
  Thread* const thread_;
  const std::function<void()> wake_;
  const std::function<void()>* outer_wake_ = nullptr;
  bool was_blocked_ = false;
};

}  // namespace reops::lang
