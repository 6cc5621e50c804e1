// What disks do, between two readings.

#include <algorithm>
#include <map>

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/rates.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr int64_t k_sector = 512;

// The sizes tell whole disks from their parts.
constexpr Need k_needs[] = {
    {Need::file, "/proc/diskstats"}, {Need::line, "/sys/block/*/size"}, {Need::line, k_clock}};

struct Counters {
  std::optional<int64_t> reads, read_bytes, writes, written_bytes, busy_ms;
};

std::map<std::string_view, Counters> counters_of(const Reading& now) {
  std::map<std::string_view, Counters> all;
  std::string_view rest = now.text("/proc/diskstats");
  for (std::string_view line; next_line(rest, line);) {
    std::vector<std::string_view> said = words(line);
    if (said.size() < 14) continue;
    all[said[2]] = {number(said[3]), times(number(said[5]), k_sector), number(said[7]),
                    times(number(said[9]), k_sector), number(said[12])};
  }
  return all;
}

lang::Ref disk_traffic(const Reading& before, const Reading& after) {
  auto seconds = seconds_between(before, after);
  auto earlier = counters_of(before), later = counters_of(after);
  Items disks;
  for (const auto& [name, is] : later) {
    auto found = earlier.find(name);
    auto size = number(after.line("/sys/block/" + std::string(name) + "/size"));
    if (found == earlier.end() || !seconds || size.value_or(0) <= 0 || name.starts_with("ram")) continue;
    const Counters& was = found->second;
    auto busy = rate(was.busy_ms, is.busy_ms, *seconds);
    disks.add(Fields()
                  .text("disk", name)
                  .real("reads", rate(was.reads, is.reads, *seconds))
                  .real("read-bytes", rate(was.read_bytes, is.read_bytes, *seconds))
                  .real("writes", rate(was.writes, is.writes, *seconds))
                  .real("written-bytes", rate(was.written_bytes, is.written_bytes, *seconds))
                  .real("busy", busy ? std::optional(std::min(100.0, *busy / 10)) : std::nullopt)
                  .made());
  }
  return disks.made();
}

}  // namespace

const Group k_disk_traffic = {"disk-traffic",
                              "What each disk did, of one second: [{:disk :reads :read-bytes :writes "
                              ":written-bytes :busy (percent of the "
                              "time)}].",
                              k_needs, nullptr, disk_traffic};

}  // namespace reops::facts
