#pragma once
// What carries messages between controller and agents: ZeroMQ, ROUTER to DEALER, encrypted and authenticated
// by CURVE. No message, frame or socket of ZeroMQ's is seen outside of this file.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/keys.hpp"

namespace reops::wire {

/// The controller's end. For one thread.
class FleetSocket {
 public:
  struct Options {
    std::string endpoint;  ///< "tcp://127.0.0.1:7450"; port * takes a free one
    KeyPair keys;
    /// Whether a key may connect at all; asked again at each connection.
    std::function<bool(const std::string& key)> admits;
    size_t most_message_bytes = size_t{1} << 30;
  };
  struct Received {
    std::string key;   ///< of whoever sent it, proven by the handshake
    std::string peer;  ///< the connection: where an answer goes
    std::string bytes;
  };

  static base::Result<std::unique_ptr<FleetSocket>> open(Options options);
  ~FleetSocket();
  FleetSocket(const FleetSocket&) = delete;
  FleetSocket& operator=(const FleetSocket&) = delete;

  /// Where it listens, with the port that was taken.
  const std::string& endpoint() const;
  /// These become readable when serve() has something to do; also after a send, which is why a send is
  /// followed by it.
  int messages_fd() const;
  int admissions_fd() const;
  /// Answers who asks to be let in, and hands over at most `most` messages. True when more may wait.
  bool serve(const std::function<void(Received&&)>& on_message, size_t most = 256);
  /// False when the connection is gone, or more waits for it than is kept.
  bool send(const std::string& peer, std::string_view bytes);

 private:
  struct Parts;
  explicit FleetSocket(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// The agent's end: one connection, made again by itself when it is lost. For one thread.
class AgentSocket {
 public:
  struct Options {
    std::string endpoint;  ///< with a numeric address
    std::string server_key;
    KeyPair keys;
    size_t most_message_bytes = size_t{1} << 30;
  };
  enum class Event : uint8_t { connected, refused, lost };

  static base::Result<std::unique_ptr<AgentSocket>> open(const Options& options);
  ~AgentSocket();
  AgentSocket(const AgentSocket&) = delete;
  AgentSocket& operator=(const AgentSocket&) = delete;

  /// Readable when receive() may have something; look again after each send.
  int fd() const;
  std::optional<std::string> receive();
  /// False when more waits than is kept.
  bool send(std::string_view bytes);
  /// What happened to the connection since: connected (the handshake is done), refused (a wrong key on either
  /// side), lost.
  int events_fd() const;
  std::optional<Event> next_event();

 private:
  struct Parts;
  explicit AgentSocket(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// How many agents may be connected with the descriptors that this process may have.
size_t largest_fleet();

}  // namespace reops::wire
