#pragma once
// The public keys that ssh-agent has, which libssh asks for only while it logs in.

#include <set>
#include <string>

namespace reops::ssh {

/// As blobs; none when the agent does not answer within two seconds.
std::set<std::string> agent_keys(const std::string& socket_path);

}  // namespace reops::ssh
