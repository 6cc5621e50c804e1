#include "ssh/host_key_review.hpp"

#include <map>

#include "ssh/host_key_failure.hpp"
#include "ssh/known_hosts_file.hpp"
#include "ssh/plan.hpp"

namespace reops::ssh {
namespace {

using Verdict = KnownHosts::Lookup::Verdict;

std::string file_of(const KnownHosts::Entry& entry) { return entry.where.substr(0, entry.where.rfind(':')); }

std::string no_file(const std::string& who) {
  return "there is no known_hosts file to write to: UserKnownHostsFile is none for " + who;
}

// Where the key is, or would be; why it cannot be accepted.
void judge(ShownHostKey& shown, const Leg& leg) {
  const std::string who = shown.host + " (" + shown.address + ")";
  shown.verdict = leg.lookup.check(shown.key);
  if (shown.verdict != Verdict::revoked && !shown.key.certified_by.empty()) {
    shown.verdict = Verdict::known;
    shown.file = shown.key.certified_by.substr(0, shown.key.certified_by.rfind(':'));
    return;
  }
  switch (shown.verdict) {
    case Verdict::known:
      shown.file = file_of(*leg.lookup.evidence(shown.key));
      return;
    case Verdict::unknown:
      if (leg.destination.user_known_hosts.empty())
        shown.failure = {Reason::config, no_file(who)};
      else
        shown.file = leg.destination.user_known_hosts[0];
      return;
    case Verdict::changed:
    case Verdict::revoked:
      shown.failure = host_key_failure(leg, who, shown.key, shown.verdict);
  }
}

}  // namespace

std::vector<ShownHostKey> shown_host_keys(Engine& engine, const std::vector<Target>& targets,
                                          const BatchOptions& options, const Deadlines& deadlines) {
  std::vector<ShownHostKey> keys(targets.size());
  std::vector<Request> requests(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    keys[i].host = targets[i].name;
    requests[i].target = targets[i];
    // Nobody logs in.
    requests[i].target.ask_password = false;
    requests[i].deadlines = deadlines;
  }
  BatchOptions fetching = options;
  fetching.goal = Login::Goal::fetch_host_key;
  std::vector<Outcome> outcomes = engine.run(std::move(requests), fetching);
  // Made after the hosts have answered, so that what was written meanwhile counts.
  auto planner = Planner::create(options.config_files);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Outcome& outcome = outcomes[i];
    keys[i].address = std::move(outcome.address);
    keys[i].failure = {outcome.reason, std::move(outcome.message)};
    if (outcome.reason != Reason::none) continue;
    keys[i].key = std::move(outcome.host_key);
    const auto leg = planner ? planner.value().leg(targets[i]) : base::Result<LegPtr>(planner.error());
    if (leg)
      judge(keys[i], *leg.value());
    else
      keys[i].failure = {Reason::config, leg.error().message};
  }
  return keys;
}

base::Result<void> keep_host_keys(const std::vector<KeptHostKey>& keys,
                                  const std::vector<std::string>& config_files) {
  auto planner = Planner::create(config_files);
  if (!planner) return planner.take_error();
  // By file, and in it by line, because several names may be one host.
  std::map<std::string, std::map<std::string, std::string>> lines;
  for (const auto& [target, key] : keys) {
    const auto leg = planner.value().leg(target);
    if (!leg) return leg.error();
    const Destination& destination = leg.value()->destination;
    const Verdict verdict = leg.value()->lookup.check(key);
    if (verdict == Verdict::known) continue;
    if (verdict != Verdict::unknown)
      return base::Error{"ssh/hostkey",
                         host_key_failure(*leg.value(), describe(destination), key, verdict).message,
                         {{"host", target.name}}};
    if (destination.user_known_hosts.empty())
      return base::Error{"ssh/config", no_file(target.name), {{"host", target.name}}};
    auto line = known_hosts_line(destination.host_key_name, key, destination.hash_known_hosts);
    if (!line) return line.take_error();
    lines[destination.user_known_hosts[0]].emplace(destination.host_key_name + " " + key.base64,
                                                   std::move(line).value());
  }
  for (const auto& [file, of_file] : lines) {
    std::string text;
    for (const auto& [name, line] : of_file) text += line;
    if (auto added = add_known_hosts(file, text); !added) return added;
  }
  return {};
}

}  // namespace reops::ssh
