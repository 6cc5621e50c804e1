#pragma once
// Monitors: the lock that `locking` takes on any object. Re-entrant; a thread that waits for one can be
// interrupted.

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Waits until no other thread holds `object`'s monitor, then holds it. Throws what interrupts the wait.
void enter_monitor(Value object);
/// Throws illegal-state when this thread does not hold it.
void leave_monitor(Value object);

class MonitorScope {
 public:
  explicit MonitorScope(Value object) : object_(object) { enter_monitor(object_); }
  ~MonitorScope() { leave_monitor(object_); }
  MonitorScope(const MonitorScope&) = delete;
  MonitorScope& operator=(const MonitorScope&) = delete;

 private:
  Ref object_;
};

}  // namespace reops::lang
