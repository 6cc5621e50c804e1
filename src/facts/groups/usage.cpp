// What the processors do, between two readings.

#include <algorithm>
#include <array>
#include <map>

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr Need k_needs[] = {{Need::file, "/proc/stat"}};

enum Part { usr, nice, sys, idle, iowait, irq, soft, steal, k_parts };
constexpr const char* k_names[] = {"usr", "nice", "sys", "idle", "iowait", "irq", "soft", "steal"};

using Times = std::array<int64_t, k_parts>;

std::map<std::string_view, Times> times_of(const Reading& now) {
  std::map<std::string_view, Times> all;
  std::string_view stat = now.text("/proc/stat");
  for (std::string_view line; next_line(stat, line);) {
    if (!line.starts_with("cpu")) continue;
    std::string_view name = next_word(line);
    Times& times = all[name];
    times.fill(0);
    for (int64_t& time : times) time = number(next_word(line)).value_or(0);
  }
  return all;
}

// Some times go back a little.
std::array<double, k_parts> shares(const Times& before, const Times& after) {
  std::array<double, k_parts> parts{};
  double all = 0;
  for (size_t i = 0; i < k_parts; ++i) {
    parts[i] = std::max(0.0, static_cast<double>(after[i]) - static_cast<double>(before[i]));
    all += parts[i];
  }
  for (double& part : parts) part = all > 0 ? 100 * part / all : 0;
  return parts;
}

double used(const std::array<double, k_parts>& parts) {
  double total = 0;
  for (double part : parts) total += part;
  return total - parts[idle] - parts[iowait];
}

lang::Ref usage(const Reading& before, const Reading& after) {
  auto earlier = times_of(before), later = times_of(after);
  Fields facts;
  if (!earlier.contains("cpu") || !later.contains("cpu")) return facts.unknown("used").made();
  auto whole = shares(earlier["cpu"], later["cpu"]);
  facts.real("used", used(whole));
  for (size_t i = 0; i < k_parts; ++i) facts.real(k_names[i], whole[i]);
  Items cores;
  for (size_t n = 0;; ++n) {
    std::string name = "cpu" + std::to_string(n);
    auto was = earlier.find(name), is = later.find(name);
    if (was == earlier.end() || is == later.end()) break;
    cores.add(Fields().real("used", used(shares(was->second, is->second))).made());
  }
  return facts.put("cores", cores.made()).made();
}

}  // namespace

const Group k_usage = {"usage",
                       "What the processors did, in percent of all their time: {:used :usr :nice :sys :idle "
                       ":iowait :irq :soft :steal "
                       ":cores [{:used}]}.",
                       k_needs, nullptr, usage};

}  // namespace reops::facts
