#pragma once
// Keys of CURVE (curve25519, as ZeroMQ's RFC 26 has it), written in Z85: 40 characters.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reops::wire {

struct KeyPair {
  std::string open;  ///< the public one, by which a program is known
  std::string secret;
};

KeyPair make_keys();
/// The pair in that file (0600), made when there is none. An error when others may read it, or it holds none.
base::Result<KeyPair> keys_in(const std::string& path);
bool is_key(std::string_view text);

}  // namespace reops::wire
