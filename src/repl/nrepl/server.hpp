#pragma once
// The nREPL server: editors connect, and evaluate in sessions of their own.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/listener.hpp"
#include "base/result.hpp"

namespace reops::repl {

class Channel;
class Connection;
class Session;
struct Request;

/// Lives on the thread of its loop. Needs a Runtime; the loop may run inside a blocking region, since
/// whatever touches values does so on threads of the language.
///
/// A session belongs to no connection: a client may come back to it. What runs for a connection ends with it,
/// and of the sessions that no connection uses any more the latest few are kept.
class NreplServer {
 public:
  /// `version` is the program's. The calling thread's bindings are those that sessions begin with.
  static base::Result<std::unique_ptr<NreplServer>> create(base::EventLoop& loop, base::Listener listener,
                                                           std::string version);
  ~NreplServer();
  NreplServer(const NreplServer&) = delete;
  NreplServer& operator=(const NreplServer&) = delete;

  const base::Listener& listener() const { return listener_; }
  const std::string& version() const { return version_; }

  // For connections and operations.
  base::EventLoop& loop() { return loop_; }
  /// A new session that begins as `other` is, or as the server began; null when there are too many.
  std::shared_ptr<Session> open_session(std::shared_ptr<Session> other);
  std::shared_ptr<Session> find_session(const std::string& id) const;
  void close_session(const std::string& id);
  const std::map<std::string, std::shared_ptr<Session>>& sessions() const { return sessions_; }
  /// `connection` is the one that speaks to the session from now on.
  void adopt_session(const std::string& id, const Connection& connection);
  /// Destroys the connection, but not before the loop's next turn.
  void drop_connection(std::uint64_t id);

 private:
  NreplServer(base::EventLoop& loop, base::Listener listener, std::string version);
  base::Result<void> listen();
  void accept_waiting();
  void pause_accepting();
  void abandon_sessions_of(const Connection& connection);

  base::EventLoop& loop_;
  base::Listener listener_;
  std::string version_;
  std::uint64_t accept_watch_ = 0;
  std::uint64_t accept_timer_ = 0;
  std::shared_ptr<Session> first_;  ///< holds the bindings that sessions begin with
  std::map<std::string, std::shared_ptr<Session>> sessions_;
  std::map<std::string, std::uint64_t> users_;  ///< session → connection that spoke to it last
  std::deque<std::string> abandoned_;           ///< sessions whose connection is gone, the oldest first
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t last_connection_ = 0;
  std::shared_ptr<NreplServer*> alive_ =
      std::make_shared<NreplServer*>(this);  ///< what posted tasks hold weakly
};

}  // namespace reops::repl
