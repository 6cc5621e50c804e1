#pragma once
// SignalSource: signals as something an event loop can watch.

#include <initializer_list>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::base {

/// From create() on the signals no longer interrupt anything: they wait to be taken. To be made before the
/// process starts threads, which inherit that; child processes do not (base/process.hpp).
class SignalSource {
 public:
  static Result<SignalSource> create(std::initializer_list<int> signals);

  /// Readable while a signal waits.
  int fd() const { return fd_.get(); }
  /// The number of a signal that waits, or 0.
  int take();

 private:
  explicit SignalSource(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace reops::base
