#pragma once
// SessionPool: connections that are logged in and wait for the next command.

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/event_loop.hpp"
#include "ssh/plan.hpp"
#include "ssh/session.hpp"

namespace reops::ssh {

/// What two requests must agree in to use the same connection: where, as whom, with which keys, by which way.
std::string session_key(const Leg& target, const Way& way);

/// One loop's; all calls come from its thread.
class SessionPool {
 public:
  /// A session is closed when it has waited for `patience`; the one that has waited longest makes room when
  /// there are more than `capacity`.
  SessionPool(base::EventLoop& loop, base::Millis patience, std::size_t capacity);
  ~SessionPool();
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  /// The session of this key that was used last, now the caller's; none when there is none.
  std::shared_ptr<Session> take(const std::string& key);
  /// Keeps a session that is idle; one whose connection has ended is let go.
  void give(const std::string& key, std::shared_ptr<Session> session);
  /// Closes those that have waited longest until no more than `count` are left.
  void shrink_to(std::size_t count);
  std::size_t size() const { return waiting_.size(); }
  bool has(const std::string& key) const { return by_key_.contains(key); }

 private:
  struct Waiting {
    std::string key;
    std::shared_ptr<Session> session;
    base::EventLoop::TimerId timer = 0;
  };
  using Place = std::list<Waiting>::iterator;

  std::shared_ptr<Session> remove(Place place);
  void close(Place place);

  base::EventLoop& loop_;
  base::Millis patience_;
  std::size_t capacity_;
  std::list<Waiting> waiting_;  // the longest wait first
  std::unordered_multimap<std::string, Place> by_key_;
};

}  // namespace reops::ssh
