#pragma once
// KeyStore: private keys, read and parsed once and shared by all sessions of an engine.

#include <map>
#include <memory>
#include <string>

#include "ssh/handles.hpp"

namespace reops::ssh {

/// What a private key file holds, or why it cannot be used.
struct Identity {
  enum class Problem { none, missing, unreadable, exposed, encrypted, hardware, unsupported };

  std::string path;
  std::string type;  ///< "ssh-ed25519"
  KeyHandle key;     ///< none unless problem is none
  Problem problem = Problem::none;
  /// For messages: "~/.ssh/id_rsa is encrypted; …". Empty without a problem.
  std::string complaint;
};

/// One thread's. What it gives stays valid, and unchanged, as long as someone holds it.
class KeyStore {
 public:
  std::shared_ptr<const Identity> load(const std::string& path);

 private:
  std::map<std::string, std::shared_ptr<const Identity>> identities_;
};

}  // namespace reops::ssh
