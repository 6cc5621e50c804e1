#pragma once
// ClientConfig: what ~/.ssh/config and /etc/ssh/ssh_config say about a host. Read once per batch; libssh's
// own parser reads them once per session, and ignores what it does not know.

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ssh/config_file.hpp"
#include "ssh/destination.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// Immutable once loaded.
class ClientConfig {
 public:
  /// ~/.ssh/config, then the system's; or the one file that $REOPS_SSH_CONFIG names, as `ssh -F` would.
  static base::Result<std::shared_ptr<const ClientConfig>> load_default();
  /// The user's files given, and nothing else. Missing files are empty ones.
  static base::Result<std::shared_ptr<const ClientConfig>> load(const std::vector<std::string>& files);

  /// Fills in all that the target leaves open. An error names the file, line
  /// and directive that cannot be followed.
  base::Result<Destination> resolve(const Target& target) const;

  /// The names that Host lines have without wildcards, in their order and once each.
  std::vector<std::string> host_names() const;

 private:
  ConfigLines files_;
};

}  // namespace reops::ssh
