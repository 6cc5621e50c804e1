#pragma once
// What readers of data share: values on the way to a collection.

#include <span>
#include <vector>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Values that wait to become part of a collection.
class Pending {
 public:
  Pending() = default;
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  ~Pending() { drop_from(0); }
  size_t size() const { return values_.size(); }
  void push(Ref v) {
    values_.push_back(v.get());
    v.take();
  }
  std::span<const Value> from(size_t base) const { return std::span(values_).subspan(base); }
  void drop_from(size_t base) {
    for (size_t i = base; i < values_.size(); ++i) release(values_[i]);
    values_.resize(base);
  }

 private:
  std::vector<Value> values_;
};

}  // namespace reops::lang
