#pragma once
// UniqueFd: a file descriptor with one owner.

#include <unistd.h>

#include <utility>

namespace reops::base {

/// Owns one descriptor and closes it; -1 owns nothing.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  /// Gives the descriptor up to someone else, who closes it.
  int release() { return std::exchange(fd_, -1); }

  void reset(int fd = -1) {
    // close() is not repeated on EINTR: Linux has released the descriptor by
    // then, and it may be another's already.
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace reops::base
