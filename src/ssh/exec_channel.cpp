#include "ssh/exec_channel.hpp"

#include <libssh/server.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace reops::ssh {
namespace {

constexpr std::size_t k_input_chunk = 128 * 1024;
// So that one host that floods us cannot keep the loop from the others.
constexpr int k_reads_per_step = 32;
// A mark that is not among these is not there: nothing but what start-up files print comes before it.
constexpr std::size_t k_mark_within = 64 * 1024;
// What most terminals are; programs that draw ask for it.
constexpr const char* k_terminal = "xterm";
constexpr int k_terminal_columns = 80;
constexpr int k_terminal_rows = 24;
// Once at the beginning of a line, twice within one.
constexpr std::string_view k_end_of_file = "\x04\x04";

}  // namespace

int signal_number(const std::string& name) {
  for (int number = 1; number < NSIG; ++number) {
    const char* abbreviation = ::sigabbrev_np(number);
    if (abbreviation != nullptr && name == abbreviation) return number;
  }
  return 0;
}

ExecChannel::ExecChannel(ssh_session session, std::string who, Spec spec)
    : session_(session),
      who_(std::move(who)),
      spec_(std::move(spec)),
      channel_(ssh_channel_new(session), &callbacks_),
      out_(spec_.output_limit),
      err_(spec_.output_limit),
      awaits_mark_(spec_.is_tracked) {
  ssh_callbacks_init(&callbacks_);
  callbacks_.userdata = this;
  callbacks_.channel_data_function = on_data;
  callbacks_.channel_close_function = on_close;
  callbacks_.channel_exit_status_function = on_exit_status;
  callbacks_.channel_exit_signal_function = on_exit_signal;
  if (channel_.get() != nullptr) ssh_set_channel_callbacks(channel_.get(), &callbacks_);
}

int ExecChannel::on_data(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_stderr,
                         void* self) {
  auto& channel = *static_cast<ExecChannel*>(self);
  channel.received_ += size;
  channel.take({static_cast<const char*>(data), size}, is_stderr != 0);
  return static_cast<int>(size);
}

void ExecChannel::take(std::string_view bytes, bool is_stderr) {
  OutputTail& kept = is_stderr ? err_ : out_;
  // A terminal has one stream for both.
  if (!awaits_mark_ || is_stderr == spec_.on_terminal) return kept.append(bytes);
  before_mark_.append(bytes);
  group_ = mark_.take_from(before_mark_);
  if (!group_ && before_mark_.size() < k_mark_within) return;
  awaits_mark_ = false;
  kept.append(before_mark_);
  before_mark_.clear();
}

void ExecChannel::on_close(ssh_session, ssh_channel, void* self) {
  static_cast<ExecChannel*>(self)->closed_ = true;
}

void ExecChannel::on_exit_status(ssh_session, ssh_channel, int status, void* self) {
  static_cast<ExecChannel*>(self)->end_.code = status & 255;
}

void ExecChannel::on_exit_signal(ssh_session, ssh_channel, const char* signal, int, const char*, const char*,
                                 void* self) {
  static_cast<ExecChannel*>(self)->end_.signal = signal != nullptr && *signal != '\0' ? signal : "unknown";
}

