#pragma once
// HostRun: one request from its name to its outcome: configuration, address,
// connection, handshake, host key, login, command.

#include <functional>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/worker_pool.hpp"
#include "ssh/client_config.hpp"
#include "ssh/connector.hpp"
#include "ssh/key_store.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/outcome.hpp"
#include "ssh/resolver.hpp"
#include "ssh/session.hpp"
#include "ssh/slots.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// What all runs of an engine share. One loop's.
struct Services {
  base::EventLoop& loop;
  Resolver& resolver;
  base::WorkerPool& agent_workers;
  KeyStore& keys;
  Slots& handshakes;
  const ClientConfig& config;
  /// Reads the files once.
  std::function<base::Result<std::shared_ptr<const KnownHosts>>(const std::vector<std::string>&)> known_hosts;
};

/// Calls `on_done` exactly once, on the loop's thread; cancel() makes that happen at once.
class HostRun : public std::enable_shared_from_this<HostRun> {
 public:
  enum class Goal {
    run_command,
    fetch_host_key,  ///< stops after the handshake, with host_key() set and unchecked
  };
  using OnDone = std::function<void(Outcome)>;

  HostRun(const Services& services, Goal goal, std::size_t index, Request request, OnDone on_done);

  void start();
  void cancel();

  const HostKey& host_key() const { return host_key_; }
  const Destination& destination() const { return destination_; }

 private:
  enum class Phase { waiting, resolving, connecting, greeting, handshaking, authenticating, executing, over };

  void enter(Phase phase);
  std::int64_t* time_of(Phase phase);
  void resolve();
  void connect(Addresses addresses, base::Deadline deadline);
  void await_greeting(Connector::Result connected);
  void begin_handshake();
  void check_host_key();
  void authenticate();
  void execute();
  void conclude_command(Failure failure);
  void fail(Failure failure);
  void finish();
  void release_slot();
  Failure host_key_failure(KnownHosts::Lookup::Verdict verdict) const;

  Services services_;
  Goal goal_;
  Request request_;
  OnDone on_done_;
  Outcome outcome_;

  Phase phase_ = Phase::waiting;
  base::Steady::time_point started_ = base::Steady::now();
  base::Steady::time_point phase_began_ = started_;
  base::EventLoop::TimerId timer_ = 0;
  base::EventLoop::WatchId greeting_watch_ = 0;
  bool has_slot_ = false;

  Destination destination_;
  std::shared_ptr<const KnownHosts> known_hosts_;
  KnownHosts::Lookup lookup_;
  std::unique_ptr<Connector> connector_;
  base::UniqueFd socket_;
  std::shared_ptr<Session> session_;
  HostKey host_key_;
};

}  // namespace reops::ssh
