#pragma once
// What a hypervisor has told of its own accord, in the order in which it came, for whoever waits for
// something.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace reops::libvirt {

/// `kind` is "domain" (defined started suspended resumed stopped shutdown crashed undefined pmsuspended),
/// "agent" (connected disconnected), "reboot", or "connection" (lost).
struct Event {
  std::uint64_t number = 0;
  std::string kind;
  std::string event;
  std::string domain;
  std::string uuid;
};

/// Keeps the last thousand. Thread-safe.
class EventLog {
 public:
  void add(Event event);

  /// The number of the latest event; 0 before the first.
  std::uint64_t last() const;

  /// What one thread waits with, so that another can end its waiting.
  struct Waiter {
    bool interrupted = false;  // guarded by the log's mutex
  };
  void interrupt(Waiter& waiter);

  /// The events after number `after`, once there are some; none when the deadline passes or the waiter is
  /// interrupted.
  std::vector<Event> wait(Waiter& waiter, std::uint64_t after, base::Deadline deadline);

 private:
  static constexpr std::size_t k_kept = 1000;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Event> events_;
  std::uint64_t last_ = 0;
};

}  // namespace reops::libvirt
