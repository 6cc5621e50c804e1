#include "ssh/engine.hpp"

#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>
#include <set>

#include "base/cancel.hpp"
#include "base/sigpipe_guard.hpp"

namespace reops::ssh {
namespace {

// The agent itself answers one at a time; more than one thread only keeps a question to a person ("allow this
// key?") from holding up the others.
constexpr std::size_t k_agent_threads = 4;
// A socket, and for a moment another one to a second address, or two to the agent.
constexpr std::size_t k_descriptors_per_host = 3;
constexpr std::size_t k_descriptors_for_others = 64;

std::size_t open_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return k_descriptors_for_others;
  std::size_t count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

std::size_t hosts_that_fit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  const std::size_t taken = open_descriptors() + k_descriptors_for_others;
  if (limit.rlim_cur <= taken) return 1;
  return std::max<std::size_t>(1, (limit.rlim_cur - taken) / k_descriptors_per_host);
}

std::vector<Outcome> all_failed(const std::vector<Request>& requests, Reason reason,
                                const std::string& message, const BatchOptions& options) {
  std::vector<Outcome> outcomes(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    outcomes[i].index = i;
    outcomes[i].host = requests[i].target.name;
    outcomes[i].reason = reason;
    outcomes[i].message = message;
    outcomes[i].start_ms = outcomes[i].end_ms = base::unix_millis();
    if (options.on_done) options.on_done(outcomes[i]);
  }
  return outcomes;
}

/// The requests of one call of Engine::run(), begun in order as there is room.
class Batch {
 public:
  Batch(const Services& services, HostRun::Goal goal, std::vector<Request> requests,
        const BatchOptions& options)
      : services_(services),
        goal_(goal),
        requests_(std::move(requests)),
        options_(options),
        in_flight_limit_(std::clamp<std::size_t>(options.max_in_flight, 1, hosts_that_fit())),
        outcomes_(requests_.size()) {}

  void start() {
    if (options_.cancel_fd >= 0) {
      auto watch = services_.loop.watch(options_.cancel_fd, EPOLLIN, [this](std::uint32_t) { cancel(); });
      // A kind of descriptor that epoll cannot watch is always readable, which means cancelled.
      if (watch)
        cancel_watch_ = watch.value();
      else
        cancelled_ = true;
    }
    cancelled_ = cancelled_ || base::is_cancelled(options_.cancel_fd);
    fill();
  }

  void stop_watching() { services_.loop.unwatch(cancel_watch_); }
  bool finished() const { return next_ == requests_.size() && running_.empty(); }
  std::vector<Outcome> take_outcomes() { return std::move(outcomes_); }
  const std::shared_ptr<HostRun>& last_run() const { return last_run_; }

 private:
  void fill() {
    // A run that ends at once comes back here through ended(); one filler at
    // a time keeps the order and the stack.
    if (filling_) return;
    filling_ = true;
    while (next_ < requests_.size() && (running_.size() < in_flight_limit_ || cancelled_)) {
      const std::size_t index = next_++;
      auto run =
          std::make_shared<HostRun>(services_, goal_, index, std::move(requests_[index]),
                                    [this, index](Outcome outcome) { ended(index, std::move(outcome)); });
      running_.emplace(index, run);
      if (cancelled_)
        run->cancel();
      else
        run->start();
    }
    filling_ = false;
    if (running_.empty()) services_.loop.stop();
  }

  void ended(std::size_t index, Outcome outcome) {
    // The run is still on the stack; it goes when this turn of the loop is over.
    last_run_ = running_.at(index);
    services_.loop.post([run = last_run_] {});
    running_.erase(index);
    outcomes_[index] = std::move(outcome);
    if (options_.on_done) options_.on_done(outcomes_[index]);
    fill();
  }

  void cancel() {
    stop_watching();
    cancelled_ = true;
    filling_ = true;  // not while the map is being walked
    while (!running_.empty()) running_.begin()->second->cancel();
    filling_ = false;
    fill();
  }

  Services services_;
  HostRun::Goal goal_;
  std::vector<Request> requests_;
  const BatchOptions& options_;
  std::size_t in_flight_limit_;
  std::vector<Outcome> outcomes_;
  std::map<std::size_t, std::shared_ptr<HostRun>> running_;
  std::shared_ptr<HostRun> last_run_;
  std::size_t next_ = 0;
  bool filling_ = false;
  bool cancelled_ = false;
  base::EventLoop::WatchId cancel_watch_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<Engine>> Engine::create(const BatchOptions& options) {
  auto config =
      options.config_files.empty() ? ClientConfig::load_default() : ClientConfig::load(options.config_files);
  if (!config) return config.take_error();
  auto loop = base::EventLoop::create();
  if (!loop) return loop.take_error();
  return std::unique_ptr<Engine>(new Engine(options, std::move(loop).value(), std::move(config).value()));
}

Engine::Engine(const BatchOptions& options, std::unique_ptr<base::EventLoop> loop,
               std::shared_ptr<const ClientConfig> config)
    : options_(options),
      loop_(std::move(loop)),
      resolver_(*loop_),
      agent_workers_(k_agent_threads),
      handshakes_(std::max<std::size_t>(1, options.max_handshakes)),
      config_(std::move(config)) {}

Engine::~Engine() {
  // Sessions that were with the agent when the batch was cancelled have been interrupted; they are freed by
  // their workers, in moments, and that must not fall into the end of the program.
  agent_workers_.wait_idle(base::Deadline::in(base::Millis(1000)));
}

base::Result<std::shared_ptr<const KnownHosts>> Engine::known_hosts(const std::vector<std::string>& files) {
  if (const auto found = known_hosts_.find(files); found != known_hosts_.end()) return found->second;
  auto loaded = KnownHosts::load(files);
  if (loaded) known_hosts_.emplace(files, loaded.value());
  return loaded;
}

std::vector<Outcome> Engine::run(std::vector<Request> requests, HostRun::Goal goal) {
  // libssh writes to sockets without MSG_NOSIGNAL.
  const base::SigpipeGuard guard;
  const Services services{*loop_,
                          resolver_,
                          agent_workers_,
                          keys_,
                          handshakes_,
                          *config_,
                          [this](const std::vector<std::string>& files) { return known_hosts(files); }};
  Batch batch(services, goal, std::move(requests), options_);
  batch.start();
  base::Result<void> ran;
  while (ran && !batch.finished()) ran = loop_->run();
  batch.stop_watching();
  last_run_ = batch.last_run();
  std::vector<Outcome> outcomes = batch.take_outcomes();
  if (!ran)
    for (Outcome& outcome : outcomes)
      if (outcome.end_ms == 0) {
        outcome.code = k_unknown;
        outcome.reason = Reason::local;
        outcome.message = ran.error().message;
      }
  return outcomes;
}

std::vector<Outcome> run_batch(std::vector<Request> requests, const BatchOptions& options) {
  auto engine = Engine::create(options);
  if (!engine) {
    const bool is_config = engine.error().type == "ssh/config";
    return all_failed(requests, is_config ? Reason::config : Reason::local, engine.error().message, options);
  }
  return engine.value()->run(std::move(requests));
}

}  // namespace reops::ssh
