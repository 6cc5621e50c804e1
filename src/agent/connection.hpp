#pragma once
// The connection process: talks to controllers, and to workers by descriptors. Never runs shipped code.

#include "agent/options.hpp"
#include "base/unique_fd.hpp"

namespace reops::agent {

/// What makes the keeper give up instead of starting it again.
inline constexpr int k_exit_unusable = 2;

/// Workers come from `zygote`; the keeper hands over a new one through `keeper` when that was killed. Returns
/// the exit code: 0 after SIGTERM or SIGINT, k_exit_unusable when it cannot start, which has been said.
int run_connection(base::UniqueFd keeper, base::UniqueFd zygote, const Options& options);

}  // namespace reops::agent
