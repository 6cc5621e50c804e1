#include "ssh/accept_host_key.hpp"

#include "base/files.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/plan.hpp"

namespace reops::ssh {
namespace {

base::Error error_of(const std::string& reason, const std::string& message, const Target& target) {
  return base::Error{"ssh/" + reason, message, {{"host", target.name}}};
}

// Someone's editor may have left the last line without an end.
bool ends_within_a_line(const std::string& path) {
  const base::Result<std::string> text = base::read_file(path);
  return text && !text.value().empty() && text.value().back() != '\n';
}

}  // namespace

base::Result<void> add_host_key(const Destination& destination, const HostKey& key) {
  if (destination.user_known_hosts.empty())
    return base::Error{
        "ssh/config",
        "there is no known_hosts file to write to: UserKnownHostsFile is none for " + destination.name,
        {{"host", destination.name}}};
  const std::string& file = destination.user_known_hosts[0];
  base::Result<std::string> line =
      known_hosts_line(destination.host_key_name, key, destination.hash_known_hosts);
  if (!line) return line.take_error();
  if (auto made = base::make_folders(base::parent_folder(file), 0700); !made) return made;
  return base::append_file(file, (ends_within_a_line(file) ? "\n" : "") + line.value(), 0600);
}

base::Result<AcceptedHostKey> accept_host_key(Engine& engine, const Target& target,
                                              const BatchOptions& options,
                                              const std::string& expected_fingerprint,
                                              const Deadlines& deadlines) {
  auto planner = Planner::create(options.config_files);
  if (!planner) return planner.take_error();
  auto resolved = planner.value().resolve(target);
  if (!resolved) return resolved.take_error();
  const Destination& destination = resolved.value();

  Request request;
  request.target = target;
  request.deadlines = deadlines;
  BatchOptions fetching = options;
  fetching.goal = Login::Goal::fetch_host_key;
  const Outcome outcome = engine.run({request}, fetching).at(0);
  if (outcome.reason != Reason::none)
    return error_of(std::string(reason_name(outcome.reason)), outcome.message, target);

  const HostKey& key = outcome.host_key;
  const std::string who = target.name + " (" + outcome.address + ")";
  if (!expected_fingerprint.empty() && key.fingerprint != expected_fingerprint)
    return error_of(
        "hostkey",
        who + " shows the key " + key.fingerprint + ", not " + expected_fingerprint + "; nothing was written",
        target);

  if (destination.user_known_hosts.empty())
    return error_of(
        "config", "there is no known_hosts file to write to: UserKnownHostsFile is none for " + who, target);
  AcceptedHostKey accepted{
      target.name, outcome.address, key.type, key.fingerprint, destination.user_known_hosts[0], false};
  std::vector<std::string> files = destination.user_known_hosts;
  files.insert(files.end(), destination.global_known_hosts.begin(), destination.global_known_hosts.end());
  const auto known_hosts = KnownHosts::load(files);
  if (!known_hosts) return known_hosts.error();
  const KnownHosts::Lookup lookup = known_hosts.value()->look_up(destination.host_key_name);
  const KnownHosts::Entry* evidence = lookup.evidence(key);
  switch (lookup.check(key)) {
    case KnownHosts::Lookup::Verdict::known:
      accepted.file = evidence->where.substr(0, evidence->where.rfind(':'));
      return accepted;
    case KnownHosts::Lookup::Verdict::revoked:
      return error_of("hostkey",
                      "the key " + key.fingerprint + " of " + who + " is revoked by " + evidence->where,
                      target);
    case KnownHosts::Lookup::Verdict::changed:
      return error_of("hostkey",
                      who + " shows the key " + key.fingerprint + " (" + key.type + "), but " +
                          evidence->where +
                          " has another; remove that line first, if you know that the host has a new key",
                      target);
    case KnownHosts::Lookup::Verdict::unknown:
      break;
  }
  if (auto appended = add_host_key(destination, key); !appended) return appended.take_error();
  accepted.added = true;
  return accepted;
}

}  // namespace reops::ssh
