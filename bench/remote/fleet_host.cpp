#include "fleet_host.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

namespace reops::fleet {
namespace {

// As long as a real answer to `uptime`.
constexpr const char* k_answer =
    " ok: 12:00:00 up 100 days,  1:02,  0 users,  load average: 0.10, 0.20, 0.30\n";
constexpr std::size_t k_flood = 32 * 1024;
constexpr int k_process_group = 4242;

// What a shell would say on its standard error for `printf "NAME%s;" "$PPID" >&2` before the command: how
// Re-ops learns which process group it may have to end.
std::string mark_in(std::string_view command) {
  constexpr std::string_view k_before = "printf \"";
  const std::size_t begin = command.find(k_before);
  if (begin == std::string_view::npos) return {};
  const std::size_t name = begin + k_before.size();
  const std::size_t end = command.find("%s;", name);
  if (end == std::string_view::npos) return {};
  return std::string(command.substr(name, end - name)) + std::to_string(k_process_group) + ";";
}

void cork(int socket, int on) { ::setsockopt(socket, IPPROTO_TCP, TCP_CORK, &on, sizeof on); }

}  // namespace

Host::Host(Setup setup, base::UniqueFd socket, std::function<void()> on_over)
    : loop_(setup.loop),
      bind_(setup.bind),
      authorized_(setup.authorized),
      name_(std::move(setup.name)),
      manner_(setup.manner),
      socket_(std::move(socket)),
      fd_(socket_.get()),
      on_over_(std::move(on_over)) {}

Host::~Host() {
  loop_.unwatch(watch_);
  for (Command& command : commands_) {
    ssh_remove_channel_callbacks(command.channel, &channel_callbacks_);
    ssh_channel_free(command.channel);
  }
}

bool Host::start() {
  const int one = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (manner_ != Manner::silent) {
    session_.reset(ssh_new());
    if (session_ == nullptr || ssh_bind_accept_fd(bind_, session_.get(), fd_) != SSH_OK) return false;
    static_cast<void>(socket_.release());
    ssh_set_blocking(session_.get(), 0);
    server_callbacks_.userdata = this;
    server_callbacks_.auth_pubkey_function = on_key;
    server_callbacks_.channel_open_request_session_function = on_open;
    ssh_callbacks_init(&server_callbacks_);
    channel_callbacks_.userdata = this;
    channel_callbacks_.channel_exec_request_function = on_exec;
    channel_callbacks_.channel_pty_request_function = on_terminal;
    channel_callbacks_.channel_env_request_function = on_environment;
    channel_callbacks_.channel_data_function = on_data;
    channel_callbacks_.channel_close_function = on_close;
    ssh_callbacks_init(&channel_callbacks_);
    ssh_set_server_callbacks(session_.get(), &server_callbacks_);
    ssh_set_auth_methods(session_.get(), SSH_AUTH_METHOD_PUBLICKEY);
  }
  // A silent one only waits for its caller to go; writable, as libssh's greeting wants it.
  auto watch = loop_.watch(fd_, manner_ == Manner::silent ? EPOLLRDHUP : EPOLLIN | EPOLLOUT,
                           [this](std::uint32_t) { on_events(); });
  if (!watch) return false;
  watch_ = watch.value();
  return true;
}

int Host::on_key(ssh_session, const char*, ssh_key_struct* key, char state, void* self) {
  const bool is_it = ssh_key_cmp(key, static_cast<Host*>(self)->authorized_, SSH_KEY_CMP_PUBLIC) == 0;
  const bool is_proven = state == SSH_PUBLICKEY_STATE_VALID || state == SSH_PUBLICKEY_STATE_NONE;
  return is_it && is_proven ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
}

ssh_channel Host::on_open(ssh_session session, void* self) {
  Host& host = *static_cast<Host*>(self);
  ssh_channel channel = ssh_channel_new(session);
  if (channel == nullptr) return nullptr;
  ssh_set_channel_callbacks(channel, &host.channel_callbacks_);
  host.commands_.emplace_back().channel = channel;
  return channel;
}

// The answer comes after libssh has said that it will.
int Host::on_exec(ssh_session, ssh_channel channel, const char* text, void* self) {
  Command* command = static_cast<Host*>(self)->command_of(channel);
  if (command == nullptr) return SSH_ERROR;
  command->text = text;
  command->is_asked = true;
  return SSH_OK;
}

int Host::on_terminal(ssh_session, ssh_channel, const char*, int, int, int, int, void*) { return SSH_OK; }

int Host::on_environment(ssh_session, ssh_channel, const char*, const char*, void*) { return SSH_OK; }

int Host::on_data(ssh_session, ssh_channel, void*, std::uint32_t size, int, void*) {
  return static_cast<int>(size);
}

void Host::on_close(ssh_session, ssh_channel channel, void* self) {
  if (Command* command = static_cast<Host*>(self)->command_of(channel)) command->is_over = true;
}

Host::Command* Host::command_of(ssh_channel channel) {
  const auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [channel](const Command& command) { return command.channel == channel; });
  return found == commands_.end() ? nullptr : &*found;
}

