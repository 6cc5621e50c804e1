#pragma once
// Who may come, under which name, and where they are now. For the fleet's thread.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "remote/fleet.hpp"

namespace reops::remote {

/// A key that has come, or is accepted.
struct Agent {
  AgentInfo info;
  std::string peer;  ///< the connection that said hello last; empty without
  std::string boot;
  base::Steady::time_point heard{};
  base::Steady::time_point sent{};
  std::set<wire::CallId> calls;  ///< that have no outcome yet
};

class Roster {
 public:
  /// Those of a key, or null.
  Agent* with_key(const std::string& key);
  Agent* with_name(const std::string& name);
  /// One that is not accepted; null when so many wait already that another is not taken in.
  Agent* take_in(const std::string& key, const std::string& host);

  base::Result<Agent*> accept(const std::string& key, const std::string& name, bool replace);
  Agent* revoke(const std::string& key);

  std::string invite(const std::string& name);
  /// The name that a token lets in, which it does once.
  std::optional<std::string> redeem(const std::string& token);

  std::vector<AgentInfo> all() const;
  template <class F>
  void each(F&& f) {
    for (auto& [key, agent] : by_key_) f(*agent);
  }

 private:
  struct Invitation {
    std::string name;
    base::Deadline until;
  };
  std::unordered_map<std::string, std::unique_ptr<Agent>> by_key_;
  std::unordered_map<std::string, Agent*> by_name_;  // accepted ones
  std::map<std::string, Invitation> invitations_;
  size_t pending_ = 0;
};

}  // namespace reops::remote
