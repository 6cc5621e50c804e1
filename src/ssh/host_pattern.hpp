#pragma once
// Patterns of host names, as ssh_config and known_hosts have them: * and ?, and ! for exceptions.

#include <string>
#include <string_view>
#include <vector>

namespace reops::ssh {

/// Whether `text` is matched whole by one pattern of `*` (any run) and `?` (any one character).
bool matches_glob(std::string_view pattern, std::string_view text);

/// Whether one pattern matches and no pattern with a leading "!" does.
bool matches_patterns(const std::vector<std::string>& patterns, std::string_view text);

/// "a,b" → {"a", "b"}; empty parts are left out.
std::vector<std::string> split_list(std::string_view text, char separator);

/// ASCII letters only, which is all that host names and keywords have.
std::string to_lower(std::string_view text);

}  // namespace reops::ssh
