#pragma once
// The guard of a worker: its parent, which sees to it that nothing is left of a worker that is killed.
//
// Shipped code can do what the agent's user can: fork, start a session of its own, close what it has. So each
// worker has a process above it that runs no such code. What a worker starts belongs to the guard once it has
// lost its parent (PR_SET_CHILD_SUBREAPER), so the guard finds it all, whatever session it is in.

#include <cstdint>

#include "agent/options.hpp"
#include "base/unique_fd.hpp"

namespace reops::agent {

/// What the guard says when its worker has ended, in one message.
struct WorkerEnd {
  enum Cause : uint8_t { by_itself, told, memory, processes };
  int32_t status;  ///< as wait(2) has it
  Cause cause;
};

/// One byte each, from the connection process to the guard; the end of the connection is the same as `kill`.
enum class GuardOrder : char {
  kill = 'k',
  watch = 'w',  ///< a call runs for longer than most: look after memory and processes
  rest = 'r',
};

/// Starts a worker at the other end of `work`, waits until it has ended, says so over `orders`, and ends.
[[noreturn]] void run_guard(base::UniqueFd orders, base::UniqueFd work, const Options& options);

}  // namespace reops::agent
