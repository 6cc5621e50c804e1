#include "remote/fleet.hpp"

#include <sys/epoll.h>
#include <sys/random.h>

#include <condition_variable>
#include <cstring>
#include <future>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/event_loop.hpp"
#include "remote/roster.hpp"
#include "wire/sockets.hpp"

namespace reops::remote {
namespace {

using base::Steady;
using wire::CallId;

// The agent ends a call at its deadline and says so; this is how much longer its word may be on the way.
constexpr base::Millis k_grace{3000};
// Heartbeats without a word from an agent after which it counts as gone.
constexpr int k_silent_heartbeats = 3;
constexpr size_t k_most_events = 10'000;

std::string random_bytes(size_t n) {
  std::string bytes(n, '\0');
  // Never fails for so few once the system is up.
  if (getrandom(bytes.data(), n, 0) != static_cast<ssize_t>(n)) std::abort();
  return bytes;
}

CallResult not_started(std::string reason, std::string message) {
  CallResult r;
  r.code = -1;
  r.reason = std::move(reason);
  r.value = std::move(message);
  return r;
}
CallResult cut_off(std::string reason, std::string message) {
  CallResult r = not_started(std::move(reason), std::move(message));
  r.code = -2;
  return r;
}

}  // namespace

class Fleet::Engine {
 public:
  Engine(Options options, std::unique_ptr<base::EventLoop> loop, std::unique_ptr<wire::FleetSocket> socket,
         std::shared_ptr<std::unordered_set<std::string>> shut_out)
      : options_(std::move(options)),
        loop_(std::move(loop)),
        socket_(std::move(socket)),
        shut_out_(std::move(shut_out)),
        endpoint_(socket_->endpoint()),
        boot_(random_bytes(8)) {
    for (const auto& [name, key] : options_.accepted) (void)roster_.accept(key, name, true);
  }

  base::Result<void> start() {
    for (int fd : {socket_->messages_fd(), socket_->admissions_fd()}) {
      auto watched = loop_->watch(fd, EPOLLIN, [this](uint32_t) { serve(); });
      if (!watched) return watched.take_error();
    }
    beat();
    serve_soon();
    thread_ = std::thread([this] { (void)loop_->run(); });
    return {};
  }

  ~Engine() {
    if (thread_.joinable()) {
      loop_->stop();
      thread_.join();
    }
    for (auto& [id, call] : calls_)
      call.batch->finish(call.index, cut_off("cancelled", "the controller was stopped"));
  }

  const std::string& endpoint() const { return endpoint_; }
  const std::string& key() const { return options_.keys.open; }

  /// Runs `work` on the loop's thread and waits for what it returns.
  template <class F>
  auto on_loop(F work) {
    using R = decltype(work());
    auto promise = std::make_shared<std::promise<R>>();
    auto done = promise->get_future();
    loop_->post([promise, work = std::move(work)] {
      if constexpr (std::is_void_v<R>) {
        work();
        promise->set_value();
      } else {
        promise->set_value(work());
      }
    });
    return done.get();
  }

  std::vector<AgentInfo> agents() { return roster_.all(); }

  base::Result<void> accept(const std::string& key, const std::string& name, bool replace) {
    Agent* bound = roster_.with_name(name);
    if (bound && bound->info.key == key) bound = nullptr;
    auto accepted = roster_.accept(key, name, replace);
    if (!accepted) return accepted.take_error();
    if (bound) forget_connection(*bound);
    shut_out_->erase(key);
    return {};
  }

  bool revoke(const std::string& key) {
    Agent* agent = roster_.revoke(key);
    if (!agent) return false;
    shut_out_->insert(key);
    forget_connection(*agent);
    return true;
  }

  std::string invite(const std::string& name) { return roster_.invite(name); }

