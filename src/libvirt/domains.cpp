#include "libvirt/domains.hpp"

#include "libvirt/handles.hpp"

namespace reops::libvirt {
namespace {

base::Result<DomainHandle> found(Connect c, const Call& call, const DomainKey& key) {
  virDomainPtr raw = key.is_uuid ? virDomainLookupByUUIDString(c, key.text.c_str())
                                 : virDomainLookupByName(c, key.text.c_str());
  if (!raw) return last_error(call);
  return DomainHandle(raw);
}

base::Result<void> done(int answer, const Call& call) {
  if (answer < 0) return last_error(call);
  return {};
}

const char* state_name(int state) {
  switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
      return "running";
    case VIR_DOMAIN_PAUSED:
      return "paused";
    case VIR_DOMAIN_SHUTDOWN:
      return "shutdown";
    case VIR_DOMAIN_SHUTOFF:
      return "shutoff";
    case VIR_DOMAIN_CRASHED:
      return "crashed";
    case VIR_DOMAIN_PMSUSPENDED:
      return "pmsuspended";
    default:
      return "unknown";
  }
}

// A domain that goes while it is looked at is one that is not there.
bool gone() {
  virErrorPtr e = virGetLastError();
  return e && e->code == VIR_ERR_NO_DOMAIN;
}

base::Result<std::optional<DomainInfo>> describe(virDomainPtr d, const Call& call,
                                                 const std::string& metadata_ns) {
  DomainInfo info;
  if (const char* name = virDomainGetName(d)) info.name = name;
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  virDomainGetUUIDString(d, uuid);
  info.uuid = uuid;
  virDomainInfo raw;
  if (virDomainGetInfo(d, &raw) < 0) {
    if (gone()) return std::optional<DomainInfo>();
    return last_error(call);
  }
  info.state = state_name(raw.state);
  info.memory_kib = static_cast<int64_t>(raw.maxMem);
  info.cpus = raw.nrVirtCpu;
  // Known since the domain was looked up, and -1 (no error) when it is off.
  unsigned run = virDomainGetID(d);
  if (run != static_cast<unsigned>(-1)) info.run = run;
  info.persistent = virDomainIsPersistent(d) == 1;
  if (!info.run) info.saved = virDomainHasManagedSaveImage(d, 0) == 1;
  if (!metadata_ns.empty()) {
    char* text = virDomainGetMetadata(
        d, VIR_DOMAIN_METADATA_ELEMENT, metadata_ns.c_str(),
        static_cast<unsigned>(info.run ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG));
    if (text) info.metadata = taken(text);
  }
  return std::optional<DomainInfo>(std::move(info));
}

}  // namespace

base::Result<std::vector<DomainInfo>> domains(Connect c, const Call& call, const std::string& metadata_ns) {
  HandleList<DomainHandle> all;
  all.count = virConnectListAllDomains(c, &all.items, 0);
  if (all.count < 0) return last_error(call);
  std::vector<DomainInfo> infos;
  for (virDomainPtr d : all) {
    auto info = describe(d, call, metadata_ns);
    if (!info) return info.error();
    if (info.value()) infos.push_back(std::move(*info.value()));
  }
  return infos;
}

base::Result<std::optional<DomainInfo>> domain(Connect c, const Call& call, const DomainKey& key,
                                               const std::string& metadata_ns) {
  auto d = found(c, call, key);
  if (!d) {
    if (d.error().type == "libvirt/no-domain") return std::optional<DomainInfo>();
    return d.error();
  }
  return describe(d.value().get(), call, metadata_ns);
}

base::Result<std::string> domain_xml(Connect c, const Call& call, const DomainKey& key, bool inactive) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  char* text =
      virDomainGetXMLDesc(d.value().get(), static_cast<unsigned>(inactive ? VIR_DOMAIN_XML_INACTIVE : 0));
  if (!text) return last_error(call);
  return taken(text);
}

base::Result<void> define(Connect c, const Call& call, const std::string& xml) {
  DomainHandle d(virDomainDefineXML(c, xml.c_str()));
  if (!d) return last_error(call);
  return {};
}

base::Result<void> undefine(Connect c, const Call& call, const DomainKey& key) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  unsigned flags = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA;
  if (virDomainUndefineFlags(d.value().get(), flags | VIR_DOMAIN_UNDEFINE_NVRAM) == 0) return {};
  // Drivers without firmware refuse the flag for it.
  return done(virDomainUndefineFlags(d.value().get(), flags), call);
}

base::Result<void> act(Connect c, const Call& call, const DomainKey& key, Act what) {
  auto found_domain = found(c, call, key);
  if (!found_domain) return found_domain.error();
  virDomainPtr d = found_domain.value().get();
  switch (what) {
    case Act::start:
      return done(virDomainCreate(d), call);
    case Act::start_paused:
      return done(virDomainCreateWithFlags(d, VIR_DOMAIN_START_PAUSED), call);
    case Act::resume:
      return done(virDomainResume(d), call);
    case Act::suspend:
      return done(virDomainSuspend(d), call);
    case Act::shutdown:
      return done(virDomainShutdown(d), call);
    case Act::destroy:
      return done(virDomainDestroy(d), call);
    case Act::reboot:
      return done(virDomainReboot(d, 0), call);
    case Act::reset:
      return done(virDomainReset(d, 0), call);
    case Act::managed_save:
      return done(virDomainManagedSave(d, 0), call);
    case Act::drop_save:
      return done(virDomainManagedSaveRemove(d, 0), call);
  }
  return {};
}

