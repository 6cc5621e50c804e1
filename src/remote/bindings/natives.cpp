// The remote room as the language sees it: the namespace re-gent.native, loaded with the module "agents".

#include <memory>
#include <string>
#include <vector>

#include "lang/builtin/def_native.hpp"
#include "lang/codec/shipping/packer.hpp"
#include "lang/codec/shipping/results.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"
#include "lang/vm/thread.hpp"
#include "remote/fleet.hpp"
#include "wire/keys.hpp"
#include "wire/sockets.hpp"

namespace reops::remote {
namespace {

using namespace lang;

class FleetHandle : public Resource {
 public:
  explicit FleetHandle(std::unique_ptr<Fleet> opened) : fleet(std::move(opened)) {}
  std::string describe() const override { return "Fleet"; }
  std::unique_ptr<Fleet> fleet;  // null once it is closed
};

class BatchHandle : public Resource {
 public:
  explicit BatchHandle(std::shared_ptr<Batch> begun) : batch(std::move(begun)) {}
  std::string describe() const override { return "Batch"; }
  const std::shared_ptr<Batch> batch;
};

Fleet& fleet_of(Value v) {
  auto* found = resource_of<FleetHandle>(v);
  if (!found) throw_class_cast(v, "a fleet");
  if (!found->fleet) throw_illegal_state("The fleet is closed");
  return *found->fleet;
}

Batch& batch_of(Value v) {
  auto* found = resource_of<BatchHandle>(v);
  if (!found) throw_class_cast(v, "a call on agents");
  return *found->batch;
}

std::string text_option(Value options, const char* key) {
  Ref v = get(options, keyword(key));
  if (!is<String>(v)) throw_illegal_argument("The option :" + std::string(key) + " is a text");
  return std::string(text_of(v));
}

Ref open(Value options) {
  auto keys = wire::keys_in(text_option(options, "keys"));
  if (!keys) throw_result(keys.error());
  Fleet::Options wanted;
  wanted.endpoint = text_option(options, "endpoint");
  wanted.keys = std::move(keys).value();
  if (Ref ms = get(options, keyword("heartbeat")); !ms.is_nil())
    wanted.heartbeat = base::Millis(to_int(ms, "the heartbeat in milliseconds"));
  Ref accepted = get(options, keyword("accepted"));
  for (SeqIterator it(accepted); it.more(); it.step()) {
    Ref name = nth(it.value(), 0), key = nth(it.value(), 1);
    if (!is<String>(name) || !is<String>(key)) throw_illegal_argument("An accepted agent is [name key]");
    wanted.accepted.emplace_back(text_of(name), text_of(key));
  }
  auto opened = Fleet::open(std::move(wanted));
  if (!opened) throw_result(opened.error());
  return make_handle(new FleetHandle(std::move(opened).value()));
}

void close(Value fleet) {
  auto* found = resource_of<FleetHandle>(fleet);
  if (!found) throw_class_cast(fleet, "a fleet");
  found->fleet.reset();
}

std::string endpoint(Value fleet) { return fleet_of(fleet).endpoint(); }
std::string key(Value fleet) { return fleet_of(fleet).key(); }

const char* state_name(AgentInfo::State state) {
  switch (state) {
    case AgentInfo::pending:
      return "pending";
    case AgentInfo::up:
      return "up";
    case AgentInfo::down:
      return "down";
    case AgentInfo::revoked:
      break;
  }
  return "revoked";
}

void put(Ref& map, const char* name, Ref value) { map_put(map, Ref(keyword(name)), std::move(value)); }
void put(Ref& map, const char* name, const std::string& text) { put(map, name, make_string_lossy(text)); }

Ref agents(Value fleet) {
  Ref all(empty_vector());
  for (const AgentInfo& a : fleet_of(fleet).agents()) {
    Ref m(empty_map());
    put(m, "name", a.name);
    put(m, "key", a.key);
    put(m, "state", Ref(keyword(state_name(a.state))));
    put(m, "version", a.version);
    put(m, "machine", a.host);
    put(m, "capabilities", ToValue<std::vector<std::string>>::convert(a.capabilities));
    put(m, "heard", a.heard_ms == 0 ? nil() : integer(a.heard_ms));
    vector_push(all, std::move(m));
  }
  return all;
}

void accept(Value fleet, std::string agent_key, std::string name, bool replace) {
  if (!wire::is_key(agent_key))
    throw_illegal_argument("An agent's key has 40 characters, as (pending-agents) shows it");
  auto accepted = fleet_of(fleet).accept(agent_key, name, replace);
  if (!accepted) throw_result(accepted.error());
}
bool revoke(Value fleet, std::string agent_key) { return fleet_of(fleet).revoke(agent_key); }
std::string invite(Value fleet, std::string name) { return fleet_of(fleet).invite(name); }

Ref start_call(Value fleet, std::vector<std::string> names, Value call, int64_t within_ms, bool streams) {
  Fleet& on = fleet_of(fleet);
  auto batch = std::make_shared<Batch>(std::move(names), program_packer().pack(call), base::Millis(within_ms),
                                       streams);
  on.call(batch);
  return make_handle(new BatchHandle(std::move(batch)));
}

Ref result_map(CallResult&& r) {
  Ref m(empty_map());
  put(m, "host", r.host);
  if (r.code == 0 || r.code == 256) {
    try {
      put(m, r.code == 0 ? "value" : "thrown", read_results(r.value, program_packer()));
    } catch (const Thrown& thrown) {
      const Error& e = as<Error>(thrown.error());
      if (e.error_class == ErrorClass::interrupted) throw;
      r.code = -2;
      r.reason = "malformed";
      r.value = "the agent's answer cannot be read: " +
                std::string(is<String>(e.message) ? text_of(e.message) : "");
    }
  }
  if (r.code < 0) {
    put(m, "reason", Ref(keyword(r.reason)));
    put(m, "message", r.value);
  }
  put(m, "code", integer(r.code));
  put(m, "out", r.out);
  put(m, "err", r.err);
  put(m, "start", r.started_ms == 0 ? nil() : integer(r.started_ms));
  put(m, "time", real(static_cast<double>(r.took_us) / 1000));
  return m;
}

Ref await_call(Value fleet, Value call) {
  Fleet& on = fleet_of(fleet);
  auto* handle = resource_of<BatchHandle>(call);
  if (!handle) throw_class_cast(call, "a call on agents");
  Batch& batch = *handle->batch;
  bool done;
  {
    BlockingRegion region([&] { batch.interrupt(); });
    done = batch.wait();
  }
  // What there is by then is worth something to a caller who holds interrupts.
  if (!done) on.cancel(handle->batch);
  poll();
  Ref results(empty_vector());
  for (CallResult& r : batch.results()) vector_push(results, result_map(std::move(r)));
  return results;
}

void cancel_call(Value fleet, Value call) {
  batch_of(call);
  fleet_of(fleet).cancel(resource_of<BatchHandle>(call)->batch);
}

Ref take_printed(Value call) {
  Batch& batch = batch_of(call);
  std::vector<Batch::Text> texts;
  {
    BlockingRegion region([&] { batch.interrupt(); });
    texts = batch.wait_for_printed();
  }
  poll_after_wait();
  Ref all(empty_vector());
  for (Batch::Text& t : texts) {
    vector_push(all, make_vector({make_string_lossy(t.host), keyword(t.error ? "err" : "out"),
                                  make_string_lossy(t.text)}));
  }
  return all;
}

Ref next_events(Value fleet) {
  Fleet& on = fleet_of(fleet);
  std::vector<FleetEvent> events;
  {
    BlockingRegion region([&] { on.interrupt_events(); });
    events = on.wait_for_events();
  }
  poll_after_wait();
  Ref all(empty_vector());
  for (FleetEvent& e : events) {
    const char* kinds[] = {"pending", "accepted", "up", "down"};
    Ref m(empty_map());
    put(m, "event", Ref(keyword(kinds[e.kind])));
    put(m, "name", e.name);
    put(m, "key", e.key);
    vector_push(all, std::move(m));
  }
  return all;
}

int64_t largest() { return static_cast<int64_t>(wire::largest_fleet()); }

const NativeDef k_defs[] = {
    def_native<open>("re-gent.native", "open", "([options])",
                     "Listens for agents: {:endpoint \"tcp://127.0.0.1:7450\" :keys file :heartbeat ms "
                     ":accepted [[name key] …]}."),
    def_native<close>("re-gent.native", "close", "([fleet])",
                      "Stops listening; calls that are under way end as cancelled."),
    def_native<endpoint>("re-gent.native", "endpoint", "([fleet])", "Where it listens."),
    def_native<key>("re-gent.native", "key", "([fleet])", "The key by which agents know the controller."),
    def_native<agents>("re-gent.native", "agents", "([fleet])",
                       "All agents: {:name :key :state (:up :down :pending :revoked) :version :machine "
                       ":capabilities :heard}."),
    def_native<accept>("re-gent.native", "accept", "([fleet key name replace])",
                       "Lets the agent with that key in under a name."),
    def_native<revoke>("re-gent.native", "revoke", "([fleet key])",
                       "Shuts the agent with that key out; false when it is unknown."),
    def_native<invite>("re-gent.native", "invite", "([fleet name])",
                       "A token with which one agent gets in under that name, within fifteen minutes."),
    def_native<start_call>(
        "re-gent.native", "start-call", "([fleet names call within-ms streams])",
        "Sends a call, [f argument …], to agents. What cannot travel is an error before anything is sent."),
    def_native<await_call>(
        "re-gent.native", "await-call", "([fleet call])",
        "Waits until a call has ended everywhere: a vector of {:host :code :value or :thrown or :reason and "
        ":message, :out :err :start :time}. An interrupt cancels what has not ended."),
    def_native<cancel_call>("re-gent.native", "cancel-call", "([fleet call])",
                            "Ends a call where it has not ended."),
    def_native<take_printed>("re-gent.native", "take-printed", "([call])",
                             "What was printed since, [host :out or :err text] in a vector; waits for some. "
                             "Empty when all has ended."),
    def_native<next_events>("re-gent.native", "next-events", "([fleet])",
                            "What has happened to agents, {:event :up, :down, :pending or :accepted, :name "
                            ":key}; waits for something to."),
    def_native<largest>("re-gent.native", "largest-fleet", "([])",
                        "How many agents may connect with the descriptors that this process may have."),
};

const NativeModule k_natives = {"agents", k_defs};

}  // namespace
}  // namespace reops::remote

REOPS_MODULE(reops::remote::k_natives)
