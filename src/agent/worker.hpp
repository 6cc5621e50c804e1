#pragma once
// A worker: runs the calls that it is given, one after another.

#include <atomic>
#include <cstdint>

#include "agent/options.hpp"
#include "base/unique_fd.hpp"

namespace reops::agent {

/// In memory that a worker shares with its guard: when its call began (boot_ms).
struct CallClock {
  std::atomic<int64_t> began_ms{0};
};

/// Until the other end of `work` is closed. Precondition: a Runtime lives.
[[noreturn]] void run_worker(base::UniqueFd work, const Options& options, CallClock& clock);

}  // namespace reops::agent
