#pragma once
// The units that have come (docs/shipping.md), by hash: on disk below the agent's folder, the latest ones in
// memory too.

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lang/codec/shipping/unit.hpp"

namespace reops::agent {

struct StoredUnit {
  lang::UnitHash hash;
  std::string content, places;
  size_t size() const { return content.size() + places.size(); }
};

/// A disk that is full, or cannot be read, only means that more is kept in memory or asked for again.
class UnitStore {
 public:
  /// `folder` is made; what is in it already is there.
  UnitStore(std::string folder, size_t most_bytes_on_disk, size_t most_bytes_in_memory = size_t{16} << 20);

  /// Null when it has not come, or has been dropped, or what is on disk is not what was written.
  std::shared_ptr<const StoredUnit> find(const lang::UnitHash& hash);
  /// False when the content is another than the hash says.
  bool add(lang::UnitHash hash, std::string content, std::string places);

  size_t bytes_on_disk() const { return bytes_on_disk_; }
  size_t count_on_disk() const { return on_disk_.size(); }

 private:
  using Order = std::list<lang::UnitHash>;  // least recently used first
  struct InMemory {
    std::shared_ptr<const StoredUnit> unit;
    Order::iterator place;
  };
  struct OnDisk {
    size_t bytes;
    Order::iterator place;
  };

  std::string path_of(const lang::UnitHash& hash) const;
  void look_around();
  std::shared_ptr<const StoredUnit> read(const lang::UnitHash& hash);
  void keep_in_memory(std::shared_ptr<const StoredUnit> unit);
  void write(const StoredUnit& unit);
  void drop_from_disk(const lang::UnitHash& hash);

  const std::string folder_;
  const size_t most_on_disk_, most_in_memory_;
  size_t bytes_on_disk_ = 0, bytes_in_memory_ = 0;
  Order disk_order_, memory_order_;
  std::unordered_map<lang::UnitHash, OnDisk> on_disk_;
  std::unordered_map<lang::UnitHash, InMemory> in_memory_;
};

}  // namespace reops::agent
