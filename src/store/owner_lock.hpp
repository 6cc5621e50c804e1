#pragma once
// Who owns a store: one process at a time.

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::store {

/// A lock that lasts as long as the object, or the process: the system takes it from a process that has died
/// in whatever way, and from none that lives.
class OwnerLock {
 public:
  /// Nothing when another process has it.
  static base::Result<std::unique_ptr<OwnerLock>> try_lock(const std::string& path);
  /// The process that has the lock, as it wrote it down; nothing when none has. Takes nothing.
  static std::optional<pid_t> owner(const std::string& path);

 private:
  explicit OwnerLock(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace reops::store
