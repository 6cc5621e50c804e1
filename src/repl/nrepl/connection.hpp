#pragma once
// One client's connection: bytes to messages and back.

#include <cstdint>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/unique_fd.hpp"
#include "repl/nrepl/bencode.hpp"
#include "repl/nrepl/channel.hpp"
#include "repl/nrepl/tasks.hpp"

namespace reops::repl {

class NreplServer;
class Session;

class Connection {
 public:
  Connection(NreplServer& server, std::uint64_t id, base::UniqueFd socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to read; an error means that the connection is of no use.
  base::Result<void> start();

  std::uint64_t id() const { return id_; }
  NreplServer& server() { return server_; }
  const std::shared_ptr<Channel>& channel() const { return channel_; }
  /// The session of messages that name none. Null when there are too many sessions.
  std::shared_ptr<Session> own_session();
  /// Where questions are answered that must not wait for evaluations.
  SerialTasks& questions() { return *questions_; }

 private:
  void on_events(std::uint32_t events);
  void read_some();
  void handle_messages();
  void flush();
  void end();

  NreplServer& server_;
  const std::uint64_t id_;
  base::UniqueFd socket_;
  std::shared_ptr<Channel> channel_;
  std::shared_ptr<SerialTasks> questions_ = std::make_shared<SerialTasks>();
  std::string own_session_;
  std::uint64_t watch_ = 0;
  BencodeDecoder decoder_;
  std::string unwritten_;
  std::size_t written_ = 0;  ///< of unwritten_
  bool ending_ = false;      ///< nothing more is read; what is left is written
  bool ended_ = false;
  std::shared_ptr<Connection*> alive_;  ///< what tasks of other threads hold weakly
};

}  // namespace reops::repl
