#pragma once
// KeyStore: private keys, read and parsed once and shared by all sessions of an engine.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "ssh/handles.hpp"

namespace reops::ssh {

/// What a private key file holds, and perhaps the certificate of it, or why it cannot be used.
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
  /// The key together with the user certificate in another file; none when there is no such file, it is no
  /// certificate of this key, or the key itself cannot be used.
  std::shared_ptr<const Identity> load(const std::string& path, const std::string& certificate);
  /// Takes what unlocked() has made of a key file as it is now.
  void keep(std::shared_ptr<const Identity> identity);

  /// The key of a file that a passphrase protects; none when it is not the right one. It takes its time, on
  /// purpose, so an event loop must not. Any thread.
  static std::shared_ptr<const Identity> unlocked(const std::string& path, const std::string& passphrase);

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
    std::shared_ptr<const Identity> of{};  ///< of a certificate: the key that it was read with
  };
  static Stamp stamp_of(const std::string& path);

  std::map<std::string, Entry> identities_;
};

}  // namespace reops::ssh
