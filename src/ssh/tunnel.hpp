#pragma once
// Tunnel: one connection through a jump host: a direct-tcpip channel (RFC 4254 section 7.2) on one side, a
// socket on the other, whose far end looks like any connection to the session that uses it.

#include <libssh/callbacks.h>

#include <functional>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/unique_fd.hpp"
#include "ssh/handles.hpp"
#include "ssh/outcome.hpp"

namespace reops::ssh {

/// What the tunnels of a session may give libssh to send before it has sent what it has. It does not tell how
/// much that is; only, now and then, that it is nothing.
class SendBudget {
 public:
  explicit SendBudget(ssh_session session) : session_(session) {}

  bool has_room() {
    if ((ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) == 0) given_ = 0;
    return given_ < k_most;
  }
  void take(std::size_t bytes) { given_ += bytes; }

 private:
  static constexpr std::size_t k_most = 256 * 1024;
  ssh_session session_;
  std::size_t given_ = 0;
};

/// Driven by its bastion, whose session must outlive it. Loop-thread only.
class Tunnel {
 public:
  using OnOpen = std::function<void(base::UniqueFd, Failure)>;

  /// `flush` is called when something was written that the session should send.
  Tunnel(base::EventLoop& loop, ssh_session session, SendBudget& budget, std::string host, std::uint16_t port,
         std::weak_ptr<void> alive, OnOpen on_open, std::function<void()> flush);
  ~Tunnel();

  /// Goes on as far as it can with what the session has received, and calls `on_open` once, when it is known.
  void step();
  /// There is something for step() to do.
  bool is_due() const { return state_ == State::opening || has_received_ || can_feed(); }
  /// It stopped only so that others have their turn.
  bool has_more() const { return state_ == State::open && (has_received_ || can_feed()); }
  bool is_over() const { return state_ == State::over; }

 private:
  enum class State { opening, open, over };

  bool can_feed() const;

  static int on_data(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_stderr, void* self);
  static void on_end(ssh_session, ssh_channel, void* self);

  void open();
  void opened();
  void refuse(Failure failure);
  /// From the host beyond to our socket.
  void deliver();
  /// From our socket to the host beyond.
  void feed();
  void rearm();

  base::EventLoop& loop_;
  ssh_session session_;
  SendBudget& budget_;
  std::string host_;
  std::uint16_t port_;
  std::weak_ptr<void> alive_;
  OnOpen on_open_;
  std::function<void()> flush_;

  ssh_channel_callbacks_struct callbacks_{};
  ChannelHandle channel_;
  State state_ = State::opening;
  base::UniqueFd socket_;
  base::EventLoop::WatchId watch_ = 0;
  std::string undelivered_;
  bool has_received_ = false;
  bool held_back_ = false;     // our socket has more than the connection takes now
  bool needs_window_ = false;  // our socket may have more than the channel takes now
};

}  // namespace reops::ssh
