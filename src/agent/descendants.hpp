#pragma once
// The processes below one, whatever session or group they are in.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reops::agent {

struct Descendants {
  std::vector<pid_t> pids;  ///< zombies are left out
  size_t resident_bytes = 0;
};
/// Those of this process that began at `since_ms` (of boot_ms) or later. None can be found where /proc is not
/// mounted.
Descendants find_descendants(int64_t since_ms);
/// Milliseconds since the machine was started.
int64_t boot_ms();

}  // namespace reops::agent
