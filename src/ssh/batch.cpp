#include "ssh/batch.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace reops::ssh {

Mailbox::Mailbox() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Mailbox::put(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  outcomes_.push_back(std::move(outcome));
  const std::uint64_t one = 1;
  // Only the first of many needs to wake the reader.
  if (outcomes_.size() == 1) {
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

void Batch::fill() {
  // A run that ends at once comes back here through ended(); one filler at
  // a time keeps the order and the stack.
  if (filling_) return;
  filling_ = true;
  while (next_ < plans_.size() && (running_.size() < in_flight_limit_ || cancelled_)) {
    const std::size_t index = next_++;
    auto run = std::make_shared<HostRun>(
        services_, goal_, index, std::move(plans_[index]),
        [self = shared_from_this(), index](Outcome outcome) { self->ended(index, std::move(outcome)); });
    running_.emplace(index, run);
    if (cancelled_)
      run->cancel();
    else
      run->start();
  }
  filling_ = false;
}

void Batch::ended(std::size_t index, Outcome outcome) {
  // The run is still on the stack; it goes when this turn of the loop is over.
  services_.loop.post([run = running_.at(index)] {});
  running_.erase(index);
  mailbox_->put(std::move(outcome));
  fill();
}

void Batch::cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  filling_ = true;  // not while the map is being walked
  while (!running_.empty()) running_.begin()->second->cancel();
  filling_ = false;
  fill();
}

}  // namespace reops::ssh
