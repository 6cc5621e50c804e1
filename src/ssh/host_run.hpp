#pragma once
// HostRun: one request from its plan to its outcome: a login and a command; or only the command, when a
// connection is there already.

#include <functional>
#include <memory>
#include <string>

#include "ssh/login.hpp"
#include "ssh/outcome.hpp"
#include "ssh/plan.hpp"
#include "ssh/services.hpp"
#include "ssh/session.hpp"
#include "ssh/session_pool.hpp"

namespace reops::ssh {

/// Calls `on_done` exactly once, on the loop's thread; cancel() makes that happen at once, or where a command
/// runs, in a moment: perhaps it is known by then whether it could be ended.
class HostRun : public std::enable_shared_from_this<HostRun> {
 public:
  using OnDone = std::function<void(Outcome)>;

  /// With `Login::Goal::fetch_host_key` the outcome has the host's key, and no command is run.
  HostRun(const Services& services, Login::Goal goal, std::size_t index, Plan plan, OnDone on_done);

  void start();
  bool has_begun() const { return has_begun_; }
  void cancel();
  /// The time of the whole run is over.
  void expire(base::Millis allowed);

 private:
  void begin();
  void leave_bastion();
  bool try_again();
  Reason phase_reason() const;
  bool command_may_run() const;
  void count_to(std::int64_t* time);
  void entered(Login::Phase phase);
  bool is_trusted(const HostKey& key) const;
  bool reuse_session();
  void log_in();
  void describe(const Session& session);
  void take_session(std::shared_ptr<Session> session);
  void execute();
  void conclude_command(Failure failure);
  void keep_session();
  void give_up_command(Failure failure, base::Millis patience);
  void conclude_killing(Killed killed);
  void fail(Failure failure);
  void finish();

  Services services_;
  Login::Goal goal_;
  Plan plan_;
  OnDone on_done_;
  Outcome outcome_;

  bool has_begun_ = false;
  bool is_over_ = false;
  bool is_last_attempt_ = false;
  bool has_bastion_place_ = false;
  base::EventLoop::TimerId retry_timer_ = 0;
  bool is_killing_ = false;
  base::EventLoop::TimerId killing_timer_ = 0;
  base::Steady::time_point started_ = base::Steady::now();
  base::Steady::time_point counted_since_ = started_;
  std::int64_t* counted_ = nullptr;

  std::shared_ptr<Login> login_;
  std::shared_ptr<Session> session_;
};

}  // namespace reops::ssh
