#pragma once
// SigpipeGuard: write to pipes and sockets of others without dying of SIGPIPE, and without changing the
// process-wide disposition, which belongs to the program.

#include <csignal>

namespace reops::base {

/// While it lives, SIGPIPE is blocked in this thread; one that arose meanwhile is swallowed at the end.
class SigpipeGuard {
 public:
  SigpipeGuard();
  ~SigpipeGuard();
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t previous_;
  bool was_pending_;
};

}  // namespace reops::base
