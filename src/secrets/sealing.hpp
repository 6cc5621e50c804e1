#pragma once
// How the file of secrets is sealed: a key of a passphrase by Argon2id, and XChaCha20-Poly1305 with it. The
// header, which says how, is authenticated with what is in it.
//
//   "REOPSSEC"  version (1 byte)  passes (4)  memory in bytes (8)  salt (16)  nonce (24)  what is sealed
//
// Numbers have their lowest byte first.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "secrets/locked_bytes.hpp"

namespace reops::secrets {

/// What a key is made with, beside the passphrase.
struct KeyRecipe {
  std::uint32_t passes = 3;
  std::uint64_t memory = std::uint64_t{64} << 20;
  std::array<unsigned char, 16> salt{};

  /// The same with a new salt.
  KeyRecipe salted() const;
  bool operator==(const KeyRecipe&) const = default;
};

/// Takes a tenth of a second or so, and the memory that the recipe says.
base::Result<LockedBytes> make_key(const LockedBytes& passphrase, const KeyRecipe& recipe);

/// The whole of a file, under a new nonce.
std::string seal(const LockedBytes& content, const LockedBytes& key, const KeyRecipe& recipe);

/// What a file says of its key. `path` is for errors.
base::Result<KeyRecipe> recipe_of(std::string_view file, const std::string& path);

/// What is sealed in a file; the error secrets/passphrase when it is another key's, or was changed.
base::Result<LockedBytes> unseal(std::string_view file, const LockedBytes& key, const std::string& path);

}  // namespace reops::secrets
