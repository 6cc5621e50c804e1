#include "ssh/known_hosts_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/unique_fd.hpp"

namespace reops::ssh {
namespace {

constexpr mode_t k_file_mode = 0600;
constexpr mode_t k_folder_mode = 0700;

// Whether the path still names this file, and not one that has replaced it.
bool is_still(const std::string& path, int fd) {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &named) == 0 && ours.st_dev == named.st_dev &&
         ours.st_ino == named.st_ino;
}

// The file, made if need be, held until the descriptor is closed.
base::Result<base::UniqueFd> hold(const std::string& path) {
  if (auto made = base::make_folders(base::parent_folder(path), k_folder_mode); !made)
    return made.take_error();
  for (;;) {
    base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, k_file_mode));
    if (!fd) return base::errno_error("file", "cannot write " + path, errno);
    while (::flock(fd.get(), LOCK_EX) < 0)
      if (errno != EINTR) return base::errno_error("file", "cannot lock " + path, errno);
    if (is_still(path, fd.get())) return fd;
  }
}

// Someone's editor may have left the last line without an end.
std::string separator(const std::string& before) {
  return before.empty() || before.back() == '\n' ? "" : "\n";
}

}  // namespace

base::Result<void> append_known_host(const std::string& file, const std::string& line) {
  const auto held = hold(file);
  if (!held) return held.error();
  const auto before = base::read_file(file);
  if (!before) return before.error();
  return base::append_file(file, separator(before.value()) + line, k_file_mode);
}

base::Result<void> add_known_hosts(const std::string& file, const std::string& lines) {
  const auto held = hold(file);
  if (!held) return held.error();
  const auto before = base::read_file(file);
  if (!before) return before.error();
  return base::write_file_atomic(file, before.value() + separator(before.value()) + lines, k_file_mode);
}

}  // namespace reops::ssh
