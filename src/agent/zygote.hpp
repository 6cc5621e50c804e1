#pragma once
// The zygote: a process that has the language ready and nothing else: no threads, no connections. Workers are
// copies of it.

#include "agent/options.hpp"
#include "base/unique_fd.hpp"

namespace reops::agent {

/// For each message over `requests` a worker under a guard is started, and answered by two descriptors: that
/// of its work and that of its guard (guard.hpp). Ends with the other side.
[[noreturn]] void run_zygote(base::UniqueFd requests, const Options& options);

}  // namespace reops::agent
