#include "store/owner_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/files.hpp"

namespace reops::store {
namespace {

base::Error lock_error(const std::string& path) {
  return {"store/cannot-open",
          "The lock " + path + " cannot be taken: " + std::strerror(errno),
          {{"path", path}}};
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

base::Result<std::unique_ptr<OwnerLock>> OwnerLock::try_lock(const std::string& path) {
  if (auto made = base::make_folders(base::parent_folder(path)); !made) return made.error();
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return lock_error(path);
  struct flock whole = whole_file();
  if (::fcntl(fd.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno == EAGAIN || errno == EACCES) return std::unique_ptr<OwnerLock>();
    return lock_error(path);
  }
  // Only for people and messages: the lock is the system's, not this number.
  const std::string number = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::pwrite(fd.get(), number.data(), number.size(), 0) != static_cast<ssize_t>(number.size()))
    return lock_error(path);
  return std::unique_ptr<OwnerLock>(new OwnerLock(std::move(fd)));
}

std::optional<pid_t> OwnerLock::owner(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  struct flock held = whole_file();
  if (::fcntl(fd.get(), F_OFD_GETLK, &held) != 0 || held.l_type == F_UNLCK) return std::nullopt;
  char text[32];
  const ssize_t size = ::read(fd.get(), text, sizeof text);
  pid_t pid = 0;
  if (size <= 0 || std::from_chars(text, text + size, pid).ec != std::errc()) return std::nullopt;
  return pid;
}

}  // namespace reops::store
