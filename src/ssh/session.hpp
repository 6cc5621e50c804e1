#pragma once
// Session: one SSH connection over a socket that is already connected: handshake, login, commands.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "base/unique_fd.hpp"
#include "base/worker_pool.hpp"
#include "ssh/authenticator.hpp"
#include "ssh/destination.hpp"
#include "ssh/exec_channel.hpp"
#include "ssh/handles.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/outcome.hpp"

namespace reops::ssh {

/// 1. One loop's; all calls come from its thread.
/// 2. One step at a time: handshake(), authenticate(), then exec() as often as wanted. Each calls its
///    `on_done` once, unless close() comes first; a failure there is `Reason::none` when the step worked.
/// 3. A step that fails ends the session: further ones fail with `Reason::disconnected`. Only kill_command()
/// may
///    follow an exec() whose time was over, or be called in the middle of one.
/// 4. Between steps the connection is watched all the same, so what the host sends unasked is taken.
/// 5. Logged in, a host that falls silent is asked for a sign of life; one that gives none is lost.
/// 6. While the agent signs, a worker thread has the session and the loop does not touch it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using OnDone = std::function<void(Failure)>;

  struct Setup {
    base::EventLoop& loop;
    base::WorkerPool& agent_workers;
    Destination destination;
    std::string address;  ///< "192.0.2.7:22"
    /// Of the host's keys on file, so that it is asked for one that can be checked.
    std::vector<std::string> known_key_types;
  };

  Session(Setup setup, base::UniqueFd socket);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void handshake(base::Millis allowed, OnDone on_done);
  /// Whether the host has said that it is an SSH server.
  bool was_greeted() const { return ssh_get_serverbanner(session_.get()) != nullptr; }
  /// The host's key, after the handshake. Nothing else checks it: the caller must, before authenticate().
  const HostKey& host_key() const { return host_key_; }
  /// Notes whose certificate vouches for it (see HostKey::certified_by).
  void certify(std::string certified_by) { host_key_.certified_by = std::move(certified_by); }

  /// `on_asking` is called when a person has to answer, for whom the time does not run.
  void authenticate(Authenticator::Identities identities, base::Millis allowed, OnDone on_done,
                    std::function<void()> on_asking = nullptr);

  void exec(ExecChannel::Spec spec, base::Millis allowed, OnDone on_done);
  /// The command of the last exec(); none before the first.
  ExecChannel* command() { return command_.get(); }

  /// Ends what the command under way has started, through a second channel of the connection. Afterwards the
  /// session is of no more use. `Reason::none` when killed() knows what has become of it.
  void kill_command(base::Millis allowed, OnDone on_done);
  Killed killed() const { return killed_; }

  /// Between steps: the connection stands and can take another exec().
  bool is_open() const { return state_ == State::idle && watch_ != 0 && !is_spent_; }
  /// Lets go of the last command, which has ended.
  void forget_command() { command_.reset(); }
  /// Calls `on_lost` once, should the connection end between steps; none takes that back.
  void when_lost(std::function<void()> on_lost) { on_lost_ = std::move(on_lost); }

  /// Makes a jump host of it: `on_turn` is called, between steps, whenever something has come in or can be
  /// sent. There are no more steps then, and handle() is the caller's to open channels in.
  void serve(std::function<void()> on_turn) { on_turn_ = std::move(on_turn); }
  ssh_session handle() const { return session_.get(); }
  /// Has a turn come soon.
  void nudge() { loop_.rearm(watch_, EPOLLIN | EPOLLOUT); }

  /// Ends everything; no `on_done` is called any more. A command still running is asked to end.
  void close();

  const std::string& address() const { return address_; }
  /// "web7 (192.0.2.7:22)", for messages.
  const std::string& who() const { return who_; }
  std::string key_exchange() const;
  std::string cipher() const;
  std::string mac() const;

 private:
  enum class State { idle, handshaking, authenticating, executing, killing, closed };

  Failure prepare();
  Failure set_options();
  void begin(State state, base::Millis allowed, OnDone on_done);
  void on_events(std::uint32_t events);
  void step();
  void step_soon();
  void look_after();
  void ask_for_life();
  void lose(const std::string& why);
  void finish(Failure failure);
  void step_handshake();
  void step_authentication();
  void step_command();
  void step_kill();
  void conclude_authentication(Authenticator::Progress progress);
  void ask_person();
  void stop_asking();
  void set_timer(base::Millis allowed);
  void hand_to_worker();
  Failure handshake_failure();
  Failure timeout_failure(base::Millis allowed);
  Failure read_host_key();
  bool connection_is_gone() const;
  bool is_sending() const;
  void arm();

  base::EventLoop& loop_;
  base::WorkerPool& agent_workers_;
  Destination destination_;
  std::string address_;
  std::string who_;
  std::vector<std::string> known_key_types_;
  base::UniqueFd socket_;  // until libssh has it
  SessionHandle session_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<ExecChannel> command_;
  std::unique_ptr<ExecChannel> killer_;  // goes before the command does
  Killed killed_ = Killed::not_asked;
  HostKey host_key_;

  State state_ = State::idle;
  int watched_fd_ = -1;
  base::EventLoop::WatchId watch_ = 0;
  base::EventLoop::TimerId timer_ = 0;
  base::EventLoop::TimerId alive_timer_ = 0;
  bool was_heard_ = false;   // since that timer was set
  unsigned unanswered_ = 0;  // questions for a sign of life
  bool with_worker_ = false;
  bool is_asking_ = false;  // a person is to answer
  bool has_asked_ = false;  // and has kept it for us
  base::Millis auth_allowed_{0};
  std::function<void()> on_asking_;
  bool is_spent_ = false;  // a step has failed, though the connection may stand
  OnDone on_done_;
  std::function<void()> on_lost_;
  std::function<void()> on_turn_;
};

}  // namespace reops::ssh
