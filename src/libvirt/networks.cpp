#include "libvirt/networks.hpp"

#include "libvirt/handles.hpp"

namespace reops::libvirt {
namespace {

base::Result<NetworkHandle> network_of(Connect c, const Call& call, const std::string& name) {
  NetworkHandle network(virNetworkLookupByName(c, name.c_str()));
  if (!network) return last_error(call);
  return network;
}

base::Result<void> done(int answer, const Call& call) {
  if (answer < 0) return last_error(call);
  return {};
}

std::string dotted(unsigned long version) {
  return std::to_string(version / 1'000'000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

}  // namespace

base::Result<std::vector<NetworkInfo>> networks(Connect c, const Call& call) {
  HandleList<NetworkHandle> all;
  all.count = virConnectListAllNetworks(c, &all.items, 0);
  if (all.count < 0) return last_error(call);
  std::vector<NetworkInfo> listed;
  for (virNetworkPtr n : all) {
    // Networks that are somebody else's bridge have none of their own.
    listed.push_back({virNetworkGetName(n), taken(virNetworkGetBridgeName(n)), virNetworkIsActive(n) == 1});
  }
  return listed;
}

base::Result<std::string> network_xml(Connect c, const Call& call, const std::string& name) {
  auto n = network_of(c, call, name);
  if (!n) return n.error();
  char* xml = virNetworkGetXMLDesc(n.value().get(), 0);
  if (!xml) return last_error(call);
  return taken(xml);
}

base::Result<void> make_network(Connect c, const Call& call, const std::string& xml) {
  NetworkHandle network(virNetworkDefineXML(c, xml.c_str()));
  if (!network) return last_error(call);
  if (virNetworkIsActive(network.get()) != 1 && virNetworkCreate(network.get()) < 0) {
    base::Error error = last_error(call);
    virNetworkUndefine(network.get());
    return error;
  }
  return done(virNetworkSetAutostart(network.get(), 1), call);
}

base::Result<void> start_network(Connect c, const Call& call, const std::string& name) {
  auto n = network_of(c, call, name);
  if (!n) return n.error();
  if (virNetworkIsActive(n.value().get()) == 1) return {};
  return done(virNetworkCreate(n.value().get()), call);
}

base::Result<void> forget_network(Connect c, const Call& call, const std::string& name) {
  auto n = network_of(c, call, name);
  if (!n) return n.error();
  if (virNetworkIsActive(n.value().get()) == 1 && virNetworkDestroy(n.value().get()) < 0)
    return last_error(call);
  return done(virNetworkUndefine(n.value().get()), call);
}

base::Result<std::vector<Lease>> leases(Connect c, const Call& call, const std::string& network) {
  auto n = network_of(c, call, network);
  if (!n) return n.error();
  virNetworkDHCPLeasePtr* items = nullptr;
  int count = virNetworkGetDHCPLeases(n.value().get(), nullptr, &items, 0);
  if (count < 0) return last_error(call);
  std::vector<Lease> listed;
  for (int i = 0; i < count; ++i) {
    Lease lease;
    if (items[i]->mac) lease.mac = items[i]->mac;
    if (items[i]->ipaddr) lease.address = items[i]->ipaddr;
    if (items[i]->hostname) lease.hostname = items[i]->hostname;
    lease.expires = items[i]->expirytime;
    listed.push_back(std::move(lease));
    virNetworkDHCPLeaseFree(items[i]);
  }
  std::free(items);
  return listed;
}

base::Result<HostInfo> host(Connect c, const Call& call) {
  HostInfo info;
  virNodeInfo node;
  if (virNodeGetInfo(c, &node) < 0) return last_error(call);
  info.cpus = node.cpus;
  info.memory_kib = static_cast<int64_t>(node.memory);
  char* name = virConnectGetHostname(c);
  if (!name) return last_error(call);
  info.hostname = taken(name);
  if (const char* type = virConnectGetType(c)) info.driver = type;
  unsigned long version = 0;
  if (virConnectGetLibVersion(c, &version) == 0) info.version = dotted(version);
  return info;
}

base::Result<std::string> capabilities(Connect c, const Call& call) {
  char* xml = virConnectGetCapabilities(c);
  if (!xml) return last_error(call);
  return taken(xml);
}

}  // namespace reops::libvirt
