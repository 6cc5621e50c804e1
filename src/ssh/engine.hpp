#pragma once
// Engine: commands on many hosts at once, all connections driven by one thread of its own.

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "ssh/bastions.hpp"
#include "ssh/host_certificate.hpp"
#include "ssh/key_store.hpp"
#include "ssh/killings.hpp"
#include "ssh/outcome.hpp"
#include "ssh/plan.hpp"
#include "ssh/question.hpp"
#include "ssh/resolver.hpp"
#include "ssh/services.hpp"
#include "ssh/session_pool.hpp"
#include "ssh/slots.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// What holds for all batches of an engine.
struct EngineOptions {
  /// Hosts worked on at a time, of all batches together.
  std::size_t max_in_flight = 4'096;
  /// Of these, hosts behind one jump host.
  std::size_t max_per_bastion = 256;
  /// Connections that exchange keys and log in at a time: that is what costs processor time, here and there.
  std::size_t max_handshakes = 64;
  /// How long a connection waits for the next command before it is closed.
  base::Millis idle{600'000};
  /// How many wait at the most.
  std::size_t max_idle = 10'000;
};

/// How far a batch is.
struct Progress {
  std::size_t total = 0;
  std::size_t done = 0;    ///< ended, those that failed included
  std::size_t failed = 0;  ///< ended with another code than 0
  std::size_t running = 0;
  /// The host that has been worked on longest; empty when all have ended.
  std::string slowest;
  base::Millis elapsed{0};
};

/// How a batch is run.
struct BatchOptions {
  Login::Goal goal = Login::Goal::log_in;
  /// Hosts worked on at a time; fewer when the process may not open enough descriptors.
  std::size_t max_in_flight = 512;
  /// After which whatever has not ended is ended with the reason of the step that it was at; 0: never.
  base::Millis whole_run{0};
  /// A descriptor that becomes readable when the batch is to end, such as
  /// base::Cancel::fd(); -1 for none. Not owned.
  int cancel_fd = -1;
  /// Asks a person, on the calling thread before the batch begins; none: nobody is there.
  Asker ask;
  /// Called on the calling thread for each host as it ends, in that order. Must not throw.
  std::function<void(const Outcome&)> on_done;
  /// Called on the calling thread while it waits, about so often. Must not throw.
  std::function<void(const Progress&)> on_progress;
  base::Millis progress_interval{100};
  /// Instead of ~/.ssh/config, /etc/ssh/ssh_config and $REOPS_SSH_CONFIG.
  std::vector<std::string> config_files;
};

/// Any thread may call run(), several at a time; they share handshake slots and waiting connections. The
/// loop, and all that is below it, belongs to the engine's thread.
class Engine {
 public:
  static base::Result<std::unique_ptr<Engine>> create(const EngineOptions& options = {});
  /// Closes all connections, when commands that were given up have had a last moment to end. No run() may be
  /// under way.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Runs every request and gives one outcome for each, in the order of the requests. Blocks the calling
  /// thread. Cancelled, it returns at once, with `Reason::cancelled` for all that had not ended; commands
  /// that ran go on being ended meanwhile.
  std::vector<Outcome> run(std::vector<Request> requests, const BatchOptions& options = {});

  /// Waits until commands that were given up have been ended, or it is known that they cannot be; false when
  /// the time was not enough.
  bool await_killings(base::Deadline deadline, int cancel_fd = -1);

  /// Connections that wait for a command.
  std::size_t idle_sessions();
  /// Closes them.
  void close_idle_sessions();

 private:
  Engine(const EngineOptions& options, std::unique_ptr<base::EventLoop> loop);
  void ask(std::function<void()> task);
  std::size_t room_for(const std::vector<Plan>& plans, std::size_t most);
  void unlock_keys(const std::vector<Plan>& plans, const Asker& asker);

  std::unique_ptr<base::EventLoop> loop_;
  Resolver resolver_;
  base::WorkerPool agent_workers_;
  KeyStore keys_;
  HostCertificates certificates_;
  Slots in_flight_;
  Slots handshakes_;
  SessionPool sessions_;
  Bastions bastions_;
  Killings killings_;
  Services services_;
  std::mutex asking_;                 // one question at a time; guards what follows
  std::set<std::string> unanswered_;  // key files that nobody had a passphrase for
  std::thread thread_;
};

}  // namespace reops::ssh