  void call(const std::shared_ptr<Batch>& batch) {
    std::vector<CallId> ids;
    wire::Call message;
    message.within_ms = batch->within().count();
    message.streams = batch->streams();
    message.parcel = batch->parcel().value;
    for (const auto& unit : batch->parcel().units) message.needs.push_back(unit->hash);
    for (size_t i = 0; i < batch->size(); ++i) {
      Agent* agent = roster_.with_name(batch->host(i));
      if (!agent || agent->info.state != AgentInfo::up) {
        batch->finish(i, not_started("no-agent", agent ? "its agent is not connected"
                                                       : "no agent was accepted under this name"));
        continue;
      }
      message.id = next_id();
      if (!send(*agent, message)) {
        batch->finish(i, not_started("no-agent", "the connection to its agent is gone, or takes no more"));
        continue;
      }
      calls_.emplace(message.id, Running{batch, i, agent, false});
      agent->calls.insert(message.id);
      ids.push_back(message.id);
    }
    if (!ids.empty()) {
      loop_->at(base::Deadline::in(batch->within() + k_grace),
                [this, ids = std::move(ids)] { give_up(ids); });
    }
    serve_soon();
  }

  void cancel(const std::shared_ptr<Batch>& batch) {
    std::vector<CallId> ids;
    for (auto& [id, call] : calls_)
      if (call.batch == batch) ids.push_back(id);
    for (const CallId& id : ids) end(id, "cancelled", "it was cancelled");
    serve_soon();
  }

  std::vector<FleetEvent> wait_for_events() {
    std::unique_lock lock(events_mutex_);
    events_changed_.wait(lock, [&] { return !events_.empty() || events_interrupted_; });
    events_interrupted_ = false;
    return std::exchange(events_, {});
  }
  void interrupt_events() {
    std::lock_guard lock(events_mutex_);
    events_interrupted_ = true;
    events_changed_.notify_all();
  }

 private:
  struct Running {
    std::shared_ptr<Batch> batch;
    size_t index;
    Agent* agent;
    bool started;
  };

  CallId next_id() {
    ++last_call_;
    CallId id = boot_ + std::string(8, '\0');
    std::memcpy(id.data() + 8, &last_call_, 8);
    return id;
  }

  void serve_soon() {
    if (std::exchange(serving_soon_, true)) return;
    loop_->post([this] {
      serving_soon_ = false;
      serve();
    });
  }

  // What serve() does not get to in one go waits until others have had their turn.
  void serve() {
    bool more = socket_->serve([this](wire::FleetSocket::Received&& m) { on_message(std::move(m)); });
    bool said = !finished_.empty();
    for (auto& [agent, ids] : std::exchange(finished_, {})) send(*agent, wire::Forget{std::move(ids)});
    if (more || said) serve_soon();
  }

  bool send(Agent& agent, const wire::Message& message) {
    if (agent.peer.empty()) return false;
    agent.sent = Steady::now();
    return socket_->send(agent.peer, wire::write_message(message));
  }

  void tell(FleetEvent::Kind kind, const Agent& agent) {
    std::lock_guard lock(events_mutex_);
    if (events_.size() < k_most_events) events_.push_back({kind, agent.info.name, agent.info.key});
    events_changed_.notify_all();
  }

  void on_message(wire::FleetSocket::Received&& received) {
    Agent* agent = roster_.with_key(received.key);
    if (agent && agent->info.state == AgentInfo::revoked) return;
    bool stranger = !agent || agent->info.state == AgentInfo::pending;
    auto message = wire::read_message(received.bytes);
    // From somebody who does not speak as we do; there is nothing to answer.
    if (!message) return;
    if (auto* hello = std::get_if<wire::Hello>(&message.value())) return on_hello(agent, received, *hello);
    if (stranger) return;
    agent->heard = Steady::now();
    agent->info.heard_ms = base::unix_millis();
    if (agent->info.state == AgentInfo::down) {
      // It is back before it knows that it was given up.
      agent->peer = received.peer;
      rise(*agent);
    }
    std::visit([&](auto& m) { on(*agent, m); }, message.value());
  }

