#include "ssh/batch.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <iterator>
#include <utility>

namespace reops::ssh {

Mailbox::Mailbox() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Mailbox::put(std::vector<Outcome> outcomes) {
  const std::lock_guard lock(mutex_);
  // Only the first of many needs to wake the reader.
  const bool was_empty = outcomes_.empty();
  outcomes_.insert(outcomes_.end(), std::move_iterator(outcomes.begin()), std::move_iterator(outcomes.end()));
  const std::uint64_t one = 1;
  if (was_empty) {
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  }
}

std::vector<Outcome> Mailbox::take() {
  std::vector<Outcome> taken;
  const std::lock_guard lock(mutex_);
  std::uint64_t drained = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &drained, sizeof drained);
  taken.swap(outcomes_);
  return taken;
}

Batch::Batch(const Services& services, Login::Goal goal, std::vector<Plan> plans, std::size_t max_in_flight,
             std::shared_ptr<Mailbox> mailbox)
    : services_(services),
      goal_(goal),
      plans_(std::move(plans)),
      in_flight_limit_(max_in_flight),
      mailbox_(std::move(mailbox)) {}

// A place in the batch first, then one among all batches of the engine.
void Batch::fill() {
  const auto waiting = [this] { return places_ - running_.size(); };
  while (places_ < in_flight_limit_ && next_ + waiting() < plans_.size()) {
    ++places_;
    services_.in_flight.acquire(weak_from_this(), [this] { begin_next(); });
  }
}

std::shared_ptr<HostRun> Batch::make_next() {
  const std::size_t index = next_++;
  auto run = std::make_shared<HostRun>(
      services_, goal_, index, std::move(plans_[index]),
      [self = shared_from_this(), index](Outcome outcome) { self->ended(index, std::move(outcome)); });
  running_.emplace(index, run);
  return run;
}

void Batch::begin_next() {
  // Cancelled while it waited for this place.
  if (next_ == plans_.size()) {
    --places_;
    return services_.loop.post([self = shared_from_this()] { self->services_.in_flight.release(); });
  }
  make_next()->start();
}

// All that end in one turn of the loop wake their reader once.
void Batch::deliver(Outcome outcome) {
  to_deliver_.push_back(std::move(outcome));
  if (to_deliver_.size() > 1) return;
  services_.loop.post(
      [self = shared_from_this()] { self->mailbox_->put(std::exchange(self->to_deliver_, {})); });
}

void Batch::ended(std::size_t index, Outcome outcome) {
  deliver(std::move(outcome));
  // The run is still on the stack; it goes when this turn of the loop is over. Then comes the next, so that
  // thousands that end at once do not begin each other on one stack.
  services_.loop.post([self = shared_from_this(), run = running_.at(index)] {
    // Those that ended without their turn had no place.
    if (!run->has_begun()) return;
    --self->places_;
    self->services_.in_flight.release();
    self->fill();
  });
  running_.erase(index);
}

template <class End>
void Batch::end_all(End end) {
  std::vector<std::shared_ptr<HostRun>> running;
  for (const auto& [index, run] : running_) running.push_back(run);
  while (next_ < plans_.size()) running.push_back(make_next());
  for (const auto& run : running) end(*run);
}

void Batch::cancel() {
  end_all([](HostRun& run) { run.cancel(); });
}

void Batch::expire(base::Millis allowed) {
  end_all([allowed](HostRun& run) { run.expire(allowed); });
}

}  // namespace reops::ssh
