#include "base/exit_hooks.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace reops::base {
namespace {

std::mutex g_lock;
std::vector<std::pair<const ExitHook*, std::function<void()>>>& hooks() {
  // Never destroyed: the process may end while other threads still run.
  static auto& all = *new std::vector<std::pair<const ExitHook*, std::function<void()>>>;
  return all;
}

}  // namespace

ExitHook::ExitHook(std::function<void()> hook) {
  const std::lock_guard held(g_lock);
  hooks().emplace_back(this, std::move(hook));
}

ExitHook::~ExitHook() {
  std::function<void()> hook;
  {
    const std::lock_guard held(g_lock);
    std::erase_if(hooks(), [&](auto& entry) {
      if (entry.first != this) return false;
      hook = std::move(entry.second);
      return true;
    });
  }
  if (hook) hook();
}

void run_exit_hooks() {
  std::vector<std::pair<const ExitHook*, std::function<void()>>> taken;
  {
    const std::lock_guard held(g_lock);
    taken.swap(hooks());
  }
  for (auto entry = taken.rbegin(); entry != taken.rend(); ++entry) entry->second();
}

}  // namespace reops::base
