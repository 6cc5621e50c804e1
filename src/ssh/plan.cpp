#include "ssh/plan.hpp"

#include <cstdint>

#include "ssh/session_pool.hpp"

namespace reops::ssh {
namespace {

constexpr std::size_t k_most_jumps = 8;

}  // namespace

base::Result<Planner> Planner::create(const std::vector<std::string>& config_files) {
  auto config = config_files.empty() ? ClientConfig::load_default() : ClientConfig::load(config_files);
  if (!config) return config.take_error();
  return Planner(std::move(config).value());
}

base::Result<std::shared_ptr<const KnownHosts>> Planner::known_hosts(const Destination& destination) {
  std::vector<std::string> files = destination.user_known_hosts;
  files.insert(files.end(), destination.global_known_hosts.begin(), destination.global_known_hosts.end());
  if (const auto found = known_hosts_.find(files); found != known_hosts_.end()) return found->second;
  auto loaded = KnownHosts::load(files);
  if (loaded) known_hosts_.emplace(std::move(files), loaded.value());
  return loaded;
}

base::Result<LegPtr> Planner::leg(const Target& target) {
  Leg leg;
  base::Result<Destination> destination = config_->resolve(target);
  if (!destination) return destination.take_error();
  leg.destination = std::move(destination).value();
  auto known = known_hosts(leg.destination);
  if (!known) return known.take_error();
  leg.known_hosts = std::move(known).value();
  leg.lookup = leg.known_hosts->look_up(leg.destination.host_key_name, leg.destination.certified_name);
  return std::make_shared<const Leg>(std::move(leg));
}

// As OpenSSH has it: the first jump host may have a ProxyJump of its own, the others are reached through the
// one before.
base::Result<Way> Planner::way_to(const Destination& destination, std::size_t depth) {
  Way way;
  if (depth > k_most_jumps)
    return base::Error{"ssh/config",
                       "the jump hosts on the way lead in a circle; look at ProxyJump of " + destination.name,
                       {}};
  for (const Jump& jump : destination.jumps) {
    Target target;
    target.name = jump.name;
    target.user = jump.user;
    target.port = jump.port;
    target.new_keys = destination.new_keys;
    target.questions = destination.questions;
    base::Result<LegPtr> next = leg(target);
    if (!next) return next.take_error();
    if (way.empty()) {
      auto before = way_to(next.value()->destination, depth + 1);
      if (!before) return before;
      way = std::move(before).value();
    }
    way.push_back(std::move(next).value());
  }
  return way;
}

Plan Planner::plan(Request request) {
  Plan plan;
  plan.request = std::move(request);
  base::Result<LegPtr> target = leg(plan.request.target);
  if (!target) {
    plan.failure = {Reason::config, target.error().message};
    return plan;
  }
  plan.target = std::move(target).value();
  if (!plan.target->destination.jumps.empty()) {
    auto way = known_way_to(plan.target->destination);
    if (!way) {
      plan.failure = {Reason::config,
                      "on the way to " + plan.request.target.name + ": " + way.error().message};
      return plan;
    }
    plan.way = std::move(way).value();
  }
  plan.session_key = session_key(*plan.target, plan.way);
  return plan;
}

base::Result<Way> Planner::known_way_to(const Destination& destination) {
  std::string key = destination.new_keys == nullptr ? "" : destination.new_keys->text();
  key += " " + std::to_string(reinterpret_cast<std::uintptr_t>(destination.questions.answer.get())) + " ";
  for (const Jump& jump : destination.jumps)
    key += jump.user + "@" + jump.name + ":" + std::to_string(jump.port) + ",";
  if (const auto known = ways_.find(key); known != ways_.end()) return known->second;
  auto way = way_to(destination, 1);
  if (way) ways_.emplace(std::move(key), way.value());
  return way;
}

}  // namespace reops::ssh
