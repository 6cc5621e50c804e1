#pragma once
// Rates: counters of two readings and the time between them.

#include <optional>

#include "facts/reading.hpp"

namespace reops::facts {

/// To be read with what is counted.
inline constexpr const char* k_clock = "/proc/uptime";

/// Seconds between two readings; nothing when it cannot be told.
std::optional<double> seconds_between(const Reading& before, const Reading& after);
/// Of one second. Nothing for a counter that began anew meanwhile.
std::optional<double> rate(std::optional<int64_t> before, std::optional<int64_t> after, double seconds);

}  // namespace reops::facts