bool Host::is_sending() const { return (ssh_get_poll_flags(session_.get()) & SSH_WRITE_PENDING) != 0; }

void Host::on_events() {
  if (session_ == nullptr) return finish();
  if (!has_keys_) {
    const int answer = ssh_handle_key_exchange(session_.get());
    if (answer == SSH_ERROR) return finish();
    has_keys_ = answer == SSH_OK;
  } else {
    ssh_execute_message_callbacks(session_.get());
    serve();
  }
  if ((ssh_get_status(session_.get()) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0) return finish();
  const bool can_flood = std::any_of(commands_.begin(), commands_.end(), [](const Command& command) {
    return command.is_flooding && ssh_channel_window_size(command.channel) > 0;
  });
  loop_.rearm(watch_, is_sending() || can_flood ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Host::serve() {
  for (auto command = commands_.begin(); command != commands_.end();) {
    if (command->is_asked) answer(*command);
    if (command->is_flooding) flood(*command);
    if (!command->is_over) {
      ++command;
      continue;
    }
    ssh_remove_channel_callbacks(command->channel, &channel_callbacks_);
    ssh_channel_free(command->channel);
    command = commands_.erase(command);
  }
}

void Host::answer(Command& command) {
  command.is_asked = false;
  if (manner_ == Manner::hung) return;
  // One packet of TCP for all of it, as from a server that writes what it has at the end of its turn.
  cork(fd_, 1);
  if (const std::string mark = mark_in(command.text); !mark.empty())
    ssh_channel_write_stderr(command.channel, mark.data(), static_cast<std::uint32_t>(mark.size()));
  const auto flooded = std::find_if(commands_.begin(), commands_.end(),
                                    [](const Command& other) { return other.is_flooding; });
  if (manner_ != Manner::flooding) {
    const std::string text = name_ + k_answer;
    ssh_channel_write(command.channel, text.data(), static_cast<std::uint32_t>(text.size()));
    end(command, 0);
  } else if (flooded == commands_.end()) {
    command.is_flooding = true;
  } else {
    // A second command beside one that floods is there to end it.
    flooded->is_flooding = false;
    ssh_channel_request_send_exit_signal(flooded->channel, "TERM", 0, "", "");
    ssh_channel_send_eof(flooded->channel);
    ssh_channel_close(flooded->channel);
    end(command, 0);
  }
  cork(fd_, 0);
}

void Host::end(Command& command, int code) {
  ssh_channel_request_send_exit_status(command.channel, code);
  ssh_channel_send_eof(command.channel);
  ssh_channel_close(command.channel);
}

void Host::flood(Command& command) {
  static const std::string words(k_flood, 'x');
  while (!command.is_over && !is_sending()) {
    const std::uint32_t size = std::min<std::uint32_t>(ssh_channel_window_size(command.channel), k_flood);
    if (size == 0 || ssh_channel_write(command.channel, words.data(), size) <= 0) return;
  }
}

void Host::finish() {
  loop_.unwatch(watch_);
  watch_ = 0;
  if (const auto on_over = std::exchange(on_over_, nullptr)) on_over();
}

}  // namespace reops::fleet
