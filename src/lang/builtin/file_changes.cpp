// reops.fs: functions that change the file system.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/files.hpp"
#include "base/unique_fd.hpp"
#include "lang/builtin/native.hpp"
#include "lang/builtin/system_arguments.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

/// The names in an open folder; the descriptor is not used up. `path` is for errors.
std::vector<std::string> names_in(int folder_fd, const std::string& path) {
  base::UniqueFd fd(::openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Folder folder(fd ? ::fdopendir(fd.get()) : nullptr, ::closedir);
  if (!folder) throw_file_error("list", path, errno);
  fd.release();
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (!entry) {
      if (errno != 0) throw_file_error("list", path, errno);
      return names;
    }
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
}

Ref mkdirs_fn(Args args) {
  std::string path = path_argument(args[0], "mkdirs");
  if (auto made = base::make_folders(path, 0777); !made.ok()) throw_result(made.error());
  return Ref(args[0]);
}

void delete_one(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return;
  // EISDIR is Linux's answer for a folder, EPERM the one POSIX asks for.
  int error = errno;
  struct stat status;
  if ((error == EISDIR || error == EPERM) && ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    if (::rmdir(path.c_str()) == 0) return;
    error = errno;
  }
  throw_file_error("delete", path, error);
}

Ref delete_fn(Args args) {
  delete_one(path_argument(args[0], "delete"));
  return nil();
}

Ref delete_if_exists_fn(Args args) {
  std::string path = path_argument(args[0], "delete-if-exists");
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return boolean(false);
  delete_one(path);
  return boolean(true);
}

/// Deletes what is at `name` in the open folder, and all below it. Links are deleted, never followed:
/// everything is reached through descriptors of real folders, so nobody can lead us elsewhere by exchanging
/// one meanwhile.
void delete_below(int folder_fd, const std::string& name, const std::string& path) {
  check_stack();
  poll();
  if (::unlinkat(folder_fd, name.c_str(), 0) == 0 || errno == ENOENT) return;
  int error = errno;
  if (error != EISDIR && error != EPERM) throw_file_error("delete", path, error);
  base::UniqueFd folder(::openat(folder_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) throw_file_error("delete", path, errno == ENOTDIR ? error : errno);
  for (const std::string& child : names_in(folder.get(), path)) {
    delete_below(folder.get(), child, base::join_path(path, child));
  }
  folder.reset();
  if (::unlinkat(folder_fd, name.c_str(), AT_REMOVEDIR) != 0) throw_file_error("delete", path, errno);
}

Ref delete_tree_fn(Args args) {
  std::string path = path_argument(args[0], "delete-tree");
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  size_t slash = path.rfind('/');
  std::string last = slash == path.npos ? path : path.substr(slash + 1);
  if (path == "/" || last == "." || last == "..")
    throw_illegal_argument("delete-tree will not delete " + path);
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return boolean(false);
    throw_file_error("delete", path, errno);
  }
  delete_below(AT_FDCWD, path, path);
  return boolean(true);
}

bool is_folder(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Like cp and mv: into `to` under its own name, when that is a folder.
std::string destination(const std::string& from, const std::string& to) {
  if (!is_folder(to)) return to;
  std::string_view name = from;
  while (name.size() > 1 && name.back() == '/') name.remove_suffix(1);
  size_t slash = name.rfind('/');
  return base::join_path(to, slash == name.npos ? name : name.substr(slash + 1));
}

/// Writes a copy beside the destination and renames it into place: nobody sees half a file, and an interrupt
/// or a full disk leaves what was there.
void copy_file(const std::string& from, const std::string& to) {
  // Without O_NONBLOCK a named pipe would hold us here until somebody writes to it.
  base::UniqueFd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status;
  if (!source || ::fstat(source.get(), &status) != 0) throw_file_error("read", from, errno);
  if (S_ISDIR(status.st_mode)) {
    throw_result(
        {"file/io", "Cannot copy " + from + ": it is a folder (copy-tree copies folders)", {{"path", from}}});
  }
  if (!S_ISREG(status.st_mode)) {
    throw_result({"file/io", "Cannot copy " + from + ": it is no regular file", {{"path", from}}});
  }
  struct stat present;
  if (::stat(to.c_str(), &present) == 0 && present.st_dev == status.st_dev &&
      present.st_ino == status.st_ino) {
    throw_result({"file/io", "Cannot copy " + from + " onto itself (" + to + ")", {{"path", from}}});
  }
  std::string temporary = to + ".XXXXXX";
  base::UniqueFd target(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!target) throw_file_error("write", to, errno);
  struct Remove {
    const std::string& path;
    bool wanted = true;
    ~Remove() {
      if (wanted) ::unlink(path.c_str());
    }
  } remove{temporary};
  std::vector<char> chunk(size_t{256} << 10);
  for (;;) {
    poll();
    ssize_t got = ::read(source.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_file_error("read", from, errno);
    if (got == 0) break;
    for (ssize_t written = 0; written < got;) {
      ssize_t n = ::write(target.get(), chunk.data() + written, static_cast<size_t>(got - written));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw_file_error("write", to, errno);
      written += n;
    }
  }
  if (::fchmod(target.get(), status.st_mode & 07777) != 0)
    throw_file_error("set the permissions of", to, errno);
  if (::rename(temporary.c_str(), to.c_str()) != 0) throw_file_error("write", to, errno);
  remove.wanted = false;
}

Ref copy_fn(Args args) {
  std::string from = path_argument(args[0], "copy"), to = destination(from, path_argument(args[1], "copy"));
  copy_file(from, to);
  return path_value(to);
}

void copy_below(const std::string& from, const std::string& to) {
  check_stack();
  poll();
  struct stat status;
  if (::lstat(from.c_str(), &status) != 0) throw_file_error("look at", from, errno);
  if (S_ISLNK(status.st_mode)) {
    std::vector<char> target(static_cast<size_t>(status.st_size) + 4096);
    ssize_t length = ::readlink(from.c_str(), target.data(), target.size() - 1);
    if (length < 0) throw_file_error("read the link", from, errno);
    if (::unlink(to.c_str()) != 0 && errno != ENOENT) throw_file_error("replace", to, errno);
    if (::symlink(target.data(), to.c_str()) != 0) throw_file_error("make the link", to, errno);
  } else if (S_ISDIR(status.st_mode)) {
    // Ours to write while it is being filled, whatever its permissions will be.
    if (::mkdir(to.c_str(), 0700) != 0 && errno != EEXIST) throw_file_error("make the folder", to, errno);
    base::UniqueFd folder(::open(from.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) throw_file_error("list", from, errno);
    std::vector<std::string> names = names_in(folder.get(), from);
    folder.reset();
    for (const std::string& name : names) copy_below(base::join_path(from, name), base::join_path(to, name));
    if (::chmod(to.c_str(), status.st_mode & 07777) != 0)
      throw_file_error("set the permissions of", to, errno);
  } else if (S_ISREG(status.st_mode)) {
    copy_file(from, to);
  } else {
    throw_result(
        {"file/io", "Cannot copy " + from + ": it is neither file, folder nor link", {{"path", from}}});
  }
}

/// Refuses a folder as a place below itself, where copying would never end. Looks at each folder above `to`.
void refuse_inside_itself(const std::string& from, const std::string& to) {
  struct stat source, above;
  if (::lstat(from.c_str(), &source) != 0 || !S_ISDIR(source.st_mode)) return;
  char folder[PATH_MAX];
  if (!::realpath(base::parent_folder(to).c_str(), folder)) throw_file_error("find the folder of", to, errno);
  for (std::string path = folder;; path = base::parent_folder(path)) {
    if (::stat(path.c_str(), &above) == 0 && above.st_dev == source.st_dev && above.st_ino == source.st_ino) {
      throw_result({"file/io", "Cannot copy " + from + " into itself (" + to + ")", {{"path", from}}});
    }
    if (path == "/") return;
  }
}

Ref copy_tree_fn(Args args) {
  std::string from = path_argument(args[0], "copy-tree"), to = path_argument(args[1], "copy-tree");
  while (to.size() > 1 && to.back() == '/') to.pop_back();
  refuse_inside_itself(from, to);
  copy_below(from, to);
  return path_value(to);
}

Ref move_fn(Args args) {
  std::string from = path_argument(args[0], "move"), to = destination(from, path_argument(args[1], "move"));
  if (::rename(from.c_str(), to.c_str()) != 0) {
    if (errno != EXDEV) throw_file_error("move to " + to + " the file", from, errno);
    copy_below(from, to);  // another file system
    delete_below(AT_FDCWD, from, from);
  }
  return path_value(to);
}

/// A pattern for mkstemp under $TMPDIR or /tmp.
std::string temporary_pattern(Args args, std::string_view what) {
  const char* folder = ::getenv("TMPDIR");
  std::string prefix = args.size() > 0 ? path_argument(args[0], what) : "reops-";
  if (prefix.find('/') != prefix.npos)
    throw_illegal_argument(std::string(what) + ": a prefix cannot contain a slash");
  return base::join_path(folder && *folder ? folder : "/tmp", prefix + "XXXXXX");
}

Ref temp_dir_fn(Args args) {
  std::string path = temporary_pattern(args, "temp-dir");
  if (!::mkdtemp(path.data())) throw_file_error("make a temporary folder like", path, errno);
  return path_value(path);
}

Ref temp_file_fn(Args args) {
  std::string path = temporary_pattern(args, "temp-file");
  std::string suffix = args.size() > 1 ? path_argument(args[1], "temp-file") : "";
  if (suffix.find('/') != suffix.npos) throw_illegal_argument("temp-file: a suffix cannot contain a slash");
  path += suffix;
  base::UniqueFd file(::mkostemps(path.data(), static_cast<int>(suffix.size()), O_CLOEXEC));
  if (!file) throw_file_error("make a temporary file like", path, errno);
  return path_value(path);
}

/// "rwxr-x---", "750" or 0750.
mode_t mode_argument(Value v) {
  int64_t mode = -1;
  if (is_int(v)) {
    mode = as_int(v);
  } else if (is<String>(v)) {
    std::string_view text = text_of(v);
    if (!text.empty() && text.size() <= 5 && text.find_first_not_of("01234567") == text.npos) {
      mode = 0;
      for (char c : text) mode = mode * 8 + (c - '0');
    } else if (text.size() == 9) {
      mode = 0;
      for (size_t i = 0; i < 9 && mode >= 0; ++i) {
        int64_t bit = 0400 >> i, special = i == 2 ? S_ISUID : (i == 5 ? S_ISGID : S_ISVTX);
        char letter = i == 8 ? 't' : 's';
        if (text[i] == "rwx"[i % 3]) {
          mode |= bit;
        } else if (i % 3 == 2 && text[i] == letter) {
          mode |= bit | special;
        } else if (i % 3 == 2 && text[i] == letter - 32) {
          mode |= special;
        } else if (text[i] != '-') {
          mode = -1;
        }
      }
    }
  }
  if (mode < 0 || mode > 07777) {
    throw_illegal_argument("Permissions are written \"rw-r--r--\", \"644\" or 0644, not " + describe(v));
  }
  return static_cast<mode_t>(mode);
}

Ref set_permissions_fn(Args args) {
  std::string path = path_argument(args[0], "set-permissions");
  if (::chmod(path.c_str(), mode_argument(args[1])) != 0)
    throw_file_error("set the permissions of", path, errno);
  return Ref(args[0]);
}

Ref create_link_fn(Args args) {
  std::string path = path_argument(args[0], "create-link"), target = path_argument(args[1], "create-link");
  if (::symlink(target.c_str(), path.c_str()) != 0) throw_file_error("make the link", path, errno);
  return Ref(args[0]);
}

constexpr NativeDef fs(const char* name, NativeFn fn, int8_t min, int8_t max, const char* arglists,
                       const char* doc) {
  return {"reops.fs", name, fn, min, max, k_borrow_all, arglists, doc};
}

constexpr NativeDef k_defs[] = {
    fs("mkdirs", mkdirs_fn, 1, 1, "([path])",
       "Makes the folder and all that are missing above it; one that is there already is left as it is. "
       "Returns the path."),
    fs("delete", delete_fn, 1, 1, "([path])",
       "Deletes a file, a link or an empty folder. Throws when it is not there."),
    fs("delete-if-exists", delete_if_exists_fn, 1, 1, "([path])",
       "Deletes a file, a link or an empty folder; true when there was one."),
    fs("delete-tree", delete_tree_fn, 1, 1, "([path])",
       "Deletes what is at the path and all below it, without following links; true when there was "
       "something."),
    fs("copy", copy_fn, 2, 2, "([from to])",
       "Copies a file with its permissions, replacing what is at `to` in one step; into it, when it is a "
       "folder. Returns the "
       "path of the copy."),
    fs("copy-tree", copy_tree_fn, 2, 2, "([from to])",
       "Copies a folder and all below it to `to`, adding to what is there. Links are copied as links. "
       "Returns `to`."),
    fs("move", move_fn, 2, 2, "([from to])",
       "Renames a file or folder, replacing a file at `to`; into it, when that is a folder. Returns the new "
       "path."),
    fs("temp-dir", temp_dir_fn, 0, 1, "([] [prefix])",
       "Makes a new folder for temporary files, which only this user may enter. Returns its path. See "
       "with-temp-dir."),
    fs("temp-file", temp_file_fn, 0, 2, "([] [prefix] [prefix suffix])",
       "Makes a new empty file that only this user may read. Returns its path."),
    fs("set-permissions", set_permissions_fn, 2, 2, "([path permissions])",
       "Says who may do what with the file: (set-permissions \"run.sh\" \"rwxr-xr-x\"); \"755\" and 0755 "
       "mean the same. "
       "Returns the path."),
    fs("create-link", create_link_fn, 2, 2, "([path target])",
       "Makes a symbolic link at the path that says target. Returns the path."),
};

}  // namespace

extern const NativeModule k_natives_file_changes;
const NativeModule k_natives_file_changes = {"file_changes", k_defs};

}  // namespace reops::lang
