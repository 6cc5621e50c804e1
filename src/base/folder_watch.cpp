#include "base/folder_watch.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/errors.hpp"
#include "base/files.hpp"

namespace reops::base {
namespace {

constexpr std::uint32_t k_events =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR | IN_DONT_FOLLOW;

}  // namespace

Result<FolderWatch> FolderWatch::create(const std::vector<std::string>& folders) {
  UniqueFd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return errno_error("watch", "cannot watch folders", errno);
  FolderWatch watch(std::move(inotify), folders);
  for (const std::string& folder : folders) {
    if (auto added = watch.add(folder, nullptr); !added) return added.take_error();
  }
  return watch;
}

Result<void> FolderWatch::add(const std::string& folder, std::vector<std::string>* found) {
  const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), k_events);
  if (watch < 0) {
    // Gone again, or never there: nothing below it can change.
    if (errno == ENOENT || errno == ENOTDIR) return {};
    Error error = errno_error("watch", "cannot watch " + folder, errno);
    if (errno == ENOSPC) error.message += " (the limit is fs.inotify.max_user_watches)";
    return error;
  }
  watched_[watch] = folder;
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable)) {
    if (entry.is_directory(unreadable) && !entry.is_symlink(unreadable)) {
      if (auto added = add(entry.path().string(), found); !added) return added;
    } else if (found) {
      found->push_back(entry.path().string());
    }
  }
  return {};
}

std::vector<std::string> FolderWatch::take() {
  std::vector<std::string> changed;
  alignas(inotify_event) char buffer[16 << 10];
  for (;;) {
    const ssize_t got = ::read(inotify_.get(), buffer, sizeof buffer);
    if (got <= 0) break;
    for (ssize_t at = 0; at < got;) {
      inotify_event event;
      std::memcpy(&event, buffer + at, sizeof event);
      const char* name = buffer + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event + event.len);
      if (event.mask & IN_Q_OVERFLOW) changed.insert(changed.end(), folders_.begin(), folders_.end());
      const auto folder = watched_.find(event.wd);
      if (folder == watched_.end()) continue;
      if (event.mask & IN_IGNORED) {
        watched_.erase(folder);
        continue;
      }
      if (event.len == 0) continue;
      const std::string path = join_path(folder->second, name);
      if (event.mask & IN_ISDIR) {
        // Files may have come before we watched.
        if (event.mask & (IN_CREATE | IN_MOVED_TO)) (void)add(path, &changed);
      } else if (!(event.mask & IN_CREATE)) {
        changed.push_back(path);
      }
    }
  }
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

}  // namespace reops::base
