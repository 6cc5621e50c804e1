#pragma once
// Taking a host's key into known_hosts, which a person does once per host, having compared the fingerprint.

#include <string>

#include "base/result.hpp"
#include "ssh/destination.hpp"
#include "ssh/engine.hpp"
#include "ssh/host_key.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// Appends a host's key to the user's known_hosts (made with mode 0600 if need be).
base::Result<void> add_host_key(const Destination& destination, const HostKey& key);

/// What accept_host_key() did.
struct AcceptedHostKey {
  std::string host;         ///< the target's name
  std::string address;      ///< "192.0.2.7:22"
  std::string type;         ///< "ssh-ed25519"
  std::string fingerprint;  ///< "SHA256:…"
  std::string file;         ///< where it is written
  bool added = false;       ///< false: it was on file already
};

/// Fetches the key that the host shows now and appends it to the user's known_hosts (made with mode 0600 if
/// need be). A key of the same type that differs, or a revoked one, is an error, and nothing is written. With
/// `expected_fingerprint` any other key is an error too.
base::Result<AcceptedHostKey> accept_host_key(Engine& engine, const Target& target,
                                              const BatchOptions& options = {},
                                              const std::string& expected_fingerprint = "",
                                              const Deadlines& deadlines = {});

}  // namespace reops::ssh
