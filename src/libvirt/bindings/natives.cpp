// The libvirt room as the language sees it: the namespace reops.libvirt.native, loaded with the module
// "libvirt".
//
// Every function waits on a thread of its own connection's, up to a deadline, and can be interrupted; what it
// asked for may then still happen.

#include <memory>
#include <string>
#include <utility>

#include "lang/builtin/def_native.hpp"
#include "lang/collection/access.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/handle.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"
#include "libvirt/bindings/values.hpp"
#include "libvirt/connection.hpp"
#include "libvirt/console.hpp"

namespace reops::libvirt {
namespace {

using namespace lang;
using std::string;
template <class T>
using Result = base::Result<T>;

// What moves whole disks or memories.
constexpr base::Millis k_long{30 * 60 * 1000};

class ConnectionHandle : public Resource {
 public:
  explicit ConnectionHandle(std::shared_ptr<Connection> made) : connection(std::move(made)) {}
  string describe() const override { return "Hypervisor " + connection->uri(); }
  const std::shared_ptr<Connection> connection;
};

class ConsoleHandle : public Resource {
 public:
  explicit ConsoleHandle(std::shared_ptr<Console> opened) : console(std::move(opened)) {}
  string describe() const override { return "Console of " + console->name(); }
  const std::shared_ptr<Console> console;
};

Connection& connection_of(Value v) {
  auto* found = resource_of<ConnectionHandle>(v);
  if (!found) throw_class_cast(v, "a connection to a hypervisor");
  return *found->connection;
}

Console& console_of(Value v) {
  auto* found = resource_of<ConsoleHandle>(v);
  if (!found) throw_class_cast(v, "a machine's console");
  return *found->console;
}

// Names of machines are never shaped like this.
DomainKey key_of(const string& text) {
  bool uuid = text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' &&
              text.find_first_not_of("0123456789abcdefABCDEF-") == string::npos;
  return {text, uuid};
}

template <class T, class F>
Result<T> calling_within(base::Millis within, Value connection, string name, string object, F work) {
  Connection& c = connection_of(connection);
  const Call call = c.call(std::move(name), std::move(object));
  auto waiting = std::make_shared<Waiting>();
  auto result = [&] {
    BlockingRegion region([waiting] { waiting->interrupt(); });
    return c.run<Result<T>>(waiting, call, base::Deadline::in(within),
                            [call, work = std::move(work)](Connect link) { return work(link, call); });
  }();
  poll_after_wait();
  return result;
}

template <class T, class F>
Result<T> calling(Value connection, string name, string object, F work) {
  base::Millis within = connection_of(connection).options().call_deadline;
  return calling_within<T>(within, connection, std::move(name), std::move(object), std::move(work));
}

// --- connections

Ref connect(string uri, std::optional<int64_t> call_ms) {
  Connection::Options options;
  if (call_ms) options.call_deadline = base::Millis(*call_ms);
  return make_handle(new ConnectionHandle(Connection::make(std::move(uri), options)));
}

void close(Value connection) {
  Connection& c = connection_of(connection);
  BlockingRegion region([] {});
  c.close();
}

Result<HostInfo> host_info(Value c) {
  return calling<HostInfo>(c, "virNodeGetInfo", "",
                           [](Connect link, const Call& call) { return host(link, call); });
}

Result<string> host_capabilities(Value c) {
  return calling<string>(c, "virConnectGetCapabilities", "",
                         [](Connect link, const Call& call) { return capabilities(link, call); });
}

// --- events

int64_t last_event(Value connection) {
  return static_cast<int64_t>(connection_of(connection).events().last());
}

std::vector<Event> await_events(Value connection, int64_t after, int64_t ms) {
  EventLog& log = connection_of(connection).events();
  EventLog::Waiter waiter;
  std::vector<Event> found;
  {
    BlockingRegion region([&] { log.interrupt(waiter); });
    found = log.wait(waiter, static_cast<uint64_t>(after), base::Deadline::in(base::Millis(ms)));
  }
  poll_after_wait();
  return found;
}

// --- machines

Result<std::vector<DomainInfo>> list_domains(Value c, string ns) {
  return calling<std::vector<DomainInfo>>(
      c, "virConnectListAllDomains", "",
      [ns](Connect link, const Call& call) { return domains(link, call, ns); });
}

Result<std::optional<DomainInfo>> find_domain(Value c, string key, string ns) {
  return calling<std::optional<DomainInfo>>(
      c, "virDomainLookup", key,
      [key, ns](Connect link, const Call& call) { return domain(link, call, key_of(key), ns); });
}

Result<string> describe_domain(Value c, string key, bool inactive) {
  return calling<string>(c, "virDomainGetXMLDesc", key, [key, inactive](Connect link, const Call& call) {
    return domain_xml(link, call, key_of(key), inactive);
  });
}

Result<void> define_domain(Value c, string name, string xml) {
  return calling<void>(c, "virDomainDefineXML", name,
                       [xml](Connect link, const Call& call) { return define(link, call, xml); });
}

Result<void> undefine_domain(Value c, string key) {
  return calling<void>(c, "virDomainUndefine", key,
                       [key](Connect link, const Call& call) { return undefine(link, call, key_of(key)); });
}

template <Act what>
Result<void> act_on(base::Millis within, Value c, const char* name, const string& key) {
  return calling_within<void>(within, c, name, key, [key](Connect link, const Call& call) {
    return act(link, call, key_of(key), what);
  });
}

// A machine that starts may have a saved memory to read, and one that is destroyed a disk to flush.
constexpr base::Millis k_minutes{5 * 60 * 1000};

Result<void> start_domain(Value c, string key) {
  return act_on<Act::start>(k_minutes, c, "virDomainCreate", key);
}
Result<void> start_domain_paused(Value c, string key) {
  return act_on<Act::start_paused>(k_minutes, c, "virDomainCreateWithFlags", key);
}
Result<void> resume_domain(Value c, string key) {
  return act_on<Act::resume>(k_minutes, c, "virDomainResume", key);
}
Result<void> suspend_domain(Value c, string key) {
  return act_on<Act::suspend>(k_minutes, c, "virDomainSuspend", key);
}
Result<void> shut_down_domain(Value c, string key) {
  return act_on<Act::shutdown>(k_minutes, c, "virDomainShutdown", key);
}
Result<void> destroy_domain(Value c, string key) {
  return act_on<Act::destroy>(k_minutes, c, "virDomainDestroy", key);
}
Result<void> reboot_domain(Value c, string key) {
  return act_on<Act::reboot>(k_minutes, c, "virDomainReboot", key);
}
Result<void> reset_domain(Value c, string key) {
  return act_on<Act::reset>(k_minutes, c, "virDomainReset", key);
}
Result<void> save_domain(Value c, string key) {
  return act_on<Act::managed_save>(k_long, c, "virDomainManagedSave", key);
}
Result<void> drop_save(Value c, string key) {
  return act_on<Act::drop_save>(k_minutes, c, "virDomainManagedSaveRemove", key);
}

Result<void> attach_device(Value c, string key, string xml) {
  return calling<void>(c, "virDomainAttachDeviceFlags", key, [key, xml](Connect link, const Call& call) {
    return attach(link, call, key_of(key), xml);
  });
}

Result<void> detach_device(Value c, string key, string xml) {
  return calling<void>(c, "virDomainDetachDeviceFlags", key, [key, xml](Connect link, const Call& call) {
    return detach(link, call, key_of(key), xml);
  });
}

Result<std::vector<Interface>> domain_addresses(Value c, string key, Value source) {
  Source from = source == keyword("agent") ? Source::agent
                : source == keyword("arp") ? Source::arp
                                           : Source::lease;
  return calling<std::vector<Interface>>(
      c, "virDomainInterfaceAddresses", key,
      [key, from](Connect link, const Call& call) { return addresses(link, call, key_of(key), from); });
}

Result<string> ask_agent(Value c, string key, string json, int seconds) {
  return calling_within<string>(base::Millis(1000 * (seconds + 10)), c, "virDomainQemuAgentCommand", key,
                                [key, json, seconds](Connect link, const Call& call) {
                                  return agent_command(link, call, key_of(key), json, seconds);
                                });
}

Result<void> put_metadata(Value c, string key, string ns, string prefix, string xml) {
  return calling<void>(c, "virDomainSetMetadata", key, [=](Connect link, const Call& call) {
    return set_metadata(link, call, key_of(key), ns, prefix, xml);
  });
}

Result<void> resize_domain_disk(Value c, string key, string disk, int64_t bytes) {
  return calling<void>(c, "virDomainBlockResize", key, [=](Connect link, const Call& call) {
    return resize_disk(link, call, key_of(key), disk, static_cast<uint64_t>(bytes));
  });
}

Result<std::vector<Snapshot>> list_snapshots(Value c, string key) {
  return calling<std::vector<Snapshot>>(
      c, "virDomainListAllSnapshots", key,
      [key](Connect link, const Call& call) { return snapshots(link, call, key_of(key)); });
}

Result<void> take_snapshot(Value c, string key, string xml) {
  return calling_within<void>(
      k_long, c, "virDomainSnapshotCreateXML", key,
      [=](Connect link, const Call& call) { return make_snapshot(link, call, key_of(key), xml); });
}

Result<void> revert_to_snapshot(Value c, string key, string snapshot) {
  return calling_within<void>(
      k_long, c, "virDomainRevertToSnapshot", key,
      [=](Connect link, const Call& call) { return revert(link, call, key_of(key), snapshot); });
}

Result<void> remove_snapshot(Value c, string key, string snapshot) {
  return calling_within<void>(k_long, c, "virDomainSnapshotDelete", key, [=](Connect link, const Call& call) {
    return delete_snapshot(link, call, key_of(key), snapshot);
  });
}

// --- consoles

Ref open_console(Value c, string key) {
  auto opened = calling<std::shared_ptr<Console>>(
      c, "virDomainOpenConsole", key,
      [key](Connect link, const Call& call) { return Console::open(link, call, key_of(key), key); });
  if (!opened) throw_result(opened.error());
  return make_handle(new ConsoleHandle(std::move(opened).value()));
}

string console_tail(Value console) { return console_of(console).tail(); }

void close_console(Value console) {
  Console& c = console_of(console);
  BlockingRegion region([] {});
  c.close();
}

// --- storage

Result<std::vector<PoolInfo>> list_pools(Value c) {
  return calling<std::vector<PoolInfo>>(c, "virConnectListAllStoragePools", "",
                                        [](Connect link, const Call& call) { return pools(link, call); });
}

Result<string> describe_pool(Value c, string pool) {
  return calling<string>(c, "virStoragePoolGetXMLDesc", pool,
                         [pool](Connect link, const Call& call) { return pool_xml(link, call, pool); });
}

Result<void> new_pool(Value c, string name, string xml) {
  return calling<void>(c, "virStoragePoolDefineXML", name,
                       [xml](Connect link, const Call& call) { return make_pool(link, call, xml); });
}

Result<void> look_into_pool(Value c, string pool) {
  return calling<void>(c, "virStoragePoolRefresh", pool,
                       [pool](Connect link, const Call& call) { return refresh_pool(link, call, pool); });
}

Result<void> drop_pool(Value c, string pool) {
  return calling<void>(c, "virStoragePoolUndefine", pool,
                       [pool](Connect link, const Call& call) { return forget_pool(link, call, pool); });
}

Result<std::vector<VolumeInfo>> list_volumes(Value c, string pool) {
  return calling<std::vector<VolumeInfo>>(
      c, "virStoragePoolListAllVolumes", pool,
      [pool](Connect link, const Call& call) { return volumes(link, call, pool); });
}

Result<std::vector<string>> describe_volumes(Value c, string pool) {
  return calling<std::vector<string>>(
      c, "virStoragePoolListAllVolumes", pool,
      [pool](Connect link, const Call& call) { return volume_xmls(link, call, pool); });
}

Result<std::optional<VolumeInfo>> find_volume(Value c, string pool, string name) {
  return calling<std::optional<VolumeInfo>>(
      c, "virStorageVolLookupByName", pool + "/" + name,
      [pool, name](Connect link, const Call& call) { return volume(link, call, pool, name); });
}

Result<VolumeInfo> new_volume(Value c, string pool, string name, string xml) {
  return calling_within<VolumeInfo>(
      k_minutes, c, "virStorageVolCreateXML", pool + "/" + name,
      [pool, xml](Connect link, const Call& call) { return make_volume(link, call, pool, xml); });
}

Result<VolumeInfo> new_copy(Value c, string pool, string name, string xml, string source_pool,
                            string source) {
  return calling_within<VolumeInfo>(k_long, c, "virStorageVolCreateXMLFrom", pool + "/" + name,
                                    [=](Connect link, const Call& call) {
                                      return copy_volume(link, call, pool, xml, source_pool, source);
                                    });
}

Result<void> drop_volume(Value c, string pool, string name) {
  return calling_within<void>(
      k_minutes, c, "virStorageVolDelete", pool + "/" + name,
      [pool, name](Connect link, const Call& call) { return delete_volume(link, call, pool, name); });
}

Result<void> size_volume(Value c, string pool, string name, int64_t bytes) {
  return calling_within<void>(k_minutes, c, "virStorageVolResize", pool + "/" + name,
                              [=](Connect link, const Call& call) {
                                return resize_volume(link, call, pool, name, static_cast<uint64_t>(bytes));
                              });
}

Result<void> fill_volume(Value c, string pool, string name, string file) {
  return calling_within<void>(
      k_long, c, "virStorageVolUpload", pool + "/" + name,
      [=](Connect link, const Call& call) { return upload(link, call, pool, name, file); });
}

// --- networks

Result<std::vector<NetworkInfo>> list_networks(Value c) {
  return calling<std::vector<NetworkInfo>>(
      c, "virConnectListAllNetworks", "",
      [](Connect link, const Call& call) { return networks(link, call); });
}

Result<string> describe_network(Value c, string name) {
  return calling<string>(c, "virNetworkGetXMLDesc", name,
                         [name](Connect link, const Call& call) { return network_xml(link, call, name); });
}

Result<void> new_network(Value c, string name, string xml) {
  return calling<void>(c, "virNetworkDefineXML", name,
                       [xml](Connect link, const Call& call) { return make_network(link, call, xml); });
}

Result<void> begin_network(Value c, string name) {
  return calling<void>(c, "virNetworkCreate", name,
                       [name](Connect link, const Call& call) { return start_network(link, call, name); });
}

Result<void> drop_network(Value c, string name) {
  return calling<void>(c, "virNetworkUndefine", name,
                       [name](Connect link, const Call& call) { return forget_network(link, call, name); });
}

Result<std::vector<Lease>> network_leases(Value c, string network) {
  return calling<std::vector<Lease>>(
      c, "virNetworkGetDHCPLeases", network,
      [network](Connect link, const Call& call) { return leases(link, call, network); });
}

constexpr const char* k_ns = "reops.libvirt.native";

const NativeDef k_defs[] = {
    def_native<connect>(
        k_ns, "connect", "([uri] [uri call-ms])",
        "A connection to the hypervisor of a URI, such as qemu:///system. It is opened when it is first "
        "used, and again after it was lost. A call has call-ms milliseconds (30,000); machines are named "
        "by their name or their UUID."),
    def_native<close>(k_ns, "close", "([connection])", "Lets go of the hypervisor, until the next call."),
    def_native<host_info>(k_ns, "host", "([connection])",
                          "The hypervisor's machine: {:hostname :driver :version :cpus :memory-kib}."),
    def_native<host_capabilities>(k_ns, "capabilities", "([connection])",
                                  "What it says that it can do, XML."),
    def_native<last_event>(k_ns, "last-event", "([connection])",
                           "The number of the latest event; 0 before the first."),
    def_native<await_events>(
        k_ns, "await-events", "([connection after ms])",
        "The events after a number, {:number :kind :event :domain :uuid}, as soon as there are some, or "
        "none after that many milliseconds."),
    def_native<list_domains>(
        k_ns, "domains", "([connection metadata-ns])",
        "All machines: {:name :uuid :run :state :persistent :saved :memory-kib :cpus :metadata}, the last "
        "the XML element of that namespace. :run numbers its starts, and is missing when it is off."),
    def_native<find_domain>(k_ns, "domain", "([connection machine metadata-ns])",
                            "One machine, as domains has it, or nil."),
    def_native<describe_domain>(k_ns, "domain-xml", "([connection machine inactive])",
                                "Its description, as it runs, or as it will be started."),
    def_native<define_domain>(k_ns, "define", "([connection name xml])",
                              "Makes a machine, or changes it, without starting it."),
    def_native<undefine_domain>(k_ns, "undefine", "([connection machine])",
                                "Forgets a machine that is off, with its snapshots and its saved memory."),
    def_native<start_domain>(k_ns, "start", "([connection machine])", "Starts it."),
    def_native<start_domain_paused>(k_ns, "start-paused", "([connection machine])",
                                    "Starts it, up to its first instruction."),
    def_native<resume_domain>(k_ns, "resume", "([connection machine])", "Lets one that was paused go on."),
    def_native<suspend_domain>(k_ns, "suspend", "([connection machine])", "Stops its processors."),
    def_native<shut_down_domain>(k_ns, "shutdown", "([connection machine])",
                                 "Asks it to shut down, and does not wait."),
    def_native<destroy_domain>(k_ns, "destroy", "([connection machine])", "Takes its power."),
    def_native<reboot_domain>(k_ns, "reboot", "([connection machine])", "Asks it to begin again."),
    def_native<reset_domain>(k_ns, "reset", "([connection machine])", "Pushes its reset button."),
    def_native<save_domain>(k_ns, "managed-save", "([connection machine])",
                            "Saves its memory to the disk, and takes its power; start goes on from there."),
    def_native<drop_save>(k_ns, "drop-save", "([connection machine])", "Forgets its saved memory."),
    def_native<attach_device>(k_ns, "attach", "([connection machine xml])",
                              "Adds a device, at once and for later starts."),
    def_native<detach_device>(k_ns, "detach", "([connection machine xml])",
                              "Removes a device, at once and for later starts."),
    def_native<domain_addresses>(
        k_ns, "addresses", "([connection machine source])",
        "Its cards, {:name :mac :addresses [{:address :prefix}]}, by :lease, :agent or :arp."),
    def_native<ask_agent>(k_ns, "agent", "([connection machine json seconds])",
                          "What the guest's agent answers to a command, JSON."),
    def_native<put_metadata>(k_ns, "set-metadata", "([connection machine ns prefix xml])",
                             "Keeps an XML element of a namespace on a machine."),
    def_native<resize_domain_disk>(k_ns, "resize-disk", "([connection machine device bytes])",
                                   "Makes a disk of a machine that runs larger."),
    def_native<list_snapshots>(k_ns, "snapshots", "([connection machine])",
                               "Its snapshots, {:name :xml}, each after those that it is built on."),
    def_native<take_snapshot>(k_ns, "snapshot", "([connection machine xml])", "Keeps its state."),
    def_native<revert_to_snapshot>(k_ns, "revert", "([connection machine snapshot])",
                                   "Puts it back to a snapshot."),
    def_native<remove_snapshot>(k_ns, "delete-snapshot", "([connection machine snapshot])",
                                "Forgets a snapshot."),
    def_native<open_console>(k_ns, "open-console", "([connection machine])",
                             "Listens to what its serial console says."),
    def_native<console_tail>(k_ns, "console-tail", "([console])",
                             "The last that a console has said since it was opened."),
    def_native<close_console>(k_ns, "close-console", "([console])", "Stops listening."),
    def_native<list_pools>(k_ns, "pools", "([connection])",
                           "All pools: {:name :active :capacity :available}."),
    def_native<describe_pool>(k_ns, "pool-xml", "([connection pool])", "A pool's description."),
    def_native<new_pool>(k_ns, "make-pool", "([connection name xml])", "Makes a pool and starts it."),
    def_native<look_into_pool>(k_ns, "refresh-pool", "([connection pool])",
                               "Starts a pool, or looks what it holds by now."),
    def_native<drop_pool>(k_ns, "forget-pool", "([connection pool])", "Forgets a pool; what it holds stays."),
    def_native<list_volumes>(k_ns, "volumes", "([connection pool])",
                             "The volumes of a pool: {:name :path :capacity :allocation}."),
    def_native<describe_volumes>(k_ns, "volume-xmls", "([connection pool])",
                                 "The descriptions of all volumes of a pool."),
    def_native<find_volume>(k_ns, "volume", "([connection pool name])",
                            "One volume, as volumes has it, or nil."),
    def_native<new_volume>(k_ns, "make-volume", "([connection pool name xml])",
                           "Makes a volume, and returns it."),
    def_native<new_copy>(k_ns, "copy-volume", "([connection pool name xml source-pool source])",
                         "Makes a volume with the content of another, and returns it."),
    def_native<drop_volume>(k_ns, "delete-volume", "([connection pool name])",
                            "Removes a volume, if it is there."),
    def_native<size_volume>(k_ns, "resize-volume", "([connection pool name bytes])",
                            "Makes a volume larger."),
    def_native<fill_volume>(k_ns, "upload", "([connection pool name file])",
                            "Fills a volume from a file of this machine."),
    def_native<list_networks>(k_ns, "networks", "([connection])", "All networks: {:name :bridge :active}."),
    def_native<describe_network>(k_ns, "network-xml", "([connection name])", "A network's description."),
    def_native<new_network>(k_ns, "make-network", "([connection name xml])",
                            "Makes a network and starts it."),
    def_native<begin_network>(k_ns, "start-network", "([connection name])", "Starts a network that is not."),
    def_native<drop_network>(k_ns, "forget-network", "([connection name])", "Stops and forgets a network."),
    def_native<network_leases>(
        k_ns, "leases", "([connection network])",
        "The addresses that a network has given out: {:mac :address :hostname :expires}."),
};

const NativeModule k_natives = {"libvirt", k_defs};

}  // namespace
}  // namespace reops::libvirt

REOPS_MODULE(reops::libvirt::k_natives)
