#pragma once
// Reviewing host keys: what keys hosts show now, and taking those into known_hosts that a person has
// compared.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "ssh/engine.hpp"
#include "ssh/host_key.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// What a host shows, and what is known of it.
struct ShownHostKey {
  std::string host;     ///< the target's name
  std::string address;  ///< "192.0.2.7:22"; empty when it was not reached
  HostKey key;          ///< its parts are empty when the host showed none
  KnownHosts::Lookup::Verdict verdict = KnownHosts::Lookup::Verdict::unknown;
  /// Of a known key, the file that has it; of an unknown one, the file that it would be written to.
  std::string file;
  /// Why the key is none to accept: the host was not reached, or its key has changed or is revoked.
  Failure failure;
};

/// Asks all hosts for their keys; one answer for each, in the order of the targets. Nothing is written.
std::vector<ShownHostKey> shown_host_keys(Engine& engine, const std::vector<Target>& targets,
                                          const BatchOptions& options = {}, const Deadlines& deadlines = {});

/// A key to be kept, as it was shown.
struct KeptHostKey {
  Target target;
  HostKey key;
};

/// Writes keys into the users' known_hosts, of each file all or none; those on file already are left out. One
/// that meanwhile differs from what is on file, or is revoked, is an error, and nothing is written at all.
base::Result<void> keep_host_keys(const std::vector<KeptHostKey>& keys,
                                  const std::vector<std::string>& config_files = {});

}  // namespace reops::ssh
