#pragma once
// Readings of this machine, by its files alone: no program is started.

#include "facts/groups.hpp"

namespace reops::facts {

/// What cannot be read is not in it.
Reading read_here(const Groups& groups);

}  // namespace reops::facts
