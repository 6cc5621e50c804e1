#pragma once
// Signatures as the SSH protocol has them.

#include <string_view>

namespace reops::ssh {

/// Whether `signature` (its kind and bytes) is one of `text` by `key` (its kind and fields): Ed25519, ECDSA
/// on the NIST curves, RSA with SHA-2. Anything else is none.
bool verify_signature(std::string_view key, std::string_view signature, std::string_view text);

}  // namespace reops::ssh
