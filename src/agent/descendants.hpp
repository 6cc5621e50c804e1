#pragma once
// The processes below one, whatever session or group they are in.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reops::agent {

struct Descendants {
  std::vector<pid_t> pids;  ///< zombies are left out
};
/// Those of this process that began at `since_ms` (of boot_ms) or later. None can be found where /proc is not
/// mounted.
Descendants find_descendants(int64_t since_ms);
/// Memory that is theirs alone.
size_t bytes_of(const Descendants& descendants);
/// Milliseconds since the machine was started.
int64_t boot_ms();

}  // namespace reops::agent
