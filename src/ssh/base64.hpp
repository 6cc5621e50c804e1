#pragma once
// Base64 (RFC 4648), as key files and known_hosts use it.

#include <optional>
#include <string>
#include <string_view>

namespace reops::ssh {

std::string base64_encode(std::string_view bytes);

/// None for text that is not base64. White space inside is skipped.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace reops::ssh
