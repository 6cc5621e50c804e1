#pragma once
// ExecChannel: one command on a session: its input, its outputs, its end.

#include <libssh/callbacks.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ssh/handles.hpp"
#include "ssh/outcome.hpp"
#include "ssh/output_tail.hpp"
#include "ssh/process_group.hpp"

namespace reops::ssh {

/// Driven by its session: step() whenever the connection has something. Must go before the session does.
class ExecChannel {
 public:
  enum class Progress { again, done, failed };
  struct Spec {
    std::string command;
    std::shared_ptr<const std::string> input{};
    std::size_t output_limit = 0;
    /// The command tells its process group; see GroupMark.
    bool is_tracked = false;
    /// It runs on a terminal: one stream of output, and line ends as terminals have them.
    bool on_terminal = false;
  };
  /// How the command ended; neither code nor signal when the host did not say.
  struct End {
    std::optional<int> code;
    std::string signal;
  };

  ExecChannel(ssh_session session, std::string who, Spec spec);

  Progress step();
  /// There is input that could be sent now, so a step is due as soon as the socket is writable.
  bool can_feed() const;
  /// Asks the host to end the command. Best effort: old servers ignore it.
  void terminate();
  /// No more input: the command has been given up.
  void stop_feeding() { input_ended_ = true; }

  /// After `failed`.
  const Failure& failure() const { return failure_; }
  /// Whether the host may have started the command.
  bool may_have_started() const { return may_have_started_; }
  /// The process group that the command runs in there, once it has told.
  std::optional<long> group() const { return group_; }
  bool is_tracked() const { return spec_.is_tracked; }
  const End& end() const { return end_; }
  bool knows_its_end() const { return end_.code.has_value() || !end_.signal.empty(); }
  /// Moves what was received into the outcome.
  void take_output(Outcome& outcome);

 private:
  enum class State { opening, getting_terminal, requesting, running };

  static int on_data(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_stderr, void* self);
  static void on_close(ssh_session, ssh_channel, void* self);
  static void on_exit_status(ssh_session, ssh_channel, int status, void* self);
  static void on_exit_signal(ssh_session, ssh_channel, const char* signal, int, const char*, const char*,
                             void* self);

  Progress run();
  std::string command_text() const;
  void take(std::string_view bytes, bool is_stderr);
  Progress fail(Reason reason, const std::string& what);
  bool connection_is_gone() const;
  std::string_view unsent() const;
  void feed_input();

  ssh_session session_;
  std::string who_;
  Spec spec_;
  ssh_channel_callbacks_struct callbacks_{};
  ChannelHandle channel_;
  State state_ = State::opening;
  std::size_t input_sent_ = 0;
  bool input_ended_ = false;
  bool closed_ = false;
  bool may_have_started_ = false;
  std::size_t received_ = 0;
  OutputTail out_;
  OutputTail err_;
  GroupMark mark_;
  std::optional<long> group_;
  bool awaits_mark_;
  std::string before_mark_;  // of the stream that the mark is in
  End end_;
  Failure failure_;
};

/// The number of a signal that SSH names without SIG ("TERM" is 15); 0 for a name that is none.
int signal_number(const std::string& name);

}  // namespace reops::ssh