bool ExecChannel::connection_is_gone() const {
  return (ssh_get_status(session_) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0;
}

ExecChannel::Progress ExecChannel::fail(Reason reason, const std::string& what) {
  const std::string detail = to_string(ssh_get_error(session_));
  failure_ = {reason, who_ + " " + what + (detail.empty() ? "" : ": " + detail)};
  return Progress::failed;
}

ExecChannel::Progress ExecChannel::step() {
  if (channel_.get() == nullptr) return fail(Reason::local, "cannot be given a channel");
  if (state_ == State::opening) {
    const int answer = ssh_channel_open_session(channel_.get());
    if (answer == SSH_AGAIN && !connection_is_gone()) return Progress::again;
    if (answer != SSH_OK && connection_is_gone())
      return fail(Reason::disconnected, "closed the connection before the command could start");
    if (answer != SSH_OK)
      return fail(Reason::channel, "would not open a session (sshd's MaxSessions, or a forced setting?)");
    state_ = spec_.on_terminal ? State::getting_terminal : State::requesting;
  }
  if (state_ == State::getting_terminal) {
    const int answer =
        ssh_channel_request_pty_size(channel_.get(), k_terminal, k_terminal_columns, k_terminal_rows);
    if (answer == SSH_AGAIN && !connection_is_gone()) return Progress::again;
    if (answer != SSH_OK && !connection_is_gone())
      return fail(Reason::channel, "gave no terminal (PermitTTY?)");
    state_ = State::requesting;
  }
  if (state_ == State::requesting) {
    may_have_started_ = true;
    const int answer = ssh_channel_request_exec(channel_.get(), command_text().c_str());
    if (answer == SSH_AGAIN && !connection_is_gone()) return Progress::again;
    if (answer != SSH_OK && connection_is_gone())
      return fail(Reason::disconnected, "closed the connection while the command was starting");
    if (answer != SSH_OK) {
      may_have_started_ = false;
      return fail(Reason::channel, "refused to run the command");
    }
    state_ = State::running;
  }
  return run();
}

std::string ExecChannel::command_text() const {
  return spec_.is_tracked ? mark_.marked(spec_.command) : spec_.command;
}

ExecChannel::Progress ExecChannel::run() {
  for (int reads = 0; reads < k_reads_per_step; ++reads) {
    const std::size_t before = received_;
    if (!closed_) feed_input();
    // The one public call that takes what has arrived on an idle session.
    ssh_execute_message_callbacks(session_);
    if (closed_) return Progress::done;
    if (connection_is_gone()) {
      if (knows_its_end()) return Progress::done;
      return fail(Reason::disconnected, "closed the connection while the command was running");
    }
    // What has just been taken in may have opened the window for more input, and
    // nothing else would wake us to send it.
    if (received_ == before && !can_feed()) break;
  }
  return Progress::again;
}

std::string_view ExecChannel::unsent() const {
  return spec_.input == nullptr || input_ended_ ? std::string_view()
                                                : std::string_view(*spec_.input).substr(input_sent_);
}

bool ExecChannel::can_feed() const {
  return !unsent().empty() && ssh_channel_window_size(channel_.get()) > 0 &&
         (ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) == 0;
}

void ExecChannel::feed_input() {
  for (std::string_view rest = unsent(); !rest.empty(); rest = unsent()) {
    // Without a look at what is still unsent, libssh would take all that
    // the window allows into its own memory.
    if ((ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) != 0) return;
    const std::size_t window = ssh_channel_window_size(channel_.get());
    const std::size_t size = std::min({rest.size(), window, k_input_chunk});
    const int sent = ssh_channel_write(channel_.get(), rest.data(), static_cast<std::uint32_t>(size));
    if (sent <= 0) return;
    input_sent_ += static_cast<std::size_t>(sent);
  }
  if (!input_ended_) {
    input_ended_ = true;
    // The end of the stream does not reach a program on a terminal; what a person would type does.
    const bool within_line = spec_.input != nullptr && !spec_.input->ends_with('\n');
    if (spec_.on_terminal) ssh_channel_write(channel_.get(), k_end_of_file.data(), within_line ? 2 : 1);
    ssh_channel_send_eof(channel_.get());
  }
}

void ExecChannel::terminate() {
  if (state_ == State::running && !closed_ && !knows_its_end())
    ssh_channel_request_send_signal(channel_.get(), "TERM");
}

void ExecChannel::take_output(Outcome& outcome) {
  // What has come without a mark so far is output all the same.
  if (awaits_mark_) (spec_.on_terminal ? out_ : err_).append(before_mark_);
  outcome.out_dropped = out_.dropped();
  outcome.err_dropped = err_.dropped();
  outcome.out = out_.take();
  outcome.err = err_.take();
}

}  // namespace reops::ssh
