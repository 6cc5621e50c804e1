#include "facts/groups.hpp"

#include <algorithm>
#include <set>

namespace reops::facts {

std::span<const Group> all_groups() {
  static const Group all[] = {k_system,   k_processor, k_memory,   k_load,         k_disks,       k_mounts,
                              k_networks, k_users,     k_services, k_packages,     k_ports,       k_processes,
                              k_entropy,  k_usage,     k_traffic,  k_disk_traffic, k_temperatures};
  return all;
}

std::vector<Need> needs_of(const Groups& groups) {
  std::vector<Need> needs;
  std::set<std::string_view> names;
  for (const Group* group : groups)
    for (const Need& need : group->needs)
      if (names.insert(need.name).second) needs.push_back(need);
  return needs;
}

bool take_time(const Groups& groups) {
  return std::any_of(groups.begin(), groups.end(),
                     [](const Group* group) { return group->rates != nullptr; });
}

const Group* find_group(std::string_view name) {
  for (const Group& group : all_groups())
    if (name == group.name) return &group;
  return nullptr;
}

}  // namespace reops::facts
