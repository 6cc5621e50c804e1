// Memory and swap, in bytes.

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr Need k_needs[] = {{Need::file, "/proc/meminfo"}};

lang::Ref memory_facts(const Reading& now) {
  std::optional<int64_t> total, free, available, buffers, cached, reclaimable, shared, swap_total, swap_free;
  const std::pair<std::string_view, std::optional<int64_t>*> known[] = {
      {"MemTotal", &total},  {"MemFree", &free},         {"MemAvailable", &available},
      {"Buffers", &buffers}, {"Cached", &cached},        {"SReclaimable", &reclaimable},
      {"Shmem", &shared},    {"SwapTotal", &swap_total}, {"SwapFree", &swap_free}};
  std::string_view rest = now.text("/proc/meminfo");
  for (std::string_view line; next_line(rest, line);) {
    auto [key, value] = split_at(line, ':');
    for (const auto& [name, amount] : known) {
      std::string_view words = value;
      if (key == name) *amount = times(number(next_word(words)), 1024);
    }
  }
  auto sum = buffers.value_or(0) + cached.value_or(0) + reclaimable.value_or(0);
  // Kernels before 3.14 do not say what is available.
  if (!available && free) available = *free + sum;
  Fields facts;
  if (!total) return facts.unknown("total").made();
  facts.number("total", total);
  if (available) facts.number("used", std::max<int64_t>(0, *total - *available));
  facts.number("free", free)
      .number("shared", shared)
      .number("buff-cache", sum)
      .number("available", available);
  if (available && *total > 0)
    facts.real("perc", 100.0 * static_cast<double>(*total - *available) / static_cast<double>(*total));
  if (swap_total) {
    Fields swap;
    swap.number("total", swap_total);
    if (swap_free) swap.number("used", std::max<int64_t>(0, *swap_total - *swap_free));
    facts.put("swap", swap.number("free", swap_free).made());
  }
  return facts.made();
}

}  // namespace

const Group k_memory = {"memory",
                        "Memory in bytes: {:total :used :free :shared :buff-cache :available :perc (of "
                        ":total, used) :swap {:total "
                        ":used :free}}. Used is what is not available.",
                        k_needs, memory_facts};

}  // namespace reops::facts
