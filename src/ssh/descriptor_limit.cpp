#include "ssh/descriptor_limit.hpp"

#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>

namespace reops::ssh {
namespace {

// A socket, and for a moment another one to a second address, or two to the agent.
constexpr std::size_t k_descriptors_per_host = 3;
constexpr std::size_t k_descriptors_for_others = 64;

std::size_t open_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return k_descriptors_for_others;
  std::size_t count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

}  // namespace

std::size_t hosts_that_fit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return wanted;
  const std::size_t taken = open_descriptors() + k_descriptors_for_others;
  const std::size_t needed = taken + wanted * k_descriptors_per_host;
  if (limit.rlim_cur < needed && limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(needed, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur >= needed) return wanted;
  if (limit.rlim_cur <= taken) return 1;
  return std::max<std::size_t>(1, (limit.rlim_cur - taken) / k_descriptors_per_host);
}

}  // namespace reops::ssh
