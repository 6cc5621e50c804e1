#include "remote/batch.hpp"

#include <utility>

namespace reops::remote {

Batch::Batch(std::vector<std::string> hosts, lang::Parcel parcel, base::Millis within, bool streams)
    : parcel_(std::move(parcel)),
      within_(within),
      streams_(streams),
      results_(hosts.size()),
      left_(hosts.size()) {
  for (size_t i = 0; i < hosts.size(); ++i) results_[i].host = std::move(hosts[i]);
}

bool Batch::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return left_ == 0 || interrupted_; });
  return left_ == 0;
}

void Batch::interrupt() {
  std::lock_guard lock(mutex_);
  interrupted_ = true;
  changed_.notify_all();
}

std::vector<CallResult> Batch::results() const {
  std::lock_guard lock(mutex_);
  return results_;
}

std::vector<Batch::Text> Batch::wait_for_printed() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return left_ == 0 || interrupted_ || !printed_.empty(); });
  return std::exchange(printed_, {});
}

bool Batch::finish(size_t index, CallResult result) {
  std::lock_guard lock(mutex_);
  CallResult& slot = results_[index];
  if (slot.done) return false;
  result.host = std::move(slot.host);
  result.done = true;
  slot = std::move(result);
  if (--left_ == 0) changed_.notify_all();
  return true;
}

void Batch::print(size_t index, bool error, std::string text) {
  std::lock_guard lock(mutex_);
  if (results_[index].done) return;
  printed_.push_back({results_[index].host, error, std::move(text)});
  changed_.notify_all();
}

bool Batch::is_done(size_t index) const {
  std::lock_guard lock(mutex_);
  return results_[index].done;
}

}  // namespace reops::remote