  void on_hello(Agent* agent, const wire::FleetSocket::Received& received, const wire::Hello& hello) {
    auto refuse = [&](std::string reason) {
      socket_->send(received.peer, wire::write_message(wire::Refused{std::move(reason)}));
      serve_soon();
    };
    if (hello.protocol != wire::k_protocol) {
      return refuse("this controller speaks version " + std::to_string(wire::k_protocol) +
                    " of the protocol, the agent " + std::to_string(hello.protocol) +
                    ": bring both to one version");
    }
    bool accepted = agent && agent->info.state != AgentInfo::pending;
    if (!accepted) {
      std::optional<std::string> name = roster_.redeem(hello.token);
      if (name) {
        auto made = roster_.accept(received.key, *name, true);
        if (!made) return refuse(made.error().message);
        agent = made.value();
        tell(FleetEvent::accepted, *agent);
      } else {
        bool is_new = !agent;
        if (!agent) agent = roster_.take_in(received.key, hello.host);
        if (!agent) return refuse("too many agents wait to be accepted already");
        note(*agent, hello);
        agent->info.name = hello.host;
        if (is_new) tell(FleetEvent::pending, *agent);
        return refuse("waits to be accepted: at the controller's prompt, (accept-agent \"" + received.key +
                      "\")");
      }
    }
    note(*agent, hello);
    // Said again on the same connection, it knows no more than what was on the way.
    bool is_new = agent->peer != received.peer || agent->boot != hello.boot;
    agent->peer = received.peer;
    agent->boot = hello.boot;
    agent->heard = Steady::now();
    send(*agent, wire::Welcome{agent->info.name, options_.heartbeat.count()});
    if (agent->info.state != AgentInfo::up) rise(*agent);
    if (is_new) settle(*agent, hello.known);
    serve_soon();
  }

  static void note(Agent& agent, const wire::Hello& hello) {
    agent.info.version = hello.version;
    agent.info.host = hello.host;
    agent.info.capabilities = hello.capabilities;
    agent.info.heard_ms = base::unix_millis();
  }

  void rise(Agent& agent) {
    agent.info.state = AgentInfo::up;
    tell(FleetEvent::up, agent);
  }

  // After a gap: what became of the calls that were under way, as the agent has them.
  void settle(Agent& agent, const std::vector<CallId>& known) {
    std::unordered_set<CallId> there(known.begin(), known.end());
    if (!known.empty()) send(agent, wire::Ask{known});
    std::vector<CallId> open(agent.calls.begin(), agent.calls.end());
    for (const CallId& id : open) {
      if (there.contains(id)) continue;
      if (calls_.at(id).started) {
        finish(id, cut_off("lost", "the agent was started anew and knows nothing of it any more"));
      } else {
        finish(id, not_started("disconnected", "the connection was lost before the agent had the call"));
      }
    }
  }

  void forget_connection(Agent& agent) {
    agent.peer.clear();
    std::vector<CallId> open(agent.calls.begin(), agent.calls.end());
    for (const CallId& id : open) {
      bool started = calls_.at(id).started;
      finish(id, cut_off("revoked", started ? "the agent was revoked while it ran"
                                            : "the agent was revoked after it was sent"));
    }
  }

  void on(Agent& agent, wire::Lacks& m) {
    auto found = calls_.find(m.id);
    if (found == calls_.end()) return;
    wire::Units units{m.id, {}};
    for (const auto& unit : found->second.batch->parcel().units) {
      if (std::find(m.units.begin(), m.units.end(), unit->hash) != m.units.end())
        units.units.push_back({unit->hash, unit->content, unit->places});
    }
    send(agent, units);
    serve_soon();
  }
  void on(Agent&, wire::Started& m) {
    if (auto found = calls_.find(m.id); found != calls_.end()) found->second.started = true;
  }
  void on(Agent&, wire::Printed& m) {
    if (auto found = calls_.find(m.id); found != calls_.end())
      found->second.batch->print(found->second.index, m.error, std::move(m.text));
  }
  void on(Agent& agent, wire::Outcome& m) {
    finished_[&agent].push_back(m.id);
    if (!calls_.contains(m.id)) return;
    CallResult r;
    r.code = m.code;
    r.reason = std::move(m.reason);
    r.value = std::move(m.value);
    r.out = std::move(m.out);
    r.err = std::move(m.err);
    r.started_ms = m.started_ms;
    r.took_us = m.took_us;
    finish(m.id, std::move(r));
  }
  void on(Agent&, wire::Unknown& m) {
    auto found = calls_.find(m.id);
    if (found == calls_.end()) return;
    if (found->second.started) {
      finish(m.id, cut_off("lost", "the agent knows nothing of it any more"));
    } else {
      finish(m.id, not_started("disconnected", "the agent never had the call"));
    }
  }
  // What only controllers say, and what needs no answer.
  void on(Agent&, auto&) {}

