// How much wants to run.

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr Need k_needs[] = {{Need::line, "/proc/loadavg"}, {Need::file, "/proc/stat"}};

lang::Ref load_facts(const Reading& now) {
  std::vector<std::string_view> said = words(now.line("/proc/loadavg"));
  said.resize(5);
  int64_t cores = 0;
  std::string_view stat = now.text("/proc/stat");
  for (std::string_view line; next_line(stat, line);)
    if (line.starts_with("cpu") && line.size() > 3 && line[3] >= '0' && line[3] <= '9') ++cores;
  auto [running, all] = split_at(said[3], '/');
  Fields facts;
  facts.real("one", decimal(said[0])).real("five", decimal(said[1])).real("fifteen", decimal(said[2]));
  if (facts.is_empty()) facts.unknown("one");
  return facts.number("cores", cores > 0 ? std::optional(cores) : std::nullopt)
      .number("running", number(running))
      .number("tasks", number(all))
      .made();
}

}  // namespace

const Group k_load = {"load",
                      "The load of the last one, five and fifteen minutes: {:one :five :fifteen :cores "
                      ":running :tasks}, the last two of threads.",
                      k_needs, load_facts};

}  // namespace reops::facts
