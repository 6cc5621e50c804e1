#include "libvirt/connection.hpp"

#include <vector>

#include "libvirt/event_thread.hpp"
#include "libvirt/handles.hpp"

namespace reops::libvirt {
namespace {

constexpr std::size_t k_threads = 64;

using LogPtr = std::shared_ptr<EventLog>;

void free_log(void* opaque) { delete static_cast<LogPtr*>(opaque); }

void note(void* opaque, virDomainPtr domain, const char* kind, const char* event) {
  Event e;
  e.kind = kind;
  e.event = event;
  if (const char* name = virDomainGetName(domain)) e.domain = name;
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  if (virDomainGetUUIDString(domain, uuid) == 0) e.uuid = uuid;
  (*static_cast<LogPtr*>(opaque))->add(std::move(e));
}

const char* lifecycle_name(int event) {
  switch (event) {
    case VIR_DOMAIN_EVENT_DEFINED:
      return "defined";
    case VIR_DOMAIN_EVENT_UNDEFINED:
      return "undefined";
    case VIR_DOMAIN_EVENT_STARTED:
      return "started";
    case VIR_DOMAIN_EVENT_SUSPENDED:
      return "suspended";
    case VIR_DOMAIN_EVENT_RESUMED:
      return "resumed";
    case VIR_DOMAIN_EVENT_STOPPED:
      return "stopped";
    case VIR_DOMAIN_EVENT_SHUTDOWN:
      return "shutdown";
    case VIR_DOMAIN_EVENT_PMSUSPENDED:
      return "pmsuspended";
    case VIR_DOMAIN_EVENT_CRASHED:
      return "crashed";
    default:
      return "other";
  }
}

int on_lifecycle(virConnectPtr, virDomainPtr domain, int event, int, void* opaque) {
  note(opaque, domain, "domain", lifecycle_name(event));
  return 0;
}

void on_agent(virConnectPtr, virDomainPtr domain, int state, int, void* opaque) {
  note(opaque, domain, "agent",
       state == VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED ? "connected" : "disconnected");
}

void on_reboot(virConnectPtr, virDomainPtr domain, void* opaque) {
  note(opaque, domain, "reboot", "rebooted");
}

void on_close(virConnectPtr, int, void* opaque) {
  Event e;
  e.kind = "connection";
  e.event = "lost";
  (*static_cast<LogPtr*>(opaque))->add(std::move(e));
}

}  // namespace

void Waiting::interrupt() {
  std::lock_guard lock(mutex_);
  interrupted_ = true;
  changed_.notify_all();
}

void Waiting::finish() {
  std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

bool Waiting::wait(base::Deadline deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline.moment(), [&] { return finished_ || interrupted_; });
  return finished_;
}

bool Waiting::interrupted() {
  std::lock_guard lock(mutex_);
  return interrupted_;
}

std::shared_ptr<Connection> Connection::make(std::string uri, Options options) {
  return std::shared_ptr<Connection>(new Connection(std::move(uri), options));
}

/// The open connection with what was registered at it, which holds it open until it is taken back.
class Connection::Link {
 public:
  Link(virConnectPtr raw, const LogPtr& log) : raw_(raw) {
    auto* opaque = new LogPtr(log);
    closing_ = virConnectRegisterCloseCallback(raw, on_close, opaque, free_log) == 0;
    if (!closing_) delete opaque;
    subscribe(VIR_DOMAIN_EVENT_ID_LIFECYCLE, on_lifecycle, log);
    subscribe(VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, on_agent, log);
    subscribe(VIR_DOMAIN_EVENT_ID_REBOOT, on_reboot, log);
  }
  ~Link() {
    for (int id : subscribed_) virConnectDomainEventDeregisterAny(raw_, id);
    if (closing_) virConnectUnregisterCloseCallback(raw_, on_close);
    virConnectClose(raw_);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  virConnectPtr raw() const { return raw_; }

 private:
  // A hypervisor that knows no such event says nothing of it; who waits for events looks besides, now and
  // then.
  template <class F>
  void subscribe(int event, F* callback, const LogPtr& log) {
    auto* opaque = new LogPtr(log);
    int id = virConnectDomainEventRegisterAny(raw_, nullptr, event, VIR_DOMAIN_EVENT_CALLBACK(callback),
                                              opaque, free_log);
    if (id < 0) {
      delete opaque;
    } else {
      subscribed_.push_back(id);
    }
  }

  virConnectPtr raw_;
  bool closing_ = false;
  std::vector<int> subscribed_;
};

virConnectPtr Connection::connection_of(Link& link) { return link.raw(); }

Connection::Connection(std::string uri, Options options)
    : uri_(std::move(uri)), options_(options), events_(std::make_shared<EventLog>()) {}

Connection::~Connection() = default;

base::WorkerPool& Connection::pool() {
  // Never destroyed: its threads may be inside the library when the process ends.
  static auto* workers = new base::WorkerPool(k_threads);
  return *workers;
}

void Connection::close() {
  std::lock_guard lock(mutex_);
  link_.reset();
}

base::Result<Connection::LinkPtr> Connection::open() {
  const Call opening = call("virConnectOpen");
  if (auto ready = ensure_event_thread(); !ready) return ready.error();
  virConnectPtr raw = virConnectOpen(uri_.c_str());
  if (!raw) {
    base::Error error = last_error(opening);
    // Whatever kept it from being opened: nothing was asked of it.
    if (error.type != "libvirt/denied") error.type = "libvirt/unreachable";
    return error;
  }
  // Drivers within this process have no such signs.
  virConnectSetKeepAlive(raw, options_.keep_alive_seconds, options_.keep_alive_count);
  return std::make_shared<Link>(raw, events_);
}

base::Result<Connection::LinkPtr> Connection::link() {
  std::lock_guard lock(mutex_);
  if (link_ && virConnectIsAlive(link_->raw()) != 1) link_.reset();
  if (!link_) {
    auto opened = open();
    if (!opened) return opened.error();
    link_ = std::move(opened).value();
  }
  return link_;
}

}  // namespace reops::libvirt
