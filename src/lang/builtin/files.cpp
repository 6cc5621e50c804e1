// reops.fs: questions about files.

#include "base/files.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/builtin/system_arguments.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

// Predicates: false also for what we may not look at.

template <mode_t type>
Ref has_type(Args args) {
  struct stat status;
  return boolean(::stat(path_argument(args[0], "a question about a file").c_str(), &status) == 0 &&
                 (status.st_mode & S_IFMT) == type);
}

Ref exists_fn(Args args) { return boolean(base::file_exists(path_argument(args[0], "exists?"))); }

Ref is_link_fn(Args args) {
  struct stat status;
  return boolean(::lstat(path_argument(args[0], "link?").c_str(), &status) == 0 && S_ISLNK(status.st_mode));
}

template <int mode>
Ref accessible(Args args) {
  return boolean(::access(path_argument(args[0], "a question about a file").c_str(), mode) == 0);
}

struct stat status_of(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) throw_file_error("look at", path, errno);
  return status;
}

Ref size_fn(Args args) { return integer(status_of(path_argument(args[0], "size")).st_size); }

Ref modified_time_fn(Args args) {
  timespec time = status_of(path_argument(args[0], "modified-time")).st_mtim;
  return make_inst(int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1000000);
}

/// "rwxr-x---", with s, S, t and T where ls has them.
std::string permission_text(mode_t mode) {
  std::string text;
  for (int shift : {6, 3, 0}) {
    mode_t bits = mode >> shift & 7;
    bool special = mode & (shift == 6 ? S_ISUID : (shift == 3 ? S_ISGID : S_ISVTX));
    text += bits & 4 ? 'r' : '-';
    text += bits & 2 ? 'w' : '-';
    char set = shift == 0 ? 't' : 's';
    text += special ? (bits & 1 ? set : static_cast<char>(set - 32)) : (bits & 1 ? 'x' : '-');
  }
  return text;
}

Ref permissions_fn(Args args) {
  return make_string(permission_text(status_of(path_argument(args[0], "permissions")).st_mode));
}

Ref read_link_fn(Args args) {
  std::string path = path_argument(args[0], "read-link");
  char target[PATH_MAX];
  ssize_t length = ::readlink(path.c_str(), target, sizeof target);
  if (length < 0)
    throw_file_error(errno == EINVAL ? "read as a link (it is none)" : "read the link", path, errno);
  return path_value(std::string_view(target, static_cast<size_t>(length)));
}

Ref list_dir_fn(Args args) {
  std::string path = path_argument(args[0], "list-dir");
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
  if (!folder) throw_file_error("list", path, errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (!entry) {
      if (errno != 0) throw_file_error("list", path, errno);
      break;
    }
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    if (names.size() % 1000 == 0) poll();
  }
  std::sort(names.begin(), names.end());
  std::vector<Ref> paths;
  for (const std::string& name : names) paths.push_back(path_value(base::join_path(path, name)));
  return make_vector(std::vector<Value>(paths.begin(), paths.end()));
}

constexpr NativeDef fs(const char* name, NativeFn fn, const char* doc) {
  return {"reops.fs", name, fn, 1, 1, k_borrow_all, "([path])", doc};
}

constexpr NativeDef k_defs[] = {
    fs("exists?", exists_fn, "Is there something at the path? A link that leads nowhere is not something."),
    fs("directory?", has_type<S_IFDIR>, "Is there a folder at the path, or a link to one?"),
    fs("file?", has_type<S_IFREG>, "Is there a regular file at the path, or a link to one?"),
    fs("link?", is_link_fn, "Is the path itself a symbolic link?"),
    fs("readable?", accessible<R_OK>, "May this process read what is at the path?"),
    fs("writable?", accessible<W_OK>, "May this process write to what is at the path?"),
    fs("executable?", accessible<X_OK>, "May this process run what is at the path (enter it, for a folder)?"),
    fs("list-dir", list_dir_fn,
       "A sorted vector of the paths of all that lies in a folder: (map file-name (list-dir \"/etc\")). A "
       "name that is no "
       "UTF-8 comes as a byte string, which every function here takes as a path."),
    fs("size", size_fn, "The length of the file in bytes."),
    fs("modified-time", modified_time_fn, "When the content of the file changed last."),
    fs("permissions", permissions_fn, "Who may do what with the file, as ls writes it: \"rwxr-xr-x\"."),
    fs("read-link", read_link_fn,
       "What the symbolic link says, as it was written. Throws when the path is no link."),
};

}  // namespace

extern const NativeModule k_natives_files;
const NativeModule k_natives_files = {"files", k_defs};

}  // namespace reops::lang
