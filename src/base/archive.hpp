#pragma once
// Zip archives, which jars are: reading entries without unpacking.
//
// Debian's minizip does the work, linked statically: it needs only zlib, 100 kB together, and no more is paid
// at start. libzip would bring libbz2 and libcrypto into every start, for formats that no jar uses.

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"

namespace reops::base {

/// An archive that stays open. Safe from several threads.
class Archive {
 public:
  /// Reads the archive's directory. An error names the path and what is wrong.
  static Result<std::shared_ptr<Archive>> open(const std::string& path);
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  bool contains(std::string_view name) const { return places_.contains(std::string(name)); }
  /// The content of an entry. One that is larger than `limit` when unpacked is an error, so that a small
  /// archive cannot eat the memory; so is one whose checksum is wrong.
  Result<std::string> read(std::string_view name, std::size_t limit = std::size_t{256} << 20);

 private:
  struct Handle;
  struct Place {
    unsigned long long in_directory;
    unsigned long long number;
  };
  Archive(std::string path, std::unique_ptr<Handle> handle);
  Error broken(const std::string& what) const;

  std::string path_;
  std::unique_ptr<Handle> handle_;
  std::unordered_map<std::string, Place> places_;
  std::mutex mutex_;
};

/// Archives by their path, each opened once and again when the file has changed. Safe from several threads.
class Archives {
 public:
  Result<std::shared_ptr<Archive>> open(const std::string& path);

 private:
  struct Known {
    std::shared_ptr<Archive> archive;
    long long size;
    long long modified;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;
};

}  // namespace reops::base
