#include "base/folders.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "base/files.hpp"

namespace reops::base {
namespace {

struct Account {
  std::string name;
  std::string home;
};

Account read_account(uid_t uid) {
  const long hint = ::sysconf(_SC_GETPW_R_SIZE_MAX);
  std::vector<char> buffer(hint > 0 ? static_cast<std::size_t>(hint) : 16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return {std::to_string(uid), "/"};
  return {found->pw_name, found->pw_dir};
}

// Read once: it is asked for every host that a batch works on.
const Account& account() {
  static const Account own = read_account(::geteuid());
  return own;
}

std::string absolute_from_environment(const char* name) {
  const char* value = std::getenv(name);
  // The XDG specification says that relative paths are to be ignored.
  return value != nullptr && *value == '/' ? value : "";
}

std::string own_folder(const char* below_reops_home, const char* xdg_variable, const char* below_home) {
  if (const std::string all = absolute_from_environment("REOPS_HOME"); !all.empty())
    return join_path(all, below_reops_home);
  if (const std::string base = absolute_from_environment(xdg_variable); !base.empty())
    return join_path(base, "reops");
  return join_path(home_folder(), below_home);
}

}  // namespace

std::string home_folder() {
  const std::string home = absolute_from_environment("HOME");
  return home.empty() ? account().home : home;
}

std::string user_name() { return account().name; }
std::string user_name_of(uid_t uid) { return read_account(uid).name; }

std::string expand_home(const std::string& path) {
  if (path == "~") return home_folder();
  if (path.starts_with("~/")) return join_path(home_folder(), path.substr(2));
  return path;
}

std::string config_folder() { return own_folder("config", "XDG_CONFIG_HOME", ".config/reops"); }
std::string data_folder() { return own_folder("data", "XDG_DATA_HOME", ".local/share/reops"); }
std::string state_folder() { return own_folder("state", "XDG_STATE_HOME", ".local/state/reops"); }
std::string cache_folder() { return own_folder("cache", "XDG_CACHE_HOME", ".cache/reops"); }

std::string runtime_folder() {
  const bool has_own = !absolute_from_environment("REOPS_HOME").empty() ||
                       !absolute_from_environment("XDG_RUNTIME_DIR").empty();
  return has_own ? own_folder("run", "XDG_RUNTIME_DIR", "") : join_path(state_folder(), "run");
}

}  // namespace reops::base
