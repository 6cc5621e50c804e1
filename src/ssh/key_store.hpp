#pragma once
// KeyStore: private keys, read and parsed once and shared by all sessions of an engine.

#include <cstdint>
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

/// One thread's. What it gives stays valid, and unchanged, as long as someone holds it. A file that has
/// changed since is read again.
class KeyStore {
 public:
  std::shared_ptr<const Identity> load(const std::string& path);

 private:
  /// What shows that a file has changed; all zero for one that is not there.
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0, mode = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Entry {
    Stamp stamp;
    std::shared_ptr<const Identity> identity;
  };
  static Stamp stamp_of(const std::string& path);

  std::map<std::string, Entry> identities_;
};

}  // namespace reops::ssh
