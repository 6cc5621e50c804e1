#pragma once
// What must be undone when the process ends, however it ends by its own will: sockets and files that tell
// others where it listens. (A process that is killed leaves them; who finds them checks that they are alive.)

#include <functional>

namespace reops::base {

/// Runs `hook` in run_exit_hooks() unless it is gone by then. Any thread.
class ExitHook {
 public:
  explicit ExitHook(std::function<void()> hook);
  /// Runs the hook now, unless it has run.
  ~ExitHook();
  ExitHook(const ExitHook&) = delete;
  ExitHook& operator=(const ExitHook&) = delete;
};

/// Runs and forgets every hook, the latest first. Called by whoever ends the process.
void run_exit_hooks();

}  // namespace reops::base
