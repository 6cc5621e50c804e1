#pragma once
// HostRun: one request from its plan to its outcome: address, connection, handshake, host key, login,
// command; or only the command, when a connection is there already.

#include <functional>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/worker_pool.hpp"
#include "ssh/connector.hpp"
#include "ssh/key_store.hpp"
#include "ssh/outcome.hpp"
#include "ssh/plan.hpp"
#include "ssh/resolver.hpp"
#include "ssh/session.hpp"
#include "ssh/session_pool.hpp"
#include "ssh/slots.hpp"

namespace reops::ssh {

/// What all runs of an engine share. One loop's.
struct Services {
  base::EventLoop& loop;
  Resolver& resolver;
  base::WorkerPool& agent_workers;
  KeyStore& keys;
  Slots& handshakes;
  SessionPool& sessions;
};

/// Calls `on_done` exactly once, on the loop's thread; cancel() makes that happen at once.
class HostRun : public std::enable_shared_from_this<HostRun> {
 public:
  enum class Goal {
    run_command,
    fetch_host_key,  ///< stops after the handshake of a new connection, with the outcome's host_key unchecked
  };
  using OnDone = std::function<void(Outcome)>;

  HostRun(const Services& services, Goal goal, std::size_t index, Plan plan, OnDone on_done);

  void start();
  void cancel();

 private:
  enum class Phase { waiting, resolving, connecting, greeting, handshaking, authenticating, executing, over };

  void enter(Phase phase);
  std::int64_t* time_of(Phase phase);
  bool reuse_session();
  void describe_session();
  void resolve();
  void connect(Addresses addresses, base::Deadline deadline);
  void await_greeting(Connector::Result connected);
  void begin_handshake();
  void check_host_key();
  void authenticate();
  void execute();
  void conclude_command(Failure failure);
  void keep_session();
  void fail(Failure failure);
  void finish();
  void release_slot();
  Failure host_key_failure(KnownHosts::Lookup::Verdict verdict) const;

  Services services_;
  Goal goal_;
  Plan plan_;
  OnDone on_done_;
  Outcome outcome_;

  Phase phase_ = Phase::waiting;
  base::Steady::time_point started_ = base::Steady::now();
  base::Steady::time_point phase_began_ = started_;
  base::EventLoop::TimerId timer_ = 0;
  base::EventLoop::WatchId greeting_watch_ = 0;
  bool has_slot_ = false;

  std::unique_ptr<Connector> connector_;
  base::UniqueFd socket_;
  std::shared_ptr<Session> session_;
};

}  // namespace reops::ssh
