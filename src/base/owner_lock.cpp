#include "base/owner_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/errors.hpp"
#include "base/files.hpp"

namespace reops::base {
namespace {

Error lock_error(const std::string& path) {
  return errno_error("file", "cannot take the lock " + path, errno);
}

// A lock of the open file, so that it conflicts also within this process, and whose holder can be asked for
// without taking it: whoever only looks must not keep anybody from becoming the owner.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

Result<std::unique_ptr<OwnerLock>> OwnerLock::try_lock(const std::string& path) {
  if (auto made = make_folders(parent_folder(path)); !made) return made.error();
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return lock_error(path);
  struct flock whole = whole_file();
  if (::fcntl(fd.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno == EAGAIN || errno == EACCES) return std::unique_ptr<OwnerLock>();
    return lock_error(path);
  }
  std::unique_ptr<OwnerLock> lock(new OwnerLock(std::move(fd), path));
  if (auto written = lock->write_down(); !written) return written.take_error();
  return lock;
}

// Only for people and messages: the lock is the system's, not this number.
Result<void> OwnerLock::write_down() {
  const std::string number = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_.get(), 0) != 0 ||
      ::pwrite(fd_.get(), number.data(), number.size(), 0) != static_cast<ssize_t>(number.size()))
    return lock_error(path_);
  return {};
}

std::optional<pid_t> OwnerLock::owner(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  struct flock held = whole_file();
  if (::fcntl(fd.get(), F_OFD_GETLK, &held) != 0 || held.l_type == F_UNLCK) return std::nullopt;
  char text[32];
  const ssize_t size = ::read(fd.get(), text, sizeof text);
  pid_t pid = 0;
  if (size <= 0 || std::from_chars(text, text + size, pid).ec != std::errc()) return std::nullopt;
  return pid;
}

}  // namespace reops::base
