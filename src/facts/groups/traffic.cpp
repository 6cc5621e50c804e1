// What goes over the networks, between two readings.

#include <map>

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/rates.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr Need k_needs[] = {{Need::file, "/proc/net/dev"}, {Need::line, k_clock}};

struct Counter {
  const char* name;
  size_t column;
};
constexpr Counter k_counters[] = {{"rx-bytes", 0}, {"rx-packets", 1}, {"rx-errors", 2},  {"rx-dropped", 3},
                                  {"tx-bytes", 8}, {"tx-packets", 9}, {"tx-errors", 10}, {"tx-dropped", 11}};
constexpr size_t k_columns = 16;

std::map<std::string_view, std::vector<std::string_view>> counters_of(const Reading& now) {
  std::map<std::string_view, std::vector<std::string_view>> all;
  std::string_view rest = now.text("/proc/net/dev");
  for (std::string_view line; next_line(rest, line);) {
    // An alias has a colon of its own: eth0:1.
    size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;
    std::vector<std::string_view> said = words(line.substr(colon + 1));
    if (said.size() >= k_columns) all[trimmed(line.substr(0, colon))] = std::move(said);
  }
  return all;
}

lang::Ref traffic(const Reading& before, const Reading& after) {
  auto seconds = seconds_between(before, after);
  auto earlier = counters_of(before), later = counters_of(after);
  Items interfaces;
  for (const auto& [name, said] : later) {
    auto was = earlier.find(name);
    if (was == earlier.end() || !seconds) continue;
    Fields interface;
    interface.text("interface", name);
    for (const Counter& counter : k_counters)
      interface.real(counter.name,
                     rate(number(was->second[counter.column]), number(said[counter.column]), *seconds));
    interfaces.add(interface.made());
  }
  return interfaces.made();
}

}  // namespace

const Group k_traffic = {
    "traffic",
    "What went over each interface, of one second: [{:interface :rx-bytes :rx-packets :rx-errors :rx-dropped "
    ":tx-bytes :tx-packets :tx-errors :tx-dropped}].",
    k_needs, nullptr, traffic};

}  // namespace reops::facts
