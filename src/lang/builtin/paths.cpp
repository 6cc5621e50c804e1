// reops.fs: paths as text, and the folders everything starts from. Nothing here looks at files, except
// canonical-path, which and glob.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <vector>

#include "base/files.hpp"
#include "base/folders.hpp"
#include "base/surroundings.hpp"
#include "lang/builtin/native.hpp"
#include "lang/builtin/system_arguments.hpp"
#include "lang/collection/vector.hpp"

namespace reops::lang {
namespace {

/// Without slashes at the end; the root stays.
std::string_view without_trailing_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

std::string_view last_name(std::string_view path) {
  path = without_trailing_slashes(path);
  size_t slash = path.rfind('/');
  return slash == path.npos || path == "/" ? path : path.substr(slash + 1);
}

std::string current_folder() {
  char buffer[PATH_MAX];
  if (!::getcwd(buffer, sizeof buffer)) throw_file_error("find the current folder", ".", errno);
  return buffer;
}

Ref cwd_fn(Args) { return path_value(current_folder()); }
Ref home_fn(Args) { return path_value(base::home_folder()); }
Ref expand_home_fn(Args args) { return path_value(base::expand_home(path_argument(args[0], "expand-home"))); }

Ref parent_fn(Args args) {
  std::string path(without_trailing_slashes(path_argument(args[0], "parent")));
  size_t slash = path.rfind('/');
  if (slash == path.npos || path == "/") return nil();
  return path_value(slash == 0 ? "/" : without_trailing_slashes(std::string_view(path).substr(0, slash)));
}

Ref file_name_fn(Args args) {
  std::string path = path_argument(args[0], "file-name");
  return path_value(last_name(path));
}

/// Where the extension's dot stands in a file's name; npos when it has none. A leading dot hides a file, no
/// more.
size_t extension_dot(std::string_view name) {
  size_t dot = name.rfind('.');
  return dot == 0 || name == ".." ? name.npos : dot;
}

Ref extension_fn(Args args) {
  std::string path = path_argument(args[0], "extension");
  std::string_view name = last_name(path);
  size_t dot = extension_dot(name);
  return dot == name.npos ? nil() : path_value(name.substr(dot + 1));
}

Ref strip_extension_fn(Args args) {
  std::string path(without_trailing_slashes(path_argument(args[0], "strip-extension")));
  std::string_view name = last_name(path);
  size_t dot = extension_dot(name);
  return path_value(dot == name.npos ? path : path.substr(0, path.size() - (name.size() - dot)));
}

Ref join_fn(Args args) {
  std::string path = path_argument(args[0], "join");
  for (size_t i = 1; i < args.size(); ++i) path = base::join_path(path, path_argument(args[i], "join"));
  return path_value(path);
}

Ref is_absolute_fn(Args args) { return boolean(path_argument(args[0], "absolute?")[0] == '/'); }

Ref absolute_path_fn(Args args) {
  std::string path = path_argument(args[0], "absolute-path");
  return path_value(path[0] == '/' ? path : base::join_path(current_folder(), path));
}

Ref canonical_path_fn(Args args) {
  std::string path = path_argument(args[0], "canonical-path");
  char buffer[PATH_MAX];
  if (!::realpath(path.c_str(), buffer)) throw_file_error("follow", path, errno);
  return path_value(buffer);
}

bool is_program(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

Ref which_fn(Args args) {
  std::string name = path_argument(args[0], "which");
  if (name.find('/') != name.npos) return is_program(name) ? path_value(name) : nil();
  const char* search = base::variable("PATH");
  std::string_view rest = search ? search : "/usr/local/bin:/usr/bin:/bin";
  for (bool more = true; more;) {
    size_t colon = rest.find(':');
    std::string folder(rest.substr(0, colon));
    more = colon != rest.npos;
    if (more) rest.remove_prefix(colon + 1);
    std::string candidate = base::join_path(folder.empty() ? "." : folder, name);
    if (is_program(candidate)) return path_value(candidate);
  }
  return nil();
}

Ref glob_fn(Args args) {
  std::string pattern = path_argument(args[args.size() - 1], "glob");
  if (args.size() == 2) pattern = base::join_path(path_argument(args[0], "glob"), pattern);
  std::vector<Ref> paths;
  for (const std::string& path : base::glob_paths(pattern)) paths.push_back(path_value(path));
  return make_vector(std::vector<Value>(paths.begin(), paths.end()));
}

constexpr NativeDef fs(const char* name, NativeFn fn, int8_t min, int8_t max, const char* arglists,
                       const char* doc) {
  return {"reops.fs", name, fn, min, max, k_borrow_all, arglists, doc};
}

constexpr NativeDef k_defs[] = {
    fs("cwd", cwd_fn, 0, 0, "([])", "The current folder of this process."),
    fs("home", home_fn, 0, 0, "([])", "The home folder of the user this process runs as."),
    fs("expand-home", expand_home_fn, 1, 1, "([path])",
       "The path with a leading ~ replaced by the home folder: (expand-home \"~/.ssh\")."),
    fs("parent", parent_fn, 1, 1, "([path])", "The path without its last name; nil when it has only one."),
    fs("file-name", file_name_fn, 1, 1, "([path])", "The last name of the path."),
    fs("extension", extension_fn, 1, 1, "([path])",
       "What follows the last dot of the path's last name, nil when there is none: (extension "
       "\"a/b.tar.gz\") is \"gz\"."),
    fs("strip-extension", strip_extension_fn, 1, 1, "([path])",
       "The path without its extension and the dot before it."),
    fs("join", join_fn, 1, k_variadic, "([path & more])",
       "One path from several; an absolute one makes what comes before it irrelevant."),
    fs("absolute?", is_absolute_fn, 1, 1, "([path])", "Does the path begin at the root?"),
    fs("absolute-path", absolute_path_fn, 1, 1, "([path])",
       "The path, seen from the root instead of the current folder."),
    fs("canonical-path", canonical_path_fn, 1, 1, "([path])",
       "The one absolute path of an existing file: no links, no dots. Throws when there is no such file."),
    fs("which", which_fn, 1, 1, "([program])",
       "Where the program of that name lies: the first executable file of the folders in PATH; nil when "
       "there is none."),
    fs("glob", glob_fn, 1, 2, "([pattern] [folder pattern])",
       "A vector of the paths that match a shell pattern, sorted: (glob \"/var/log/*.log\"). With a folder, "
       "the pattern is "
       "meant below it."),
};

}  // namespace

extern const NativeModule k_natives_paths;
const NativeModule k_natives_paths = {"paths", k_defs};

}  // namespace reops::lang
