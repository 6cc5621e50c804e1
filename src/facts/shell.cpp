#include "facts/shell.hpp"

#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr std::string_view k_again = " again", k_end = " end";

// s marks a text, l prints first lines without starting a program for each, f whole files.
constexpr std::string_view k_functions =
    R"(l() { for f in "$@"; do v=; if IFS= read -r v <"$f" || [ -n "$v" ]; then s "$f"; printf '%s\n' "$v"; fi; done; }
f() { for f in "$@"; do if [ -f "$f" ] && [ -r "$f" ]; then s "$f"; cat "$f"; fi; done; }
)";

std::string shell_of(const Need& need) {
  std::string name = need.name;
  switch (need.kind) {
    case Need::file:
    case Need::files:
      return "f " + name + "\n";
    case Need::line:
      return "l " + name + "\n";
    case Need::joined:
      return "s '" + name + "'\ncat " + name + "\n";
    case Need::probe:
      return "s " + name + "\n" + need.shell + "\n";
  }
  return {};
}

}  // namespace

std::string script_of(const Groups& groups, std::string_view mark, int64_t seconds) {
  std::string sign = "\\n=" + std::string(mark);
  std::string script = "s() { printf '" + sign + " %s\\n' \"$1\"; }\n" + std::string(k_functions) + "g() {\n";
  for (const Need& need : needs_of(groups)) script += shell_of(need);
  script += "} 2>/dev/null\nLC_ALL=C; export LC_ALL\ng\n";
  if (take_time(groups)) script += "sleep " + std::to_string(seconds) + "\ns again\ng\n";
  return script + "s end\n";
}

base::Result<std::vector<Reading>> read_output(const Groups& groups, std::string_view mark,
                                               std::string_view output) {
  const std::string sign = "\n=" + std::string(mark);
  std::vector<Reading> readings(1);
  bool ended = false;
  size_t at = output.find(sign);
  while (at != std::string_view::npos) {
    size_t name_at = at + sign.size();
    size_t line_end = output.find('\n', name_at);
    size_t next = output.find(sign, name_at);
    // A line that was cut.
    if (line_end == std::string_view::npos || line_end > next) break;
    std::string_view name = output.substr(name_at, line_end - name_at);
    if (name == k_end) {
      ended = true;
    } else if (name == k_again) {
      readings.emplace_back();
    } else {
      std::string_view text = output.substr(line_end + 1);
      if (next != std::string_view::npos) text = output.substr(line_end + 1, next - line_end - 1);
      readings.back().put(std::string(trimmed(name)), std::string(text));
    }
    at = next;
  }
  if (!ended || readings.size() != (take_time(groups) ? 2u : 1u))
    return base::Error{"facts/incomplete", "it was cut off before its end", {}};
  return readings;
}

}  // namespace reops::facts
