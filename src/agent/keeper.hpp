#pragma once
// The first process of an agent, which starts the others and starts them again when they are killed. It has
// no threads, so that it can fork at any time.

#include "agent/options.hpp"

namespace reops::agent {

/// Until SIGTERM or SIGINT; returns the exit code. Whatever is wrong has been said.
int run_keeper(const Options& options);

}  // namespace reops::agent
