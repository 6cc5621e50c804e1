#include "base/cancel.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <cstdint>

namespace reops::base {

Cancel::Cancel() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Cancel::cancel() {
  const std::uint64_t one = 1;
  // The only failure is a counter at its maximum, which is cancelled many times over.
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

bool Cancel::cancelled() const { return is_cancelled(event_.get()); }

bool is_cancelled(int cancel_fd) {
  if (cancel_fd < 0) return false;
  pollfd poller{cancel_fd, POLLIN, 0};
  return ::poll(&poller, 1, 0) > 0;
}

}  // namespace reops::base
