#include "facts/rates.hpp"

#include "facts/text.hpp"

namespace reops::facts {

std::optional<double> seconds_between(const Reading& before, const Reading& after) {
  std::string_view earlier = before.line(k_clock), later = after.line(k_clock);
  auto from = decimal(next_word(earlier)), to = decimal(next_word(later));
  if (!from || !to || *to <= *from) return std::nullopt;
  return *to - *from;
}

std::optional<double> rate(std::optional<int64_t> before, std::optional<int64_t> after, double seconds) {
  if (!before || !after || *after < *before) return std::nullopt;
  return (static_cast<double>(*after) - static_cast<double>(*before)) / seconds;
}

}  // namespace reops::facts
