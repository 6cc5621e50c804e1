#pragma once
// Readings of other machines: a piece of shell that prints all that a group needs, in one round, and what it
// printed taken apart again. Any POSIX shell will do; what a machine does not have is left out.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "facts/groups.hpp"

namespace reops::facts {

/// `mark` begins the lines between texts: nobody there may know it beforehand, so that no text can pass for
/// another. Where rates are among them all is read twice, `seconds` apart.
std::string script_of(const Groups& groups, std::string_view mark, int64_t seconds);

/// The readings in what such shell printed: one, or two where rates are among the groups. An error when the
/// end is missing.
base::Result<std::vector<Reading>> read_output(const Groups& groups, std::string_view mark,
                                               std::string_view output);

}  // namespace reops::facts
