#include "repl/nrepl/server.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "lang/value/tagged.hpp"
#include "repl/nrepl/connection.hpp"
#include "repl/nrepl/session.hpp"

namespace reops::repl {
namespace {

constexpr std::size_t k_most_sessions = 1000;
constexpr std::size_t k_most_abandoned = 16;
// How long nobody is let in when the process has no descriptors left.
constexpr base::Millis k_accept_pause{200};

std::string new_id() { return lang::uuid_text(lang::as<lang::Uuid>(lang::random_uuid())); }

}  // namespace

base::Result<std::unique_ptr<NreplServer>> NreplServer::create(base::EventLoop& loop, base::Listener listener,
                                                               std::string version) {
  std::unique_ptr<NreplServer> server(new NreplServer(loop, std::move(listener), std::move(version)));
  if (auto listening = server->listen(); !listening) return listening.take_error();
  return server;
}

NreplServer::NreplServer(base::EventLoop& loop, base::Listener listener, std::string version)
    : loop_(loop),
      listener_(std::move(listener)),
      version_(std::move(version)),
      first_(std::make_shared<Session>("")) {
  first_->begin_here();
}

NreplServer::~NreplServer() {
  loop_.unwatch(accept_watch_);
  loop_.cancel(accept_timer_);
  connections_.clear();
  for (auto& [id, session] : sessions_) session->close();
  first_->close();
}

base::Result<void> NreplServer::listen() {
  auto watch = loop_.watch(listener_.fd.get(), EPOLLIN, [this](std::uint32_t) { accept_waiting(); });
  if (!watch) return watch.take_error();
  accept_watch_ = watch.value();
  return {};
}

void NreplServer::accept_waiting() {
  for (;;) {
    auto accepted = base::accept_connection(listener_);
    if (!accepted) return pause_accepting();
    if (!accepted.value()) return;
    const std::uint64_t id = ++last_connection_;
    auto connection = std::make_unique<Connection>(*this, id, std::move(accepted).value());
    if (connection->start()) connections_.emplace(id, std::move(connection));
  }
}

// The socket stays readable while nobody can be let in; without a pause the loop would spin.
void NreplServer::pause_accepting() {
  loop_.rearm(accept_watch_, 0);
  accept_timer_ =
      loop_.at(base::Deadline::in(k_accept_pause), [this] { loop_.rearm(accept_watch_, EPOLLIN); });
}

std::shared_ptr<Session> NreplServer::open_session(std::shared_ptr<Session> other) {
  if (sessions_.size() >= k_most_sessions) return nullptr;
  auto session = std::make_shared<Session>(new_id());
  sessions_.emplace(session->id(), session);
  session->begin_as(other ? std::move(other) : first_);
  return session;
}

std::shared_ptr<Session> NreplServer::find_session(const std::string& id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

void NreplServer::close_session(const std::string& id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  found->second->close();
  sessions_.erase(found);
  users_.erase(id);
  std::erase(abandoned_, id);
}

void NreplServer::adopt_session(const std::string& id, const Connection& connection) {
  auto [user, is_new] = users_.try_emplace(id, connection.id());
  if (!is_new && user->second == connection.id()) return;
  user->second = connection.id();
  std::erase(abandoned_, id);
}

void NreplServer::drop_connection(std::uint64_t id) {
  // In the next turn, because a callback of the connection itself is what calls us.
  loop_.post([here = std::weak_ptr(alive_), id] {
    const auto alive = here.lock();
    if (!alive) return;
    NreplServer& self = **alive;
    const auto found = self.connections_.find(id);
    if (found == self.connections_.end()) return;
    self.abandon_sessions_of(*found->second);
    self.connections_.erase(found);
  });
}

void NreplServer::abandon_sessions_of(const Connection& connection) {
  for (auto& [id, session] : sessions_) session->interrupt_for(*connection.channel());
  for (auto& [id, user] : users_) {
    if (user == connection.id()) abandoned_.push_back(id);
  }
  while (abandoned_.size() > k_most_abandoned) {
    const std::string oldest = abandoned_.front();
    close_session(oldest);
  }
}

}  // namespace reops::repl
