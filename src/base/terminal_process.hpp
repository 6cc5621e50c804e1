#pragma once
// Giving a terminal to another program for a while.

#include <string>
#include <vector>

#include "base/result.hpp"

namespace reops::base {

/// Runs a program that has these descriptors, of a terminal, as its standard streams, and waits for its end:
/// its exit code, or 128+N when signal N ended it. It is in this process's group, so that what is typed is
/// its own. Afterwards the terminal is as it was.
Result<int> run_at_terminal(const std::vector<std::string>& argv, int in, int out, int err);

}  // namespace reops::base
