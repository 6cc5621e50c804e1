#include "agent/connection.hpp"

#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <memory>

#include "agent/calls.hpp"
#include "agent/descriptors.hpp"
#include "agent/journal.hpp"
#include "agent/link.hpp"
#include "agent/status.hpp"
#include "agent/unit_store.hpp"
#include "base/event_loop.hpp"
#include "base/signal_source.hpp"
#include "wire/keys.hpp"

namespace reops::agent {
namespace {

// After what ran has ended, for its outcome to reach the controller.
constexpr base::Millis k_deliver_within{3000};
constexpr base::Millis k_look_again{20};

int unusable(const base::Error& error) {
  std::fprintf(stderr, "regent: %s\n", error.message.c_str());
  return k_exit_unusable;
}

class Connection {
 public:
  Connection(base::EventLoop& loop, const Options& options, wire::KeyPair keys, Journal& journal,
             UnitStore& units, Journal::Calls remembered)
      : loop_(loop),
        options_(options),
        key_(keys.open),
        units_(units),
        calls_(loop, options, journal, units, std::move(remembered), [this](const wire::Message& message) {
          if (link_) link_->send(message);
        }) {
    link_ = std::make_unique<Link>(loop, options, std::move(keys),
                                   Link::Hooks{[this](wire::Message&& m) { received(std::move(m)); },
                                               [this] { return calls_.known(); }});
  }

  void start(base::UniqueFd zygote) {
    calls_.use_zygote(std::move(zygote));
    link_->start();
  }
  void use_zygote(base::UniqueFd zygote) { calls_.use_zygote(std::move(zygote)); }

  void stop() {
    if (std::exchange(stopping_, true)) return cut_off();
    loop_.at(base::Deadline::in(options_.grace), [this] { cut_off(); });
    calls_.stop([this] {
      deliver_until_ = base::Deadline::in(k_deliver_within);
      deliver();
    });
  }

  std::string status() const {
    Calls::Numbers n = calls_.numbers();
    return "state:   " + std::string(stopping_ ? "stopping, " : "") + link_->state() + "\nkey:     " + key_ +
           "\nversion: " + options_.version + "\ncalls:   " + std::to_string(n.running) + " running, " +
           std::to_string(n.waiting) + " waiting, " + std::to_string(n.kept) +
           " outcomes kept\nworkers: " + std::to_string(n.workers) + " of " +
           std::to_string(options_.workers) + "\nunits:   " + std::to_string(units_.count_on_disk()) +
           " on disk, " + std::to_string(units_.bytes_on_disk() >> 10) + " KiB\n";
  }

 private:
  void received(wire::Message&& message) {
    std::visit([this](auto& m) { on(std::move(m)); }, message);
  }
  template <class M>
  void on(M&& m) {
    if constexpr (requires { calls_.on(std::forward<M>(m)); }) calls_.on(std::forward<M>(m));
  }

  void cut_off() { calls_.cut_off("stopped", "the agent was stopped before it was over"); }

  // An outcome that the controller has it says so of (Forget). What it does not take now it finds after the
  // next start.
  void deliver() {
    bool delivered = calls_.numbers().kept == 0 || !link_->is_registered();
    if (delivered || deliver_until_.expired()) return loop_.stop();
    loop_.at(base::Deadline::in(k_look_again), [this] { deliver(); });
  }

  base::EventLoop& loop_;
  const Options& options_;
  const std::string key_;
  UnitStore& units_;
  std::unique_ptr<Link> link_;
  Calls calls_;
  bool stopping_ = false;
  base::Deadline deliver_until_ = base::Deadline::never();
};

}  // namespace

int run_connection(base::UniqueFd keeper, base::UniqueFd zygote, const Options& options) {
  prctl(PR_SET_NAME, "regent");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPIPE, SIG_IGN);
  close_all_but({keeper.get(), zygote.get()});
  auto signals = base::SignalSource::create({SIGTERM, SIGINT});
  if (!signals) return unusable(signals.error());
  auto keys = wire::keys_in(options.home + "/keys");
  if (!keys) return unusable(keys.error());
  auto loop = base::EventLoop::create();
  if (!loop) return unusable(loop.error());
  Journal::Calls remembered;
  auto journal = Journal::open(options.home, base::unix_millis(), remembered);
  if (!journal) return unusable(journal.error());
  UnitStore units(options.home + "/units", options.cache);
  base::EventLoop& the_loop = *loop.value();
  Connection connection(the_loop, options, std::move(keys).value(), *journal.value(), units,
                        std::move(remembered));
  auto status = StatusServer::open(the_loop, options.home, [&] { return connection.status(); });
  if (!status) return unusable(status.error());
  auto on_signal = the_loop.watch(signals.value().fd(), EPOLLIN, [&](uint32_t) {
    while (signals.value().take() != 0) connection.stop();
  });
  auto on_keeper = the_loop.watch(keeper.get(), EPOLLIN, [&](uint32_t) {
    auto received = receive_descriptors(keeper.get());
    if (received && received->text.empty()) return the_loop.stop();
    if (received && !received->descriptors.empty())
      connection.use_zygote(std::move(received->descriptors[0]));
  });
  if (!on_signal) return unusable(on_signal.error());
  if (!on_keeper) return unusable(on_keeper.error());
  connection.start(std::move(zygote));
  auto ran = the_loop.run();
  return ran ? 0 : unusable(ran.error());
}

}  // namespace reops::agent
