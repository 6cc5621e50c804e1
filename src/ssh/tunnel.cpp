#include "ssh/tunnel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace reops::ssh {
namespace {

constexpr std::size_t k_chunk = 32 * 1024;
// So that one busy tunnel cannot keep the loop from the others.
constexpr int k_chunks_per_step = 16;

}  // namespace

Tunnel::Tunnel(base::EventLoop& loop, ssh_session session, SendBudget& budget, std::string host,
               std::uint16_t port, std::weak_ptr<void> alive, OnOpen on_open, std::function<void()> flush)
    : loop_(loop),
      session_(session),
      budget_(budget),
      host_(std::move(host)),
      port_(port),
      alive_(std::move(alive)),
      on_open_(std::move(on_open)),
      flush_(std::move(flush)),
      channel_(ssh_channel_new(session), &callbacks_) {
  ssh_callbacks_init(&callbacks_);
  callbacks_.userdata = this;
  callbacks_.channel_data_function = on_data;
  callbacks_.channel_eof_function = on_end;
  callbacks_.channel_close_function = on_end;
  if (channel_.get() != nullptr) ssh_set_channel_callbacks(channel_.get(), &callbacks_);
}

Tunnel::~Tunnel() {
  loop_.unwatch(watch_);
  if (on_open_) refuse({Reason::disconnected, "lost its jump host"});
}

// Takes nothing: the bytes stay with libssh, which does not open the window for more, until step() has room
// for them.
int Tunnel::on_data(ssh_session, ssh_channel, void*, std::uint32_t, int, void* self) {
  static_cast<Tunnel*>(self)->has_received_ = true;
  return 0;
}

void Tunnel::on_end(ssh_session, ssh_channel, void* self) {
  static_cast<Tunnel*>(self)->has_received_ = true;
}

bool Tunnel::can_feed() const {
  return state_ == State::open &&
         (held_back_ || (needs_window_ && ssh_channel_window_size(channel_.get()) > 0));
}

void Tunnel::step() {
  if (state_ == State::opening) open();
  if (state_ == State::open && has_received_) deliver();
  if (can_feed()) feed();
}

void Tunnel::open() {
  if (alive_.expired()) {
    on_open_ = nullptr;
    state_ = State::over;
    return;
  }
  if (channel_.get() == nullptr) return refuse({Reason::local, "cannot be given a channel"});
  const int answer = ssh_channel_open_forward(channel_.get(), host_.c_str(), port_, "127.0.0.1", 0);
  if (answer == SSH_AGAIN) return;
  if (answer == SSH_OK) return opened();
  // libssh gives the server's reason (RFC 4254 section 5.1) as text only.
  const std::string detail = to_string(ssh_get_error(session_));
  const bool forbidden = detail.find("error (1)") != std::string::npos;
  const bool refused = detail.find("efused") != std::string::npos;
  refuse(
      {refused ? Reason::refused : Reason::unreachable,
       forbidden
           ? "cannot be reached: the jump host forbids forwarding (AllowTcpForwarding, PermitOpen): " + detail
           : "cannot be reached from the jump host: " + detail});
}

void Tunnel::refuse(Failure failure) {
  state_ = State::over;
  const OnOpen on_open = std::exchange(on_open_, nullptr);
  if (const auto held = alive_.lock()) on_open({}, std::move(failure));
}

void Tunnel::opened() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
    return refuse({Reason::local, "cannot be given a socket; run fewer hosts at a time, or raise the limit"});
  socket_.reset(pair[0]);
  base::UniqueFd far(pair[1]);
  auto watch = loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) has_received_ = true;
    if ((events & ~EPOLLOUT) != 0) held_back_ = true;
    step();
    flush_();
  });
  if (!watch) return refuse({Reason::local, watch.error().message});
  watch_ = watch.value();
  state_ = State::open;
  has_received_ = true;  // the host beyond may have spoken already
  const OnOpen on_open = std::exchange(on_open_, nullptr);
  if (const auto held = alive_.lock()) on_open(std::move(far), {});
}

void Tunnel::deliver() {
  for (int chunks = 0; chunks < k_chunks_per_step; ++chunks) {
    if (undelivered_.empty()) {
      std::array<char, k_chunk> buffer;
      const int count = ssh_channel_read_nonblocking(channel_.get(), buffer.data(), buffer.size(), 0);
      if (count <= 0) {
        has_received_ = false;
        // All that came has been delivered, so the user of the socket may learn of the end.
        if (count < 0 || ssh_channel_is_eof(channel_.get()) || ssh_channel_is_closed(channel_.get()))
          state_ = State::over;
        return rearm();
      }
      undelivered_.assign(buffer.data(), static_cast<std::size_t>(count));
    }
    const ssize_t sent = ::send(socket_.get(), undelivered_.data(), undelivered_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      state_ = State::over;
      return;
    }
    if (sent > 0) undelivered_.erase(0, static_cast<std::size_t>(sent));
    if (!undelivered_.empty()) {
      has_received_ = false;  // until the socket can be written to
      return rearm();
    }
  }
  rearm();
}

void Tunnel::feed() {
  for (int chunks = 0; chunks < k_chunks_per_step; ++chunks) {
    const std::size_t window = ssh_channel_window_size(channel_.get());
    // Full: a turn of the session brings us back. (libssh says nothing when the window opens.)
    needs_window_ = window == 0;
    held_back_ = !needs_window_ && !budget_.has_room();
    if (needs_window_ || held_back_) return rearm();
    std::array<char, k_chunk> buffer;
    const std::size_t room = std::min(window, buffer.size());
    const ssize_t count = ::read(socket_.get(), buffer.data(), room);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return rearm();
    if (count <= 0 ||
        ssh_channel_write(channel_.get(), buffer.data(), static_cast<std::uint32_t>(count)) != count) {
      state_ = State::over;
      return;
    }
    budget_.take(static_cast<std::size_t>(count));
    // That was all there is: the loop tells of more.
    if (static_cast<std::size_t>(count) < room) return rearm();
  }
  held_back_ = true;
  rearm();
}

void Tunnel::rearm() {
  const bool full = needs_window_ || held_back_;
  loop_.rearm(watch_, (full ? 0u : EPOLLIN) | (undelivered_.empty() ? 0u : EPOLLOUT));
}

}  // namespace reops::ssh
