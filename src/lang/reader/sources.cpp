#include "lang/reader/sources.hpp"

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "lang/runtime/runtime.hpp"

namespace reops::lang {
namespace {

// Enough for every file of a large program and a long session's inputs.
constexpr size_t k_most_bytes = size_t{32} << 20;
constexpr size_t k_most_sources = 4096;

class SourceRegistry {
 public:
  void remember(std::shared_ptr<const Source> source) {
    std::lock_guard lock(mutex_);
    if (auto known = by_name_.find(source->name); known != by_name_.end()) forget(known->second);
    bytes_ += source->text.size();
    order_.push_back(source);
    by_name_[source->name] = std::prev(order_.end());
    while (order_.size() > 1 && (bytes_ > k_most_bytes || order_.size() > k_most_sources))
      forget(order_.begin());
  }

  std::shared_ptr<const Source> find(std::string_view name) {
    std::lock_guard lock(mutex_);
    auto known = by_name_.find(name);
    return known == by_name_.end() ? nullptr : *known->second;
  }

 private:
  using Order = std::list<std::shared_ptr<const Source>>;

  void forget(Order::iterator entry) {
    bytes_ -= (*entry)->text.size();
    by_name_.erase((*entry)->name);
    order_.erase(entry);
  }

  std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator>
      by_name_;  // the names are those of the sources listed
  size_t bytes_ = 0;
};

SourceRegistry& registry() {
  static SourceRegistry& sources = *new SourceRegistry;
  return sources;
}

}  // namespace

void remember_source(std::shared_ptr<const Source> source) { registry().remember(std::move(source)); }

std::shared_ptr<const Source> find_source(std::string_view name) {
  if (auto known = registry().find(name)) return known;
  // What came with an image was never read in this process.
  std::string_view text = embedded_source(name);
  if (!text.data()) return nullptr;
  auto source = std::make_shared<const Source>(Source{std::string(name), std::string(text)});
  remember_source(source);
  return source;
}

}  // namespace reops::lang
