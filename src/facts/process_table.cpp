#include "facts/process_table.hpp"

#include "facts/text.hpp"

namespace reops::facts {

std::map<int64_t, Process> processes_in(std::string_view stats) {
  std::map<int64_t, Process> found;
  for (std::string_view line; next_line(stats, line);) {
    // A name may hold blanks and brackets.
    size_t open = line.find('('), close = line.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) continue;
    auto pid = number(line.substr(0, open));
    std::string_view rest = line.substr(close + 1);
    next_word(rest);
    auto parent = number(next_word(rest));
    if (pid && parent) found[*pid] = {line.substr(open + 1, close - open - 1), *parent};
  }
  return found;
}

}  // namespace reops::facts
