#pragma once
// Bytes as names of files.

#include <optional>
#include <string>
#include <string_view>

namespace reops::agent {

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace reops::agent
