#include "lang/runtime/module.hpp"

#include <dlfcn.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lang/value/error.hpp"

namespace reops::lang {

const char k_module_abi[] = "reops-module-1";

namespace {

// The file that we run from; empty when it cannot be known. In a bare chroot there is no /proc, and what the
// kernel was asked to run has to do.
std::filesystem::path program_file() {
  std::error_code failed;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed) return program;
  const char* asked = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (!asked) return {};
  program = std::filesystem::canonical(asked, failed);
  return failed ? std::filesystem::path() : program;
}

std::vector<std::filesystem::path> module_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* given = std::getenv("REOPS_MODULES"); given && *given) folders.emplace_back(given);
  const std::filesystem::path program = program_file();
  if (!program.empty()) {
    folders.push_back(program.parent_path() / "modules");
    folders.push_back(program.parent_path().parent_path() / "lib" / "reops");
  }
  return folders;
}

std::filesystem::path find_module(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    std::filesystem::path path = std::filesystem::absolute(name);
    if (access(path.c_str(), R_OK) == 0) return path;
    throw_diagnostic(ErrorClass::illegal_state, "reops/no-module",
                     "There is no module " + path.string() + " that can be read");
  }
  std::string searched;
  for (const auto& folder : module_folders()) {
    std::filesystem::path path = folder / (std::string(name) + ".so");
    if (access(path.c_str(), R_OK) == 0) return path;
    searched += (searched.empty() ? "" : ", ") + folder.string();
  }
  throw_diagnostic(
      ErrorClass::illegal_state, "reops/no-module",
      "The module " + std::string(name) + " (" + std::string(name) + ".so) is in none of: " + searched,
      "Is the installation complete? REOPS_MODULES can name another folder.");
}

}  // namespace

void load_module(std::string_view name) {
  // Never destroyed: threads that outlive main may still ask.
  static auto& mutex = *new std::mutex;
  static auto& loaded = *new std::set<std::string, std::less<>>;
  std::lock_guard lock(mutex);
  if (loaded.contains(name)) return;
  std::filesystem::path path = find_module(name);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    throw_diagnostic(ErrorClass::illegal_state, "reops/bad-module",
                     std::string("The module cannot be loaded: ") + dlerror(),
                     "A package that it needs may be missing.");
  }
  auto entry = reinterpret_cast<ModuleEntry (*)()>(dlsym(library, "reops_module"));
  if (!entry || entry().abi != k_module_abi) {
    throw_diagnostic(ErrorClass::illegal_state, "reops/bad-module",
                     path.string() + " is no module of this program");
  }
  install(*entry().natives);
  loaded.emplace(name);
}

}  // namespace reops::lang
