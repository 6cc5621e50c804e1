#pragma once
// What a person is told of a host key that cannot be trusted.

#include <string>

#include "ssh/host_key.hpp"
#include "ssh/outcome.hpp"
#include "ssh/plan.hpp"

namespace reops::ssh {

/// `who` is "web7 (192.0.2.7:22)"; the verdict is not `known`. `certificate_problem` is why the host's
/// certificate does not count; empty when it showed none.
Failure host_key_failure(const Leg& leg, const std::string& who, const HostKey& key,
                         KnownHosts::Lookup::Verdict verdict, const std::string& certificate_problem = {});

}  // namespace reops::ssh
