#pragma once
// Small pieces of the sentences that people read.

#include <string>

#include "base/clock.hpp"

namespace reops::ssh {

/// "10 s", "1.5 s", "250 ms".
inline std::string duration_text(base::Millis span) {
  const auto ms = span.count();
  if (ms < 1000) return std::to_string(ms) + " ms";
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) text += "." + std::to_string(ms % 1000 / 100);
  return text + " s";
}

}  // namespace reops::ssh
