#pragma once
// Time: wall clock for people and records, steady clock for everything that waits.

#include <chrono>
#include <cstdint>
#include <string>

namespace reops::base {

using Steady = std::chrono::steady_clock;
using Millis = std::chrono::milliseconds;

/// Milliseconds since 1970 by the wall clock: for records, never for waiting.
std::int64_t unix_millis();

/// "2024-05-01T12:00:00.123Z" for a value of unix_millis().
std::string iso_instant(std::int64_t unix_ms);

/// A moment on the steady clock by which something must be over. Every wait has one; `never()` is for waits
/// that someone else's deadline ends.
class Deadline {
 public:
  static Deadline in(Millis span) { return Deadline(Steady::now() + span); }
  static Deadline at(Steady::time_point moment) { return Deadline(moment); }
  static Deadline never() { return Deadline(Steady::time_point::max()); }

  bool is_never() const { return moment_ == Steady::time_point::max(); }
  bool expired() const { return !is_never() && Steady::now() >= moment_; }
  Steady::time_point moment() const { return moment_; }

  /// What poll(2) and epoll_wait(2) want: milliseconds left, rounded up so
  /// that nobody wakes early, -1 for never.
  int poll_timeout() const;

  friend bool operator<(const Deadline& a, const Deadline& b) { return a.moment_ < b.moment_; }

 private:
  explicit Deadline(Steady::time_point moment) : moment_(moment) {}
  Steady::time_point moment_;
};

}  // namespace reops::base
