#pragma once
// A target with nothing left open: what the configuration files made of it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "ssh/new_key_policy.hpp"
#include "ssh/question.hpp"

namespace reops::ssh {

/// A private key file to try.
struct IdentityFile {
  std::string path;
  /// Asked for by name, so that its absence is worth a word; the defaults may be missing.
  bool is_explicit = false;
};

/// A host on the way, as ProxyJump names it; what it leaves open comes from the configuration files.
struct Jump {
  std::string name;
  std::string user;
  std::uint16_t port = 0;
};

/// Where and how to connect.
struct Destination {
  enum class Family { any, ipv4, ipv6 };

  std::string name;  ///< as the person typed it
  std::string host;  ///< to be looked up
  std::uint16_t port = 22;
  std::string user;
  Family family = Family::any;
  std::vector<IdentityFile> identities;
  /// CertificateFile: user certificates of these, beside those that lie next to their keys.
  std::vector<std::string> certificates;
  Secret password;
  Questions questions;
  bool accept_new_keys = false;                  ///< StrictHostKeyChecking accept-new
  std::shared_ptr<const NewKeyPolicy> new_keys;  ///< what it says goes before that; none for none
  std::vector<Jump> jumps;                       ///< through which hosts, the first of them first
  std::string proxy_command;                     ///< instead of a connection of ours; %-signs are filled in
  base::Millis connect_timeout{0};               ///< ConnectTimeout; 0 when the files have none
  /// A host that has been silent so long is asked for a sign of life; 0: never. After so many in vain it is
  /// given up.
  base::Millis alive_interval{30'000};
  unsigned alive_count = 3;
  std::string agent_socket;  ///< empty: no agent
  /// What known_hosts calls it: "web7" or "[web7]:2222".
  std::string host_key_name;
  std::string certified_name;                 ///< what a certificate of it calls it: the same without a port
  std::vector<std::string> user_known_hosts;  ///< an accepted key goes into the first
  std::vector<std::string> global_known_hosts;
  bool hash_known_hosts = false;
};

/// "name (host:port)": how messages call it before it is connected.
std::string describe(const Destination& destination);

/// "192.0.2.7:22", "[2001:db8::7]:22".
std::string host_and_port(const std::string& host, std::uint16_t port);

}  // namespace reops::ssh
