#include "base/files.hpp"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>

#include "base/errors.hpp"
#include "base/unique_fd.hpp"

namespace reops::base {
namespace {

Error file_error(std::string_view what, const std::string& path, int error) {
  Error made = errno_error("file", std::string(what) + " " + path, error);
  made.data["path"] = path;
  return made;
}

Result<void> write_all(int fd, const std::string& path, std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return file_error("cannot write", path, errno);
    }
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// close() reports what a network file system could not write, so its answer counts here.
Result<void> close_written(UniqueFd fd, const std::string& path) {
  if (::close(fd.release()) < 0 && errno != EINTR) return file_error("cannot write", path, errno);
  return {};
}

Result<void> write_with(const std::string& path, std::string_view data, int flags, mode_t mode) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode));
  if (!fd) return file_error("cannot write", path, errno);
  if (Result<void> done = write_all(fd.get(), path, data); !done) return done;
  return close_written(std::move(fd), path);
}

std::string resolve_link(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_symlink(path, ignored)) return path;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, ignored);
  return target.empty() ? path : target.string();
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return file_error("cannot read", path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && S_ISDIR(info.st_mode)) return file_error("cannot read", path, EISDIR);
  std::string data;
  // The size is a hint: files in /proc say 0, and others may grow meanwhile.
  std::size_t chunk = info.st_size > 0 ? static_cast<std::size_t>(info.st_size) + 1 : 16384;
  for (;;) {
    const std::size_t used = data.size();
    if (used > limit) {
      Error error = file_error("cannot read", path, EFBIG);
      error.message += " (the limit here is " + std::to_string(limit) + " bytes)";
      return error;
    }
    chunk = std::min(chunk, limit + 1 - used);
    data.resize(used + chunk);
    ssize_t got = -1;
    do {
      got = ::read(fd.get(), data.data() + used, chunk);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return file_error("cannot read", path, errno);
    data.resize(used + static_cast<std::size_t>(got));
    if (got == 0) return data;
    chunk = 65536;
  }
}

Result<void> write_file(const std::string& path, std::string_view data, mode_t mode) {
  return write_with(path, data, O_TRUNC, mode);
}

Result<void> append_file(const std::string& path, std::string_view data, mode_t mode) {
  return write_with(path, data, O_APPEND, mode);
}

Result<void> write_file_atomic(const std::string& path, std::string_view data, mode_t mode) {
  const std::string target = resolve_link(path);
  std::string temporary = target + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return file_error("cannot write", path, errno);
  Result<void> done = write_all(fd.get(), path, data);
  if (done && ::fchmod(fd.get(), mode) < 0) done = file_error("cannot write", path, errno);
  if (done && ::fsync(fd.get()) < 0) done = file_error("cannot write", path, errno);
  if (done) done = close_written(std::move(fd), path);
  if (done && ::rename(temporary.c_str(), target.c_str()) < 0) done = file_error("cannot write", path, errno);
  if (!done) {
    ::unlink(temporary.c_str());
    return done;
  }
  // The new name is on disk only when its folder is. A file system that
  // cannot sync folders has done what it can.
  UniqueFd folder(::open(parent_folder(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
  return {};
}

Result<void> make_folders(const std::string& path, mode_t mode) {
  if (path.empty()) return file_error("cannot make folder", path, ENOENT);
  // Step by step, because every folder made on the way must have the mode, not only the last.
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    struct stat info {};
    if (::mkdir(part.c_str(), mode) < 0 && errno != EEXIST) {
      // A read-only or forbidden parent that exists is no obstacle to what lies below it.
      const int error = errno;
      if (::stat(part.c_str(), &info) < 0) return file_error("cannot make folder", part, error);
    }
    if (::stat(part.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
      return file_error("cannot make folder", part, ENOTDIR);
    if (slash == std::string::npos) return {};
  }
}

bool file_exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

std::string parent_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string join_path(std::string_view folder, std::string_view name) {
  if (folder.empty() || name.starts_with('/')) return std::string(name);
  std::string joined(folder);
  if (!joined.ends_with('/')) joined += '/';
  return joined.append(name);
}

std::vector<std::string> glob_paths(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

Result<TempFolder> TempFolder::create(std::string_view prefix) {
  const char* base = std::getenv("TMPDIR");
  std::string path = join_path(base != nullptr && *base != '\0' ? base : "/tmp", prefix) + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return file_error("cannot make folder", path, errno);
  return TempFolder(std::move(path));
}

TempFolder& TempFolder::operator=(TempFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TempFolder::~TempFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace reops::base
