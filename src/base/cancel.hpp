#pragma once
// Cancel: a switch that one thread turns and any number of waiting threads see, because it is also a
// descriptor that poll and epoll can watch.

#include "base/unique_fd.hpp"

namespace reops::base {

/// Thread-safe. Once cancelled it stays so; its descriptor stays readable, so every waiter wakes.
class Cancel {
 public:
  Cancel();

  void cancel();
  bool cancelled() const;

  /// Readable from the moment of cancel() on. Owned by this object.
  int fd() const { return event_.get(); }

 private:
  UniqueFd event_;
};

/// Whether a descriptor of the kind Cancel::fd() gives is readable now; false for -1.
bool is_cancelled(int cancel_fd);

}  // namespace reops::base
