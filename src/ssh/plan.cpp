#include "ssh/plan.hpp"

namespace reops::ssh {

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

Plan Planner::plan(Request request) {
  Plan plan;
  plan.request = std::move(request);
  base::Result<Destination> destination = config_->resolve(plan.request.target);
  if (!destination) {
    plan.failure = {Reason::config, destination.error().message};
    return plan;
  }
  plan.destination = std::move(destination).value();
  auto known = known_hosts(plan.destination);
  if (!known) {
    plan.failure = {Reason::config, known.error().message};
    return plan;
  }
  plan.known_hosts = std::move(known).value();
  plan.lookup = plan.known_hosts->look_up(plan.destination.host_key_name);
  return plan;
}

}  // namespace reops::ssh
