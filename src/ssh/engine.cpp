#include "ssh/engine.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <future>

#include "base/cancel.hpp"
#include "base/sigpipe_guard.hpp"
#include "ssh/batch.hpp"
#include "ssh/descriptor_limit.hpp"
#include "ssh/person.hpp"
#include "ssh/unlocking.hpp"

namespace reops::ssh {
namespace {

// The agent itself answers one at a time; more than one thread only keeps a question to a person ("allow this
// key?") from holding up the others.
constexpr std::size_t k_agent_threads = 4;
// What the program's end waits for commands that were given up.
constexpr base::Millis k_last_moment{5'000};

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

// A batch of which every host floods us stays within a gigabyte or so, however many hosts there are.
std::size_t usual_output_limit(std::size_t hosts) {
  constexpr std::size_t k_most = std::size_t{16} << 20;
  constexpr std::size_t k_least = std::size_t{64} << 10;
  constexpr std::size_t k_together = std::size_t{1} << 30;
  return std::clamp(k_together / 2 / std::max<std::size_t>(hosts, 1), k_least, k_most);
}

// Counts what ends, for whoever wants to be told now and then.
class ProgressTeller {
 public:
  ProgressTeller(const std::vector<Request>& requests, const BatchOptions& options)
      : tell_(options.on_progress), interval_(options.progress_interval) {
    progress_.total = requests.size();
    if (!tell_) return;
    names_.reserve(requests.size());
    for (const Request& request : requests) names_.push_back(request.target.name);
    ended_.resize(requests.size());
  }

  /// When it wants to tell.
  base::Deadline next() const { return tell_ ? base::Deadline::at(next_) : base::Deadline::never(); }
  void ended(const Outcome& outcome) {
    ++progress_.done;
    if (outcome.code != 0) ++progress_.failed;
    if (tell_) ended_[outcome.index] = true;
  }
  void tell_in_time(std::size_t in_flight) {
    if (!tell_ || Clock::now() < next_) return;
    next_ = Clock::now() + interval_;
    progress_.running = std::min(in_flight, progress_.total - progress_.done);
    // Hosts are begun in their order: the first that has not ended is at it longest.
    while (oldest_ < ended_.size() && ended_[oldest_]) ++oldest_;
    progress_.slowest = oldest_ < names_.size() ? names_[oldest_] : "";
    progress_.elapsed = std::chrono::duration_cast<base::Millis>(Clock::now() - begun_);
    tell_(progress_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  const std::function<void(const Progress&)>& tell_;
  std::chrono::nanoseconds interval_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point next_ = begun_ + interval_;
  Progress progress_;
  std::vector<std::string> names_;
  std::vector<bool> ended_;
  std::size_t oldest_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<Engine>> Engine::create(const EngineOptions& options) {
  auto loop = base::EventLoop::create();
  if (!loop) return loop.take_error();
  return std::unique_ptr<Engine>(new Engine(options, std::move(loop).value()));
}

Engine::Engine(const EngineOptions& options, std::unique_ptr<base::EventLoop> loop)
    : loop_(std::move(loop)),
      resolver_(*loop_),
      agent_workers_(k_agent_threads),
      in_flight_(std::max<std::size_t>(1, options.max_in_flight)),
      handshakes_(std::max<std::size_t>(1, options.max_handshakes)),
      sessions_(*loop_, options.idle, options.max_idle),
      bastions_(options.idle, std::max<std::size_t>(1, options.max_per_bastion)),
      services_{*loop_,      resolver_, agent_workers_, keys_,     in_flight_,
                handshakes_, sessions_, bastions_,      killings_, certificates_} {
  bastions_.set_services(services_);
  thread_ = std::thread([this] {
    // Signals belong to the program's own threads.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    // libssh writes to sockets without MSG_NOSIGNAL.
    const base::SigpipeGuard guard;
    // It ends with an error only when epoll itself fails, which takes a descriptor closed under our feet.
    [[maybe_unused]] const base::Result<void> ran = loop_->run();
  });
}

Engine::~Engine() {
  await_killings(base::Deadline::in(k_last_moment));
  ask([this] {
    killings_.abandon();
    sessions_.shrink_to(0);
    bastions_.close();
  });
  loop_->stop();
  thread_.join();
  // Sessions that were with the agent when their batch was cancelled have been interrupted; they are freed by
  // their workers, in moments, and that must not fall into the end of the program.
  agent_workers_.wait_idle(base::Deadline::in(base::Millis(1000)));
}

// Runs `task` on the loop's thread and waits for it.
void Engine::ask(std::function<void()> task) {
  std::promise<void> done;
  loop_->post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

bool Engine::await_killings(base::Deadline deadline, int cancel_fd) {
  const auto idle = std::make_shared<base::Cancel>();
  loop_->post([this, idle] { killings_.when_idle([idle] { idle->cancel(); }); });
  pollfd waited[] = {{idle->fd(), POLLIN, 0}, {cancel_fd, POLLIN, 0}};
  while (::poll(waited, 2, deadline.poll_timeout()) < 0 && errno == EINTR) {
  }
  return idle->cancelled();
}

std::size_t Engine::idle_sessions() {
  std::size_t count = 0;
  ask([&] { count = sessions_.size(); });
  return count;
}

void Engine::close_idle_sessions() {
  ask([this] { sessions_.shrink_to(0); });
}

// On the caller's thread, because people take their time, and so does a passphrase's key.
void Engine::unlock_keys(const std::vector<Plan>& plans, const Asker& asker) {
  const std::lock_guard lock(asking_);
  const auto load = [this](const std::string& path) {
    std::shared_ptr<const Identity> identity;
    ask([&] { identity = keys_.load(path); });
    return identity;
  };
  for (const std::string& path : keys_to_unlock(plans, load)) {
    if (unanswered_.contains(path)) continue;
    if (auto identity = unlock(path, asker))
      ask([&] { keys_.keep(identity); });
    else
      unanswered_.insert(path);
  }
}

// How many hosts are worked on at a time. One whose connection waits needs no further descriptor.
std::size_t Engine::room_for(const std::vector<Plan>& plans, std::size_t most) {
  const std::size_t wanted = std::max<std::size_t>(1, std::min(most, plans.size()));
  std::size_t connecting = 0;
  ask([&] {
    for (const Plan& plan : plans) connecting += !sessions_.has(plan.session_key);
  });
  connecting = std::min(connecting, wanted);
  if (connecting == 0 || hosts_that_fit(connecting) == connecting) return wanted;
  // Those that wait hold descriptors too; what runs now goes before.
  close_idle_sessions();
  return hosts_that_fit(wanted);
}

std::vector<Outcome> Engine::run(std::vector<Request> requests, const BatchOptions& options) {
  auto planner = Planner::create(options.config_files);
  if (!planner) return all_failed(requests, Reason::config, planner.error().message, options);
  auto mailbox = std::make_shared<Mailbox>();
  if (mailbox->fd() < 0)
    return all_failed(requests, Reason::local, "this machine has no descriptor left to wait with", options);

  if (options.ask) {
    const std::lock_guard lock(asking_);
    ask_passwords(requests, options.ask);
  }
  const std::shared_ptr<base::Inbox> inbox = loop_->inbox();
  const auto person = std::make_shared<Person>(inbox);
  if (person->fd() < 0)
    return all_failed(requests, Reason::local, "this machine has no descriptor left to wait with", options);
  ProgressTeller progress(requests, options);
  std::vector<Plan> plans;
  plans.reserve(requests.size());
  for (Request& request : requests) {
    request.target.questions.person = person;
    if (!request.output_limit) request.output_limit = usual_output_limit(requests.size());
    plans.push_back(planner.value().plan(std::move(request)));
  }
  if (options.ask) unlock_keys(plans, options.ask);
  const std::size_t count = plans.size();
  const std::size_t in_flight = room_for(plans, options.max_in_flight);

  const auto batch = std::make_shared<Batch>(services_, options.goal, std::move(plans), in_flight, mailbox);
  // Interrupted before it began: nothing is begun then.
  if (base::is_cancelled(options.cancel_fd))
    inbox->post([batch] { batch->cancel(); });
  else
    inbox->post([batch] { batch->start(); });

  std::vector<Outcome> outcomes(count);
  pollfd waited[] = {{mailbox->fd(), POLLIN, 0}, {options.cancel_fd, POLLIN, 0}, {person->fd(), POLLIN, 0}};
  base::Deadline end =
      options.whole_run.count() > 0 ? base::Deadline::in(options.whole_run) : base::Deadline::never();
  for (std::size_t left = count; left > 0;) {
    const base::Deadline next = std::min(end, progress.next());
    ::poll(waited, 3, next.poll_timeout());
    if (end.expired()) {
      end = base::Deadline::never();
      inbox->post([batch, allowed = options.whole_run] { batch->expire(allowed); });
    }
    progress.tell_in_time(in_flight);
    // A descriptor that cannot be watched means cancelled as well.
    if (waited[1].revents != 0) {
      waited[1].fd = -1;
      inbox->post([batch] { batch->cancel(); });
      // Whoever waits there still is not of this batch alone.
      person->close();
    } else if (waited[2].revents != 0) {
      person->answer_next(options.cancel_fd);
    }
    for (Outcome& outcome : mailbox->take()) {
      Outcome& place = outcomes[outcome.index];
      place = std::move(outcome);
      progress.ended(place);
      if (options.on_done) options.on_done(place);
      --left;
    }
  }
  // A jump host may be being logged in to for others still.
  person->close();
  return outcomes;
}

}  // namespace reops::ssh
