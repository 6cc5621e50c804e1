#include "libvirt/event_log.hpp"

namespace reops::libvirt {

void EventLog::add(Event event) {
  std::lock_guard lock(mutex_);
  event.number = ++last_;
  events_.push_back(std::move(event));
  if (events_.size() > k_kept) events_.pop_front();
  changed_.notify_all();
}

std::uint64_t EventLog::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

void EventLog::interrupt(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  waiter.interrupted = true;
  changed_.notify_all();
}

std::vector<Event> EventLog::wait(Waiter& waiter, std::uint64_t after, base::Deadline deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline.moment(), [&] { return waiter.interrupted || last_ > after; });
  std::vector<Event> found;
  for (const Event& event : events_) {
    if (event.number > after) found.push_back(event);
  }
  return found;
}

}  // namespace reops::libvirt
