#pragma once
// Who owns something of which there is one: one process at a time.

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::base {

/// A lock that lasts as long as the object, or the process: the system takes it from a process that has died
/// in whatever way, and from none that lives.
class OwnerLock {
 public:
  /// Nothing when another process has it.
  static Result<std::unique_ptr<OwnerLock>> try_lock(const std::string& path);
  /// The process that has the lock, as it wrote it down; nothing when none has. Takes nothing.
  static std::optional<pid_t> owner(const std::string& path);

  int fd() const { return fd_.get(); }
  /// Writes down that it is this process's: after a fork, in the process that keeps it. The other one lets
  /// its object go, which does not unlock what both have.
  Result<void> write_down();

 private:
  OwnerLock(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  UniqueFd fd_;
  std::string path_;
};

}  // namespace reops::base
