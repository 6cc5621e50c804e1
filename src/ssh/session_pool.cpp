#include "ssh/session_pool.hpp"

#include <utility>

namespace reops::ssh {

namespace {

void add_to_key(std::string& key, const Destination& destination) {
  // A byte that is in no name or path keeps the parts apart.
  const auto add = [&](const std::string& part) { key.append(part).push_back('\0'); };
  add(destination.name);
  add(destination.host);
  add(std::to_string(destination.port));
  add(destination.user);
  add(std::to_string(static_cast<int>(destination.family)));
  add(destination.host_key_name);
  add(destination.agent_socket);
  add(destination.proxy_command);
  for (const IdentityFile& identity : destination.identities) add(identity.path);
  for (const std::string& certificate : destination.certificates) add(certificate);
  key.push_back('\0');
}

}  // namespace

std::string session_key(const Leg& target, const Way& way) {
  std::string key;
  for (const LegPtr& jump : way) add_to_key(key, jump->destination);
  add_to_key(key, target.destination);
  return key;
}

SessionPool::SessionPool(base::EventLoop& loop, base::Millis patience, std::size_t capacity)
    : loop_(loop), patience_(patience), capacity_(capacity) {}

SessionPool::~SessionPool() { shrink_to(0); }

std::shared_ptr<Session> SessionPool::remove(Place place) {
  loop_.cancel(place->timer);
  auto [from, to] = by_key_.equal_range(place->key);
  while (from != to && from->second != place) ++from;
  by_key_.erase(from);
  std::shared_ptr<Session> session = std::move(place->session);
  waiting_.erase(place);
  session->when_lost(nullptr);
  return session;
}

void SessionPool::close(Place place) { remove(place)->close(); }

std::shared_ptr<Session> SessionPool::take(const std::string& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : remove(found->second);
}

void SessionPool::give(const std::string& key, std::shared_ptr<Session> session) {
  if (!session->is_open()) return session->close();
  waiting_.push_back({key, std::move(session)});
  const Place place = std::prev(waiting_.end());
  by_key_.emplace(key, place);
  place->timer = loop_.at(base::Deadline::in(patience_), [this, place] { close(place); });
  // Not from within the session's own step: it would close itself under its feet.
  place->session->when_lost([this, place] {
    std::shared_ptr<Session> lost = remove(place);
    loop_.post([lost = std::move(lost)] { lost->close(); });
  });
  shrink_to(capacity_);
}

void SessionPool::shrink_to(std::size_t count) {
  while (waiting_.size() > count) close(waiting_.begin());
}

}  // namespace reops::ssh
