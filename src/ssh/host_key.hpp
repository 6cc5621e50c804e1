#pragma once
// The public key that a host shows.

#include <string>

namespace reops::ssh {

struct HostKey {
  std::string type;         ///< "ssh-ed25519"
  std::string base64;       ///< as in known_hosts
  std::string fingerprint;  ///< "SHA256:…"
  /// The line of known_hosts ("file:line") whose certificate authority vouches for it; empty when none does.
  std::string certified_by{};
};

}  // namespace reops::ssh
