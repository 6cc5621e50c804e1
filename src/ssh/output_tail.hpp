#pragma once
// OutputTail: the end of a stream of which only so much is kept.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace reops::ssh {

/// Memory stays within the limit, however much comes.
class OutputTail {
 public:
  explicit OutputTail(std::size_t limit) : limit_(limit) {}

  void append(std::string_view bytes) {
    if (bytes.size() > limit_) {
      dropped_ += bytes.size() - limit_;
      bytes.remove_prefix(bytes.size() - limit_);
    }
    const std::size_t room = std::min(bytes.size(), limit_ - kept_.size());
    kept_.append(bytes.substr(0, room));
    bytes.remove_prefix(room);
    dropped_ += bytes.size();
    // Full: what is new takes the place of what is oldest.
    while (!bytes.empty()) {
      const std::size_t size = std::min(bytes.size(), kept_.size() - oldest_);
      kept_.replace(oldest_, size, bytes.substr(0, size));
      oldest_ = (oldest_ + size) % kept_.size();
      bytes.remove_prefix(size);
    }
  }

  /// Bytes that came before those that are kept.
  std::size_t dropped() const { return dropped_; }
  /// What is kept, in its order. Nothing is left.
  std::string take() {
    std::rotate(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(oldest_), kept_.end());
    oldest_ = 0;
    return std::exchange(kept_, {});
  }

 private:
  std::size_t limit_;
  std::string kept_;
  std::size_t oldest_ = 0;  // where the ring begins
  std::size_t dropped_ = 0;
};

}  // namespace reops::ssh