  void finish(const CallId& id, CallResult result) {
    auto found = calls_.find(id);
    Running call = std::move(found->second);
    calls_.erase(found);
    call.agent->calls.erase(id);
    call.batch->finish(call.index, std::move(result));
  }

  void end(const CallId& id, const std::string& reason, const std::string& message) {
    Agent& agent = *calls_.at(id).agent;
    send(agent, wire::Cancel{id});
    finish(id, cut_off(reason, message));
  }

  void give_up(const std::vector<CallId>& ids) {
    for (const CallId& id : ids) {
      auto found = calls_.find(id);
      if (found == calls_.end()) continue;
      bool here = found->second.agent->info.state == AgentInfo::up;
      if (here) {
        end(id, "timeout/exec", "it was not over in time");
      } else {
        end(id, "disconnected", "the agent was lost, and has not come back in time");
      }
    }
    serve_soon();
  }

  void beat() {
    Steady::time_point now = Steady::now();
    roster_.each([&](Agent& agent) {
      if (agent.info.state != AgentInfo::up) return;
      if (now - agent.heard > options_.heartbeat * k_silent_heartbeats) {
        agent.info.state = AgentInfo::down;
        tell(FleetEvent::down, agent);
      } else if (now - agent.sent >= options_.heartbeat) {
        send(agent, wire::Alive{});
      }
    });
    serve_soon();
    loop_->at(base::Deadline::in(options_.heartbeat / 2), [this] { beat(); });
  }

  const Options options_;
  const std::unique_ptr<base::EventLoop> loop_;
  const std::unique_ptr<wire::FleetSocket> socket_;
  const std::shared_ptr<std::unordered_set<std::string>> shut_out_;  // revoked keys; shared with the socket
  const std::string endpoint_;
  const std::string boot_;
  uint64_t last_call_ = 0;
  bool serving_soon_ = false;
  Roster roster_;
  std::unordered_map<CallId, Running> calls_;
  std::unordered_map<Agent*, std::vector<CallId>> finished_;  // to be told that their outcomes have come

  std::mutex events_mutex_;  // guards what follows
  std::condition_variable events_changed_;
  std::vector<FleetEvent> events_;
  bool events_interrupted_ = false;

  std::thread thread_;
};

Fleet::Fleet(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Fleet::~Fleet() = default;

base::Result<std::unique_ptr<Fleet>> Fleet::open(Options options) {
  auto loop = base::EventLoop::create();
  if (!loop) return loop.take_error();
  // Strangers may connect, to wait until they are accepted; those who were thrown out may not.
  auto shut_out = std::make_shared<std::unordered_set<std::string>>();
  auto socket = wire::FleetSocket::open({options.endpoint, options.keys, [shut_out](const std::string& key) {
                                           return !shut_out->contains(key);
                                         }});
  if (!socket) return socket.take_error();
  auto engine = std::make_unique<Engine>(std::move(options), std::move(loop).value(),
                                         std::move(socket).value(), std::move(shut_out));
  if (auto started = engine->start(); !started) return started.take_error();
  return std::unique_ptr<Fleet>(new Fleet(std::move(engine)));
}

const std::string& Fleet::endpoint() const { return engine_->endpoint(); }
const std::string& Fleet::key() const { return engine_->key(); }
std::vector<AgentInfo> Fleet::agents() {
  return engine_->on_loop([this] { return engine_->agents(); });
}
base::Result<void> Fleet::accept(const std::string& key, const std::string& name, bool replace) {
  return engine_->on_loop([&] { return engine_->accept(key, name, replace); });
}
bool Fleet::revoke(const std::string& key) {
  return engine_->on_loop([&] { return engine_->revoke(key); });
}
std::string Fleet::invite(const std::string& name) {
  return engine_->on_loop([&] { return engine_->invite(name); });
}
void Fleet::call(std::shared_ptr<Batch> batch) {
  engine_->on_loop([&] { engine_->call(batch); });
}
void Fleet::cancel(const std::shared_ptr<Batch>& batch) {
  engine_->on_loop([&] { engine_->cancel(batch); });
}
std::vector<FleetEvent> Fleet::wait_for_events() { return engine_->wait_for_events(); }
void Fleet::interrupt_events() { engine_->interrupt_events(); }

}  // namespace reops::remote
