#pragma once
// Networks of a hypervisor, and the hypervisor itself.

#include <cstdint>
#include <string>
#include <vector>

#include "libvirt/error.hpp"

struct _virConnect;

namespace reops::libvirt {

using Connect = _virConnect*;

struct NetworkInfo {
  std::string name;
  std::string bridge;
  bool active = false;
};

struct Lease {
  std::string mac;
  std::string address;
  std::string hostname;
  int64_t expires = 0;  ///< seconds since 1970; 0 for never
};

struct HostInfo {
  std::string hostname;
  std::string driver;  ///< "QEMU", "Test"
  std::string version;
  int64_t cpus = 0;
  int64_t memory_kib = 0;
};

base::Result<std::vector<NetworkInfo>> networks(Connect c, const Call& call);
base::Result<std::string> network_xml(Connect c, const Call& call, const std::string& name);
/// Defines it, starts it, and has it started with the hypervisor.
base::Result<void> make_network(Connect c, const Call& call, const std::string& xml);
base::Result<void> start_network(Connect c, const Call& call, const std::string& name);
/// Stops and forgets it.
base::Result<void> forget_network(Connect c, const Call& call, const std::string& name);
base::Result<std::vector<Lease>> leases(Connect c, const Call& call, const std::string& network);

base::Result<HostInfo> host(Connect c, const Call& call);
base::Result<std::string> capabilities(Connect c, const Call& call);

}  // namespace reops::libvirt
