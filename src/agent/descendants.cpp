#include "agent/descendants.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>

#include "base/files.hpp"

namespace reops::agent {
namespace {

struct Process {
  pid_t parent = 0;
  bool zombie = false;
  int64_t began_ms = 0;
};

// "4711 (any name) S 4710 …"; the 22nd item is when it began, in ticks.
bool read_process(const std::string& number, Process& process) {
  auto text = base::read_file("/proc/" + number + "/stat", 4096);
  if (!text) return false;
  size_t name_end = text.value().rfind(')');
  if (name_end == std::string::npos || name_end + 4 > text.value().size()) return false;
  const char* at = text.value().c_str() + name_end + 2;
  process.zombie = *at == 'Z' || *at == 'X';
  process.parent = static_cast<pid_t>(std::strtol(at + 1, nullptr, 10));
  for (int item = 3; item < 22; ++item) {
    at = std::strchr(at, ' ');
    if (at == nullptr) return false;
    ++at;
  }
  process.began_ms = std::strtoll(at, nullptr, 10) * 1000 / sysconf(_SC_CLK_TCK);
  return true;
}

// What is its own: the pages of programs and libraries are there once for all.
size_t own_bytes(pid_t pid) {
  auto text = base::read_file("/proc/" + std::to_string(pid) + "/statm", 4096);
  unsigned long total = 0, resident = 0, shared = 0;
  if (!text || std::sscanf(text.value().c_str(), "%lu %lu %lu", &total, &resident, &shared) != 3) return 0;
  return (resident - std::min(shared, resident)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

int64_t boot_ms() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

Descendants find_descendants(int64_t since_ms) {
  Descendants found;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return found;
  std::map<pid_t, Process> all;
  while (const dirent* entry = readdir(proc)) {
    pid_t pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    Process process;
    if (pid > 0 && read_process(entry->d_name, process)) all.emplace(pid, process);
  }
  closedir(proc);
  std::vector<pid_t> parents{getpid()};
  while (!parents.empty()) {
    pid_t parent = parents.back();
    parents.pop_back();
    for (const auto& [pid, process] : all) {
      if (process.parent != parent || pid == parent) continue;
      parents.push_back(pid);
      if (process.zombie || process.began_ms < since_ms) continue;
      found.pids.push_back(pid);
    }
  }
  return found;
}

size_t bytes_of(const Descendants& descendants) {
  size_t bytes = 0;
  for (pid_t pid : descendants.pids) bytes += own_bytes(pid);
  return bytes;
}

}  // namespace reops::agent
