#pragma once
// Whole files and folders.

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reops::base {

/// A file larger than `limit` is an error, so that a wrong path cannot eat the memory.
Result<std::string> read_file(const std::string& path, std::size_t limit = std::size_t{1} << 30);

/// Creates or truncates. `mode` counts only for a file that is created.
Result<void> write_file(const std::string& path, std::string_view data, mode_t mode = 0644);

/// Readers see the old file or the new one, whole, even after a power cut. A symbolic link is followed, so
/// the file it names is replaced and the link stays.
Result<void> write_file_atomic(const std::string& path, std::string_view data, mode_t mode = 0644);

/// Adds `data` in one write at the end, creating the file when there is none.
Result<void> append_file(const std::string& path, std::string_view data, mode_t mode = 0644);

/// Makes the folder and its missing parents with `mode`. One that is there already is left as it is.
Result<void> make_folders(const std::string& path, mode_t mode = 0700);

bool file_exists(const std::string& path);

/// Everything before the last slash; "." when there is none, "/" for the root's children.
std::string parent_folder(const std::string& path);

/// `name` below `folder`, or `name` itself when it is absolute.
std::string join_path(std::string_view folder, std::string_view name);

/// Paths that match a shell pattern, sorted; none is an empty answer.
std::vector<std::string> glob_paths(const std::string& pattern);

/// A folder of its own under $TMPDIR (or /tmp), removed with all it holds when the object goes.
class TempFolder {
 public:
  static Result<TempFolder> create(std::string_view prefix);
  TempFolder(TempFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TempFolder& operator=(TempFolder&& other) noexcept;
  ~TempFolder();

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return join_path(path_, name); }

 private:
  explicit TempFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace reops::base
