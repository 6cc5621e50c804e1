#pragma once
// Certificates of host keys: what an authority says of a host, and whether known_hosts trusts that authority
// (@cert-authority). libssh 0.10 has no part in it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ssh/host_key.hpp"
#include "ssh/plan.hpp"

namespace reops::ssh {

/// As OpenSSH's PROTOCOL.certkeys has it.
struct HostCertificate {
  std::string key_type;    ///< of the key that it certifies: "ssh-ed25519"
  std::string key_base64;  ///< that key, as in known_hosts
  bool is_of_host = false;
  std::string id;
  std::vector<std::string> principals;  ///< names of the host; none: any name
  std::uint64_t valid_after = 0;        ///< seconds since 1970
  std::uint64_t valid_before = 0;
  bool has_critical_options = false;
  std::string authority;    ///< the blob of the authority's key
  std::string signed_part;  ///< what the signature is of
  std::string signature;

  static std::optional<HostCertificate> parse(std::string_view blob);
};

/// Whether the authority has signed it.
bool signature_holds(const HostCertificate& certificate);

/// Why a certificate does not make `key` the key of the leg's host; empty when it does.
std::string certificate_problem(const HostCertificate& certificate, const Leg& leg, const HostKey& key,
                                std::int64_t now_ms);

/// The certificates that hosts have shown, by how known_hosts calls them. They are no secrets, and count only
/// together with the key that the host proves to have. One loop's.
class HostCertificates {
 public:
  const HostCertificate* find(const std::string& host_key_name) const;
  void keep(const std::string& host_key_name, HostCertificate certificate);
  void forget(const std::string& host_key_name) { certificates_.erase(host_key_name); }

  /// The line of known_hosts whose authority certifies this key of the leg's host; empty when there is none.
  std::string certifier(const Leg& leg, const HostKey& key) const;

 private:
  std::map<std::string, HostCertificate> certificates_;
};

}  // namespace reops::ssh
