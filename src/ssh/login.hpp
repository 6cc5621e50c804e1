#pragma once
// Login: from a leg to a session that is logged in: the way there, the handshake, the host key, the keys of
// the user.

#include <functional>
#include <memory>

#include "ssh/certificate_fetch.hpp"
#include "ssh/dialer.hpp"
#include "ssh/outcome.hpp"
#include "ssh/plan.hpp"
#include "ssh/services.hpp"
#include "ssh/session.hpp"

namespace reops::ssh {

/// Loop-thread only. Calls `on_done` once unless it is destroyed first.
class Login : public std::enable_shared_from_this<Login> {
 public:
  enum class Goal {
    log_in,
    fetch_host_key,  ///< stops after the handshake, with the session's host_key() unchecked
  };
  enum class Phase { resolving, connecting, handshaking, waiting, authenticating };
  /// A session, or why there is none.
  using OnDone = std::function<void(std::shared_ptr<Session>, Failure)>;
  /// `waiting` is for others, so it belongs to no phase.
  using OnPhase = std::function<void(Phase)>;

  Login(const Services& services, Goal goal, Dialer::Job job, OnPhase on_phase, OnDone on_done);
  ~Login();

  void start();
  /// Where the connection goes; empty before there is one.
  const std::string& address() const { return address_; }
  /// The session under way, and in `on_done` the one that failed, for what is known of it; none before the
  /// handshake.
  const Session* session() const { return session_.get(); }

 private:
  void dial();
  bool dial_again();
  void await_greeting(Connector::Result connected);
  void begin_handshake();
  bool lacks_certificate() const;
  bool wants_certificate() const;
  void fetch_certificate();
  void start_over();
  void check_host_key();
  void authenticate();
  void fail(Failure failure) { finish(std::move(failure)); }
  void finish(Failure failure);
  void release_slot();
  bool accepts_new_key() const;
  base::Result<void> keep_new_key() const;

  Services services_;
  Goal goal_;
  Dialer::Job job_;
  OnPhase on_phase_;
  OnDone on_done_;

  std::shared_ptr<Dialer> dialer_;
  base::UniqueFd socket_;
  std::string address_;
  base::EventLoop::TimerId timer_ = 0;
  base::EventLoop::WatchId greeting_watch_ = 0;
  bool has_slot_ = false;
  std::size_t refusals_ = 0;
  // The connection under way is for asking the host for its certificate.
  bool is_fetching_ = false;
  bool has_fetched_ = false;
  std::unique_ptr<CertificateFetch> fetch_;
  std::shared_ptr<Session> session_;
};

}  // namespace reops::ssh
