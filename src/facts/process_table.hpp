#pragma once
// Processes, as /proc/*/stat has them, joined.

#include <cstdint>
#include <map>
#include <string_view>

namespace reops::facts {

inline constexpr const char* k_process_stats = "/proc/[0-9]*/stat";

struct Process {
  std::string_view name;
  int64_t parent = 0;
};

/// By their numbers. The names are parts of `stats`.
std::map<int64_t, Process> processes_in(std::string_view stats);

}  // namespace reops::facts