namespace {

unsigned everywhere(virDomainPtr d) {
  unsigned flags = 0;
  if (virDomainIsActive(d) == 1) flags |= VIR_DOMAIN_AFFECT_LIVE;
  if (virDomainIsPersistent(d) == 1) flags |= VIR_DOMAIN_AFFECT_CONFIG;
  return flags;
}

}  // namespace

base::Result<void> attach(Connect c, const Call& call, const DomainKey& key, const std::string& xml) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  return done(virDomainAttachDeviceFlags(d.value().get(), xml.c_str(), everywhere(d.value().get())), call);
}

base::Result<void> detach(Connect c, const Call& call, const DomainKey& key, const std::string& xml) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  return done(virDomainDetachDeviceFlags(d.value().get(), xml.c_str(), everywhere(d.value().get())), call);
}

base::Result<std::vector<Interface>> addresses(Connect c, const Call& call, const DomainKey& key,
                                               Source source) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  unsigned from = source == Source::lease   ? VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE
                  : source == Source::agent ? VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT
                                            : VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP;
  virDomainInterfacePtr* items = nullptr;
  int count = virDomainInterfaceAddresses(d.value().get(), &items, from, 0);
  if (count < 0) return last_error(call);
  std::vector<Interface> interfaces;
  for (int i = 0; i < count; ++i) {
    Interface one;
    if (items[i]->name) one.name = items[i]->name;
    if (items[i]->hwaddr) one.mac = items[i]->hwaddr;
    for (unsigned a = 0; a < items[i]->naddrs; ++a) {
      one.addresses.push_back({items[i]->addrs[a].addr, static_cast<int64_t>(items[i]->addrs[a].prefix)});
    }
    interfaces.push_back(std::move(one));
    virDomainInterfaceFree(items[i]);
  }
  std::free(items);
  return interfaces;
}

base::Result<std::string> agent_command(Connect c, const Call& call, const DomainKey& key,
                                        const std::string& json, int seconds) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  char* answer = virDomainQemuAgentCommand(d.value().get(), json.c_str(), seconds, 0);
  if (!answer) return last_error(call);
  return taken(answer);
}

base::Result<void> set_metadata(Connect c, const Call& call, const DomainKey& key, const std::string& ns,
                                const std::string& prefix, const std::string& xml) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  return done(virDomainSetMetadata(d.value().get(), VIR_DOMAIN_METADATA_ELEMENT, xml.c_str(), prefix.c_str(),
                                   ns.c_str(), everywhere(d.value().get())),
              call);
}

base::Result<void> resize_disk(Connect c, const Call& call, const DomainKey& key, const std::string& disk,
                               std::uint64_t bytes) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  return done(virDomainBlockResize(d.value().get(), disk.c_str(), bytes, VIR_DOMAIN_BLOCK_RESIZE_BYTES),
              call);
}

base::Result<std::vector<Snapshot>> snapshots(Connect c, const Call& call, const DomainKey& key) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  HandleList<SnapshotHandle> all;
  all.count = virDomainListAllSnapshots(d.value().get(), &all.items, VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL);
  if (all.count < 0) return last_error(call);
  std::vector<Snapshot> listed;
  for (virDomainSnapshotPtr s : all) {
    char* xml = virDomainSnapshotGetXMLDesc(s, 0);
    if (!xml) return last_error(call);
    listed.push_back({virDomainSnapshotGetName(s), taken(xml)});
  }
  return listed;
}

base::Result<void> make_snapshot(Connect c, const Call& call, const DomainKey& key, const std::string& xml) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  SnapshotHandle made(virDomainSnapshotCreateXML(d.value().get(), xml.c_str(), 0));
  if (!made) return last_error(call);
  return {};
}

namespace {

base::Result<SnapshotHandle> snapshot_of(Connect c, const Call& call, const DomainKey& key,
                                         const std::string& name) {
  auto d = found(c, call, key);
  if (!d) return d.error();
  SnapshotHandle s(virDomainSnapshotLookupByName(d.value().get(), name.c_str(), 0));
  if (!s) return last_error(call);
  return s;
}

}  // namespace

base::Result<void> revert(Connect c, const Call& call, const DomainKey& key, const std::string& snapshot) {
  auto s = snapshot_of(c, call, key, snapshot);
  if (!s) return s.error();
  return done(virDomainRevertToSnapshot(s.value().get(), 0), call);
}

base::Result<void> delete_snapshot(Connect c, const Call& call, const DomainKey& key,
                                   const std::string& snapshot) {
  auto s = snapshot_of(c, call, key, snapshot);
  if (!s) return s.error();
  return done(virDomainSnapshotDelete(s.value().get(), 0), call);
}

}  // namespace reops::libvirt
