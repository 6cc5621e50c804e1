#pragma once
// known_hosts: which key a host has shown before. libssh's own check knows no @cert-authority, reads the
// files once per session and hides what it found; this one says all it knows.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "ssh/host_key.hpp"

namespace reops::ssh {

/// The lines of one or more known_hosts files. Immutable once loaded.
///
/// Looking up a name costs nothing per line of plain names, but one HMAC for every hashed line.
class KnownHosts {
 public:
  enum class Marker { none, revoked, cert_authority };

  /// One line for one key.
  struct Entry {
    Marker marker = Marker::none;
    std::vector<std::string> patterns;  ///< empty for a hashed line
    std::string salt;                   ///< of a hashed line, as bytes
    std::string hash;
    std::string type;
    std::string base64;
    std::string where;  ///< "file:line"
  };

  /// What the files say about one name.
  class Lookup {
   public:
    enum class Verdict { known, unknown, changed, revoked };

    /// `changed` means that a key of the same type is on file and it is another.
    Verdict check(const HostKey& key) const;
    /// The types on file, so that the server is asked for one of these. No duplicates.
    std::vector<std::string> key_types() const;
    /// The entry that a verdict other than unknown rests on; none for unknown.
    const Entry* evidence(const HostKey& key) const;
    /// A line of a certificate authority (@cert-authority); none when there is none.
    const Entry* authority() const;
    /// The line of the authority with this key; none when there is none.
    const Entry* authority(const std::string& base64) const;
    /// Whether a line declares this key revoked.
    bool revokes(const std::string& base64) const;

   private:
    friend class KnownHosts;
    std::vector<const Entry*> entries_;
  };

  /// Files that do not exist are empty ones.
  static base::Result<std::shared_ptr<const KnownHosts>> load(const std::vector<std::string>& files);

  /// The lookup points into this object. Lines of certificate authorities count also for `certified_name`:
  /// the host without its port.
  Lookup look_up(const std::string& host_key_name, const std::string& certified_name = {}) const;

 private:
  base::Result<void> add_file(const std::string& path);
  std::vector<const Entry*> entries_of(const std::string& name) const;

  std::vector<std::unique_ptr<Entry>> entries_;
  std::unordered_map<std::string, std::vector<const Entry*>> by_name_;
  std::vector<const Entry*> by_search_;  // hashed, with wildcards or exceptions
  bool has_authorities_ = false;
};

/// How known_hosts calls a host: "web7" on port 22, "[web7]:2222" on another.
std::string known_hosts_name(std::string_view host, unsigned port);

/// A line for known_hosts, with its newline; the name is hashed with a fresh salt if asked.
base::Result<std::string> known_hosts_line(const std::string& host_key_name, const HostKey& key, bool hashed);

}  // namespace reops::ssh
