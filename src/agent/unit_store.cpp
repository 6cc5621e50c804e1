#include "agent/unit_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "agent/hex.hpp"
#include "base/files.hpp"

namespace reops::agent {
namespace {

using lang::UnitHash;

constexpr size_t k_hash_bytes = 32;
constexpr size_t k_size_bytes = 8;
constexpr size_t k_head_bytes = k_hash_bytes + k_size_bytes;

}  // namespace

// A file is: the hash of all that follows, the size of the content, the content, the places.

UnitStore::UnitStore(std::string folder, size_t most_bytes_on_disk, size_t most_bytes_in_memory)
    : folder_(std::move(folder)), most_on_disk_(most_bytes_on_disk), most_in_memory_(most_bytes_in_memory) {
  [[maybe_unused]] auto made = base::make_folders(folder_);
  look_around();
}

std::string UnitStore::path_of(const UnitHash& hash) const { return folder_ + "/" + to_hex(hash.view()); }

void UnitStore::look_around() {
  struct Found {
    UnitHash hash;
    size_t bytes;
    timespec used;
  };
  std::vector<Found> found;
  DIR* all = opendir(folder_.c_str());
  if (!all) return;
  while (const dirent* entry = readdir(all)) {
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    std::string path = folder_ + "/" + name;
    auto hash = from_hex(name);
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) continue;
    if (!hash || hash->size() != k_hash_bytes) {
      // Written half when everything ended.
      unlink(path.c_str());
      continue;
    }
    found.push_back({UnitHash::from(*hash), static_cast<size_t>(status.st_size), status.st_mtim});
  }
  closedir(all);
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
  });
  for (const Found& f : found) {
    on_disk_[f.hash] = {f.bytes, disk_order_.insert(disk_order_.end(), f.hash)};
    bytes_on_disk_ += f.bytes;
  }
}

std::shared_ptr<const StoredUnit> UnitStore::find(const UnitHash& hash) {
  auto here = in_memory_.find(hash);
  if (here != in_memory_.end()) {
    memory_order_.splice(memory_order_.end(), memory_order_, here->second.place);
    return here->second.unit;
  }
  auto there = on_disk_.find(hash);
  if (there == on_disk_.end()) return nullptr;
  std::shared_ptr<const StoredUnit> unit = read(hash);
  if (!unit) {
    drop_from_disk(hash);
    return nullptr;
  }
  disk_order_.splice(disk_order_.end(), disk_order_, there->second.place);
  // For the order after the next start.
  utimensat(AT_FDCWD, path_of(hash).c_str(), nullptr, 0);
  keep_in_memory(unit);
  return unit;
}

std::shared_ptr<const StoredUnit> UnitStore::read(const UnitHash& hash) {
  auto bytes = base::read_file(path_of(hash));
  if (!bytes || bytes.value().size() < k_head_bytes) return nullptr;
  std::string_view all(bytes.value());
  if (UnitHash::of(all.substr(k_hash_bytes)).view() != all.substr(0, k_hash_bytes)) return nullptr;
  uint64_t content = 0;
  std::memcpy(&content, all.data() + k_hash_bytes, sizeof content);
  if (content > all.size() - k_head_bytes) return nullptr;
  auto unit = std::make_shared<StoredUnit>();
  unit->hash = hash;
  unit->content = all.substr(k_head_bytes, content);
  unit->places = all.substr(k_head_bytes + content);
  return UnitHash::of(unit->content) == hash ? unit : nullptr;
}

bool UnitStore::add(UnitHash hash, std::string content, std::string places) {
  if (UnitHash::of(content) != hash) return false;
  auto unit = std::make_shared<StoredUnit>();
  unit->hash = hash;
  unit->content = std::move(content);
  unit->places = std::move(places);
  if (!on_disk_.contains(hash)) write(*unit);
  keep_in_memory(std::move(unit));
  return true;
}

void UnitStore::keep_in_memory(std::shared_ptr<const StoredUnit> unit) {
  if (in_memory_.contains(unit->hash)) return;
  bytes_in_memory_ += unit->size();
  const UnitHash hash = unit->hash;
  in_memory_[hash] = {std::move(unit), memory_order_.insert(memory_order_.end(), hash)};
  while (bytes_in_memory_ > most_in_memory_ && memory_order_.size() > 1) {
    auto oldest = in_memory_.find(memory_order_.front());
    bytes_in_memory_ -= oldest->second.unit->size();
    in_memory_.erase(oldest);
    memory_order_.pop_front();
  }
}

void UnitStore::write(const StoredUnit& unit) {
  std::string rest(k_size_bytes, '\0');
  uint64_t size = unit.content.size();
  std::memcpy(rest.data(), &size, sizeof size);
  rest += unit.content;
  rest += unit.places;
  std::string bytes(UnitHash::of(rest).view());
  bytes += rest;
  if (bytes.size() > most_on_disk_) return;
  while (bytes_on_disk_ + bytes.size() > most_on_disk_) drop_from_disk(disk_order_.front());
  std::string path = path_of(unit.hash), half = path + ".new";
  // Not synchronised with the disk: what a power cut leaves is checked when it is read.
  if (!base::write_file(half, bytes, 0600) || rename(half.c_str(), path.c_str()) != 0) {
    unlink(half.c_str());
    return;
  }
  on_disk_[unit.hash] = {bytes.size(), disk_order_.insert(disk_order_.end(), unit.hash)};
  bytes_on_disk_ += bytes.size();
}

void UnitStore::drop_from_disk(const UnitHash& hash) {
  auto found = on_disk_.find(hash);
  if (found == on_disk_.end()) return;
  unlink(path_of(UnitHash(hash)).c_str());
  bytes_on_disk_ -= found->second.bytes;
  disk_order_.erase(found->second.place);
  on_disk_.erase(found);
}

}  // namespace reops::agent
