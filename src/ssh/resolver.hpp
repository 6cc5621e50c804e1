#pragma once
// Resolver: names to addresses without blocking the loop.

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "base/worker_pool.hpp"
#include "ssh/destination.hpp"

namespace reops::ssh {

/// Where a socket can be connected to.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text;  ///< "192.0.2.7:22"
};

/// What a lookup found: addresses, or the system's words for why there are none.
struct Addresses {
  std::vector<Address> list;
  std::string problem;
};

/// Loop-thread only.
class Resolver {
 public:
  using OnDone = std::function<void(Addresses)>;

  explicit Resolver(base::EventLoop& loop);

  /// Calls `on_done` later, on the loop's thread, unless `alive` has gone by
  /// then. Numeric addresses take no thread.
  void look_up(const Destination& destination, std::weak_ptr<void> alive, OnDone on_done);

 private:
  base::EventLoop& loop_;
  base::WorkerPool workers_;
};

}  // namespace reops::ssh
