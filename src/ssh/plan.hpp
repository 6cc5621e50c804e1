#pragma once
// Plan: a request and all that files on this machine say about its host. Made before the event loop has it,
// so that the loop never waits for a disk.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ssh/client_config.hpp"
#include "ssh/destination.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/outcome.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// One host on the way, or at its end.
struct Leg {
  Destination destination;
  std::shared_ptr<const KnownHosts> known_hosts;
  KnownHosts::Lookup lookup;  ///< of the destination, into `known_hosts`
};

using LegPtr = std::shared_ptr<const Leg>;
/// The jump hosts, the first of them first.
using Way = std::vector<LegPtr>;

struct Plan {
  Request request;
  /// Not `Reason::none`: nothing else counts, the host cannot be worked on.
  Failure failure;
  LegPtr target;
  Way way;
  std::string session_key;  ///< which waiting connections will do; see session_key()
};

/// Reads each file once. One thread's.
class Planner {
 public:
  /// `config_files` instead of ~/.ssh/config, /etc/ssh/ssh_config and $REOPS_SSH_CONFIG when there are any.
  static base::Result<Planner> create(const std::vector<std::string>& config_files);

  Plan plan(Request request);
  /// Where a target is and what is known of it, without the way there.
  base::Result<LegPtr> leg(const Target& target);

 private:
  explicit Planner(std::shared_ptr<const ClientConfig> config) : config_(std::move(config)) {}
  base::Result<std::shared_ptr<const KnownHosts>> known_hosts(const Destination& destination);
  base::Result<Way> known_way_to(const Destination& destination);
  base::Result<Way> way_to(const Destination& destination, std::size_t depth);

  std::shared_ptr<const ClientConfig> config_;
  std::map<std::vector<std::string>, std::shared_ptr<const KnownHosts>> known_hosts_;
  std::map<std::string, Way> ways_;
};

}  // namespace reops::ssh
