#include "base/event_loop.hpp"

#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/errors.hpp"

namespace reops::base {
namespace {

// What epoll gives back for the wake descriptor; no watch has it, because generations start at 1.
constexpr std::uint64_t k_wake_token = 0;
constexpr std::size_t k_events_per_turn = 256;

std::uint64_t make_id(std::uint32_t slot, std::uint32_t generation) {
  return (static_cast<std::uint64_t>(generation) << 32) | slot;
}
std::uint32_t slot_of(std::uint64_t id) { return static_cast<std::uint32_t>(id); }
std::uint32_t generation_of(std::uint64_t id) { return static_cast<std::uint32_t>(id >> 32); }

}  // namespace

bool Inbox::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (!open_) return false;
  tasks_.push_back(std::move(task));
  const std::uint64_t one = 1;
  // Only the first of many needs to wake the loop. A full counter would mean that it is awake anyway.
  if (tasks_.size() == 1) {
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  }
  return true;
}

std::vector<Inbox::Task> Inbox::take() {
  std::vector<Task> taken;
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) return taken;
  std::uint64_t drained = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &drained, sizeof drained);
  taken.swap(tasks_);
  return taken;
}

void Inbox::close() {
  std::vector<Task> dropped;  // destroyed outside the lock: what they own may post
  const std::lock_guard lock(mutex_);
  open_ = false;
  dropped.swap(tasks_);
}

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return errno_error("loop", "cannot create an event loop", errno);
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return errno_error("loop", "cannot create an event loop", errno);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = k_wake_token;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) < 0)
    return errno_error("loop", "cannot create an event loop", errno);
  return std::unique_ptr<EventLoop>(
      new EventLoop(std::move(epoll), std::make_shared<Inbox>(std::move(wake))));
}

EventLoop::EventLoop(UniqueFd epoll, std::shared_ptr<Inbox> inbox)
    : epoll_(std::move(epoll)), inbox_(std::move(inbox)) {}

EventLoop::~EventLoop() { inbox_->close(); }

Result<EventLoop::WatchId> EventLoop::watch(int fd, std::uint32_t events, OnEvents on_events) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(watches_.size()));
    watches_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  Watch& entry = watches_[slot];
  epoll_event event{};
  event.events = events;
  event.data.u64 = make_id(slot, entry.generation);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0)
    return errno_error("loop", "cannot watch descriptor " + std::to_string(fd), errno);
  free_slots_.pop_back();
  entry.fd = fd;
  entry.events = events;
  entry.on_events = std::make_shared<OnEvents>(std::move(on_events));
  return event.data.u64;
}

EventLoop::Watch* EventLoop::find(WatchId id) {
  const std::uint32_t slot = slot_of(id);
  if (slot >= watches_.size()) return nullptr;
  Watch& entry = watches_[slot];
  return entry.generation == generation_of(id) && entry.on_events ? &entry : nullptr;
}

void EventLoop::rearm(WatchId id, std::uint32_t events) {
  Watch* entry = find(id);
  if (entry == nullptr || entry->events == events) return;
  entry->events = events;
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  // Fails only for a descriptor that a library closed behind our back; its owner finds out by its own means.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, entry->fd, &event);
}

void EventLoop::unwatch(WatchId id) {
  if (const Watch* entry = find(id)) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, entry->fd, nullptr);
  forget(id);
}

void EventLoop::forget(WatchId id) {
  Watch* entry = find(id);
  if (entry == nullptr) return;
  entry->fd = -1;
  entry->on_events.reset();
  // Generation 0 would make the id of slot 0 equal to the wake token.
  if (++entry->generation == 0) entry->generation = 1;
  free_slots_.push_back(slot_of(id));
}

EventLoop::TimerId EventLoop::at(Deadline deadline, Task task) {
  const TimerId id = ++last_timer_;
  if (deadline.is_never()) return id;
  timers_.emplace(TimerKey{deadline.moment(), id}, std::move(task));
  timer_moments_.emplace(id, deadline.moment());
  return id;
}

void EventLoop::cancel(TimerId id) {
  const auto found = timer_moments_.find(id);
  if (found == timer_moments_.end()) return;
  timers_.erase(TimerKey{found->second, id});
  timer_moments_.erase(found);
}

void EventLoop::post(Task task) { inbox_->post(std::move(task)); }

void EventLoop::stop() {
  post([this] { running_ = false; });
}

int EventLoop::next_timeout() const {
  return timers_.empty() ? -1 : Deadline::at(timers_.begin()->first.first).poll_timeout();
}

void EventLoop::run_due_timers() {
  const auto now = Steady::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto due = timers_.extract(timers_.begin());
    timer_moments_.erase(due.key().second);
    due.mapped()();
  }
}

Result<void> EventLoop::run() {
  running_ = true;
  std::array<epoll_event, k_events_per_turn> ready;
  while (running_) {
    const int count =
        ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), next_timeout());
    if (count < 0 && errno != EINTR) return errno_error("loop", "the event loop cannot wait", errno);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t id = ready[static_cast<std::size_t>(i)].data.u64;
      if (id == k_wake_token) continue;  // seen to below, in every turn
      Watch* entry = find(id);
      if (entry == nullptr) continue;
      const std::shared_ptr<OnEvents> callback = entry->on_events;
      (*callback)(ready[static_cast<std::size_t>(i)].events);
    }
    run_due_timers();
    for (Task& task : inbox_->take()) task();
  }
  return {};
}

}  // namespace reops::base
