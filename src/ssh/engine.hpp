#pragma once
// Engine: many hosts at once from one thread. run_batch() is what most callers want.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "base/worker_pool.hpp"
#include "ssh/host_run.hpp"
#include "ssh/outcome.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// How a batch is run.
struct BatchOptions {
  /// Hosts worked on at a time; fewer when the process may not open enough descriptors.
  std::size_t max_in_flight = 512;
  /// Of those, how many exchange keys and log in at a time: that is what
  /// costs processor time, here and there.
  std::size_t max_handshakes = 64;
  /// A descriptor that becomes readable when the batch is to end, such as
  /// base::Cancel::fd(); -1 for none. Not owned.
  int cancel_fd = -1;
  /// Called on the calling thread for each host as it ends, in that order. Must not throw.
  std::function<void(const Outcome&)> on_done;
  /// Instead of ~/.ssh/config, /etc/ssh/ssh_config and $REOPS_SSH_CONFIG.
  std::vector<std::string> config_files;
};

/// Runs every request and gives one outcome for each, in the order of the requests. Blocks the calling
/// thread, and drives the connections from it. Cancelled, it returns at once, with `Reason::cancelled` for
/// all that had not ended.
std::vector<Outcome> run_batch(std::vector<Request> requests, const BatchOptions& options = {});

/// One loop, and what its sessions share. One thread's.
class Engine {
 public:
  static base::Result<std::unique_ptr<Engine>> create(const BatchOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  std::vector<Outcome> run(std::vector<Request> requests, HostRun::Goal goal = HostRun::Goal::run_command);

  /// The run of the last request to end: what fetch_host_key found.
  const std::shared_ptr<HostRun>& last_run() const { return last_run_; }

 private:
  Engine(const BatchOptions& options, std::unique_ptr<base::EventLoop> loop,
         std::shared_ptr<const ClientConfig> config);
  base::Result<std::shared_ptr<const KnownHosts>> known_hosts(const std::vector<std::string>& files);

  BatchOptions options_;
  std::unique_ptr<base::EventLoop> loop_;
  Resolver resolver_;
  base::WorkerPool agent_workers_;
  KeyStore keys_;
  Slots handshakes_;
  std::shared_ptr<const ClientConfig> config_;
  std::map<std::vector<std::string>, std::shared_ptr<const KnownHosts>> known_hosts_;
  std::shared_ptr<HostRun> last_run_;
};

}  // namespace reops::ssh
