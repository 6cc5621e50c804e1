#pragma once
// Machines of a hypervisor. Functions run on a thread of a connection (Connection::run) with the open
// connection; a domain is named by its name, or by its UUID with DomainKey::uuid.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libvirt/error.hpp"

struct _virConnect;

namespace reops::libvirt {

struct DomainKey {
  std::string text;
  bool is_uuid = false;
};

struct DomainInfo {
  std::string name;
  std::string uuid;
  std::optional<int64_t> run;  ///< a number that this start of it has; none when it is off
  std::string state;           ///< running, paused, shutoff …, in libvirt's words
  bool persistent = false;
  bool saved = false;  ///< its memory was saved, and will be there again at the next start
  int64_t memory_kib = 0;
  int64_t cpus = 0;
  std::optional<std::string> metadata;  ///< the element of the namespace that was asked for
};

struct Address {
  std::string address;
  int64_t prefix = 0;
};

struct Interface {
  std::string name;
  std::string mac;
  std::vector<Address> addresses;
};

struct Snapshot {
  std::string name;
  std::string xml;
};

using Connect = _virConnect*;

base::Result<std::vector<DomainInfo>> domains(Connect c, const Call& call, const std::string& metadata_ns);
/// None when there is no such domain.
base::Result<std::optional<DomainInfo>> domain(Connect c, const Call& call, const DomainKey& key,
                                               const std::string& metadata_ns);
base::Result<std::string> domain_xml(Connect c, const Call& call, const DomainKey& key, bool inactive);
base::Result<void> define(Connect c, const Call& call, const std::string& xml);
/// Also forgets its saved memory, its snapshots and its firmware's variables.
base::Result<void> undefine(Connect c, const Call& call, const DomainKey& key);

enum class Act {
  start,
  start_paused,
  resume,
  suspend,
  shutdown,
  destroy,
  reboot,
  reset,
  managed_save,
  drop_save
};
base::Result<void> act(Connect c, const Call& call, const DomainKey& key, Act what);

/// A device by its XML, in what runs and in what is defined.
base::Result<void> attach(Connect c, const Call& call, const DomainKey& key, const std::string& xml);
base::Result<void> detach(Connect c, const Call& call, const DomainKey& key, const std::string& xml);

enum class Source { lease, agent, arp };
base::Result<std::vector<Interface>> addresses(Connect c, const Call& call, const DomainKey& key,
                                               Source source);

/// What the guest's agent answers to a command in JSON, within so many seconds.
base::Result<std::string> agent_command(Connect c, const Call& call, const DomainKey& key,
                                        const std::string& json, int seconds);

base::Result<void> set_metadata(Connect c, const Call& call, const DomainKey& key, const std::string& ns,
                                const std::string& prefix, const std::string& xml);

base::Result<void> resize_disk(Connect c, const Call& call, const DomainKey& key, const std::string& disk,
                               std::uint64_t bytes);

/// Each after those that it is built on.
base::Result<std::vector<Snapshot>> snapshots(Connect c, const Call& call, const DomainKey& key);
base::Result<void> make_snapshot(Connect c, const Call& call, const DomainKey& key, const std::string& xml);
base::Result<void> revert(Connect c, const Call& call, const DomainKey& key, const std::string& snapshot);
base::Result<void> delete_snapshot(Connect c, const Call& call, const DomainKey& key,
                                   const std::string& snapshot);

}  // namespace reops::libvirt
