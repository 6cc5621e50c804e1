#pragma once
// FolderWatch: what is saved, moved or deleted below folders, as it happens (inotify).

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::base {

/// Folders below the given ones are watched too, also those that are made later. A folder that does not exist
/// is left out; links are not followed.
class FolderWatch {
 public:
  static Result<FolderWatch> create(const std::vector<std::string>& folders);

  /// Readable when take() has something to say.
  int fd() const { return inotify_.get(); }
  /// Paths of files that were written, appeared or went away, each once. When the system could not keep up,
  /// the folders given at first: anything below them may have changed.
  std::vector<std::string> take();

 private:
  explicit FolderWatch(UniqueFd inotify, std::vector<std::string> folders)
      : inotify_(std::move(inotify)), folders_(std::move(folders)) {}
  /// `found`, if given, gets the files that are there: those of a folder that appeared with its content.
  Result<void> add(const std::string& folder, std::vector<std::string>* found);

  UniqueFd inotify_;
  std::vector<std::string> folders_;
  std::map<int, std::string> watched_;
};

}  // namespace reops::base
