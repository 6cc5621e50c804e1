#include "ssh/bastions.hpp"

#include <algorithm>
#include <utility>

#include "ssh/session_pool.hpp"

namespace reops::ssh {
namespace {

// Every one of them costs the bastion a connection attempt, and the hosts beyond it a handshake.
constexpr std::size_t k_opening_at_a_time = 64;

}  // namespace

Bastion::Bastion(base::EventLoop& loop, std::shared_ptr<Session> session, base::Millis patience,
                 std::function<void()> on_gone)
    : loop_(loop),
      session_(std::move(session)),
      budget_(session_->handle()),
      patience_(patience),
      on_gone_(std::move(on_gone)),
      opening_(k_opening_at_a_time) {}

Bastion::~Bastion() {
  loop_.cancel(idle_timer_);
  tunnels_.clear();
  session_->close();
}

void Bastion::serve() {
  session_->serve([this] { turn(); });
  session_->when_lost([this] { end(); });
}

void Bastion::end() {
  loop_.cancel(idle_timer_);
  idle_timer_ = 0;
  // The list may be being walked.
  loop_.post([self = shared_from_this()] { self->tunnels_.clear(); });
  if (const auto on_gone = std::exchange(on_gone_, nullptr)) on_gone();
}

void Bastion::open_tunnel(const std::string& host, std::uint16_t port, std::weak_ptr<void> alive,
                          Tunnel::OnOpen on_open) {
  opening_.acquire(alive, [this, host, port, alive, on_open = std::move(on_open)] {
    begin_tunnel(host, port, alive, on_open);
  });
}

void Bastion::begin_tunnel(const std::string& host, std::uint16_t port, std::weak_ptr<void> alive,
                           Tunnel::OnOpen on_open) {
  loop_.cancel(idle_timer_);
  idle_timer_ = 0;
  // The slot is free again when the tunnel is known to stand or not, or nobody waits for it any more.
  const std::shared_ptr<void> slot(nullptr, [self = weak_from_this()](void*) {
    if (const auto bastion = self.lock())
      bastion->loop_.post([self] {
        if (const auto still = self.lock()) still->opening_.release();
      });
  });
  tunnels_.push_back(std::make_unique<Tunnel>(
      loop_, session_->handle(), budget_, host, port, std::move(alive),
      [slot, on_open = std::move(on_open)](base::UniqueFd socket, Failure failure) {
        on_open(std::move(socket), std::move(failure));
      },
      [this] { session_->nudge(); }));
  session_->nudge();
}

void Bastion::turn() {
  for (auto it = tunnels_.begin(); it != tunnels_.end();) {
    if ((*it)->is_due()) (*it)->step();
    it = (*it)->is_over() ? tunnels_.erase(it) : std::next(it);
  }
  // A later one's step may have taken what is for one before it.
  const bool has_more =
      std::any_of(tunnels_.begin(), tunnels_.end(), [](const auto& t) { return t->has_more(); });
  // The session decides after this turn what it waits for, so the wish for another comes later.
  if (has_more)
    loop_.post([self = weak_from_this()] {
      if (const auto still = self.lock(); still && still->session_->is_open()) still->session_->nudge();
    });
  if (tunnels_.empty() && idle_timer_ == 0)
    idle_timer_ = loop_.at(base::Deadline::in(patience_), [this] { end(); });
}

namespace {

std::string key_of(const Way& way) { return session_key(*way.back(), Way(way.begin(), way.end() - 1)); }

}  // namespace

Slots& Bastions::places(const Way& way) {
  return places_.try_emplace(key_of(way), most_at_a_time_).first->second;
}

void Bastions::reach(const Way& way, const Deadlines& deadlines, std::weak_ptr<void> alive,
                     OnReady on_ready) {
  const Way before(way.begin(), way.end() - 1);
  const std::string key = key_of(way);
  Entry& entry = entries_[key];
  if (entry.bastion != nullptr) return on_ready(entry.bastion, {});
  entry.waiting.push_back({std::move(alive), std::move(on_ready)});
  if (entry.login != nullptr) return;
  entry.login = std::make_shared<Login>(
      *services_, Login::Goal::log_in, Dialer::Job{way.back(), before, deadlines}, [](Login::Phase) {},
      [this, key](std::shared_ptr<Session> session, const Failure& failure) {
        logged_in(key, std::move(session), failure);
      });
  entry.login->start();
}

void Bastions::logged_in(const std::string& key, std::shared_ptr<Session> session, const Failure& failure) {
  Entry& entry = entries_.at(key);
  services_->loop.post([login = std::move(entry.login)] {});
  entry.login = nullptr;
  const std::vector<Waiting> waiting = std::exchange(entry.waiting, {});
  std::shared_ptr<Bastion> bastion;
  if (session != nullptr) {
    bastion = std::make_shared<Bastion>(services_->loop, std::move(session), patience_,
                                        [this, key] { forget(key); });
    bastion->serve();
    entry.bastion = bastion;
  } else {
    entries_.erase(key);
  }
  for (const Waiting& one : waiting)
    if (const auto held = one.alive.lock()) one.on_ready(bastion, failure);
}

void Bastions::forget(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  // It may be calling us.
  services_->loop.post([bastion = std::move(found->second.bastion)] {});
  entries_.erase(found);
}

void Bastions::close() { entries_.clear(); }

}  // namespace reops::ssh
