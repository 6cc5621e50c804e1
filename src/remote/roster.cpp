#include "remote/roster.hpp"

#include <algorithm>

namespace reops::remote {
namespace {

// More than anybody looks through; a stranger could make any number of keys.
constexpr size_t k_most_pending = 1000;
constexpr base::Millis k_invitation{15 * 60 * 1000};

}  // namespace

Agent* Roster::with_key(const std::string& key) {
  auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second.get();
}

Agent* Roster::with_name(const std::string& name) {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Agent* Roster::take_in(const std::string& key, const std::string& host) {
  if (pending_ >= k_most_pending) return nullptr;
  ++pending_;
  auto agent = std::make_unique<Agent>();
  agent->info.key = key;
  agent->info.name = agent->info.host = host;
  agent->info.state = AgentInfo::pending;
  return (by_key_[key] = std::move(agent)).get();
}

base::Result<Agent*> Roster::accept(const std::string& key, const std::string& name, bool replace) {
  if (Agent* bound = with_name(name); bound && bound->info.key != key) {
    if (!replace) {
      return base::Error{"re-gent/name-taken",
                         "The name " + name + " belongs to the agent with key " + bound->info.key +
                             ": when its machine was installed anew, say so with {:replace true}",
                         {{"name", name}, {"key", bound->info.key}}};
    }
    revoke(bound->info.key);
  }
  Agent* agent = with_key(key);
  if (agent && by_name_.contains(agent->info.name) && by_name_[agent->info.name] == agent &&
      agent->info.name != name) {
    return base::Error{
        "re-gent/key-taken", "This key was accepted as " + agent->info.name, {{"name", agent->info.name}}};
  }
  if (!agent) {
    by_key_[key] = std::make_unique<Agent>();
    agent = by_key_[key].get();
    agent->info.key = key;
    agent->info.state = AgentInfo::down;
  } else if (agent->info.state == AgentInfo::pending) {
    --pending_;
    agent->info.state = AgentInfo::down;
  } else if (agent->info.state == AgentInfo::revoked) {
    agent->info.state = AgentInfo::down;
  }
  agent->info.name = name;
  by_name_[name] = agent;
  return agent;
}

Agent* Roster::revoke(const std::string& key) {
  Agent* agent = with_key(key);
  if (!agent) return nullptr;
  if (agent->info.state == AgentInfo::pending) --pending_;
  if (with_name(agent->info.name) == agent) by_name_.erase(agent->info.name);
  agent->info.state = AgentInfo::revoked;
  return agent;
}

std::string Roster::invite(const std::string& name) {
  std::erase_if(invitations_, [](const auto& entry) { return entry.second.until.expired(); });
  // As hard to guess as a key, being one.
  std::string token = wire::make_keys().secret;
  invitations_.emplace(token, Invitation{name, base::Deadline::in(k_invitation)});
  return token;
}

std::optional<std::string> Roster::redeem(const std::string& token) {
  auto found = invitations_.find(token);
  if (token.empty() || found == invitations_.end()) return std::nullopt;
  Invitation invitation = std::move(found->second);
  invitations_.erase(found);
  if (invitation.until.expired()) return std::nullopt;
  return invitation.name;
}

std::vector<AgentInfo> Roster::all() const {
  std::vector<AgentInfo> infos;
  for (const auto& [key, agent] : by_key_) infos.push_back(agent->info);
  std::sort(infos.begin(), infos.end(), [](const AgentInfo& a, const AgentInfo& b) {
    return std::tie(a.name, a.key) < std::tie(b.name, b.key);
  });
  return infos;
}

}  // namespace reops::remote
