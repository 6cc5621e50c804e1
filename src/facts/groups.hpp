#pragma once
// The groups of facts: what each has to read, and what it makes of that.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facts/reading.hpp"
#include "lang/value/ref.hpp"

namespace reops::facts {

/// Something to be read.
struct Need {
  enum Kind : uint8_t {
    file,    ///< a file
    line,    ///< the first line of each file that a pattern finds, each under its path
    files,   ///< each file that a pattern finds, under its path
    joined,  ///< all files that a pattern finds, one after the other, under the pattern
    probe,   ///< what is no file: shell that prints it, and a function that returns the same text
  };
  Kind kind;
  const char* name;
  const char* shell = nullptr;
  std::string (*here)() = nullptr;
};

struct Group {
  const char* name;
  const char* doc;
  std::span<const Need> needs;
  lang::Ref (*facts)(const Reading& now);
  /// Instead of `facts`, for what is told by two readings, some time apart.
  lang::Ref (*rates)(const Reading& before, const Reading& after) = nullptr;
};

/// Of which facts are made together, of the same readings.
using Groups = std::vector<const Group*>;

std::span<const Group> all_groups();
/// What these have to read, each once.
std::vector<Need> needs_of(const Groups& groups);
/// Whether they need two readings.
bool take_time(const Groups& groups);
/// Null when there is none of that name.
const Group* find_group(std::string_view name);

// One file each, in groups/.
extern const Group k_system, k_processor, k_memory, k_load, k_disks, k_mounts, k_networks, k_users,
    k_services, k_packages, k_ports, k_processes, k_temperatures, k_entropy, k_usage, k_traffic,
    k_disk_traffic;

}  // namespace reops::facts
