#include "store/control_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace reops::store {
namespace {

// A line is a small map; what sends more than this without an end is no program of ours.
constexpr size_t k_longest_line = size_t{64} << 20;

base::Error socket_error(const std::string& what) {
  return base::Error{"socket/io", what + ": " + std::strerror(errno), {}};
}

// Until one of the descriptors is ready. What a closed or shut down socket says is read from it afterwards.
bool wait_for(int fd, short events, int closed_fd = -1) {
  pollfd watched[] = {{fd, events, 0}, {closed_fd, POLLIN, 0}};
  for (;;) {
    const int ready = ::poll(watched, closed_fd < 0 ? 1 : 2, -1);
    if (ready > 0) return closed_fd < 0 || watched[1].revents == 0;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

base::Result<std::unique_ptr<LineChannel>> LineChannel::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::unique_ptr<LineChannel>();
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return socket_error("A socket cannot be made");
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return std::unique_ptr<LineChannel>();
    return socket_error("Nobody can be asked at " + path);
  }
  return std::make_unique<LineChannel>(std::move(fd));
}

base::Result<std::optional<std::string>> LineChannel::read() {
  for (size_t searched = 0;;) {
    if (const size_t end = received_.find('\n', searched); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return std::optional<std::string>(std::move(line));
    }
    searched = received_.size();
    if (searched > k_longest_line)
      return base::Error{"socket/io", "The other end sent a line without an end", {}};
    char chunk[65536];
    const ssize_t size = ::recv(fd_.get(), chunk, sizeof chunk, 0);
    if (size > 0) {
      received_.append(chunk, static_cast<size_t>(size));
    } else if (size == 0 || errno == ECONNRESET) {
      return std::optional<std::string>();
    } else if (errno == EAGAIN) {
      if (!wait_for(fd_.get(), POLLIN)) return socket_error("The other end cannot be waited for");
    } else if (errno != EINTR) {
      return socket_error("The other end cannot be read from");
    }
  }
}

base::Result<void> LineChannel::write(std::string line) {
  line += '\n';
  const std::lock_guard lock(writing_);
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t size = ::send(fd_.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (size >= 0) {
      sent += static_cast<size_t>(size);
    } else if (errno == EAGAIN) {
      if (!wait_for(fd_.get(), POLLOUT)) return socket_error("The other end cannot be waited for");
    } else if (errno != EINTR) {
      return socket_error("The other end cannot be written to");
    }
  }
  return {};
}

base::Result<Peer> LineChannel::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return socket_error("The system does not say who is at the other end");
  return Peer{credentials.pid, credentials.uid};
}

// The descriptor stays until nobody can be waiting at it any more: with the object.
void LineChannel::close() { ::shutdown(fd_.get(), SHUT_RDWR); }

base::Result<std::unique_ptr<ControlSocket>> ControlSocket::listen(const std::string& path) {
  auto listener = base::listen_unix(path);
  if (!listener) return listener.error();
  return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(listener).value()));
}

ControlSocket::~ControlSocket() { close(); }

base::Result<std::unique_ptr<LineChannel>> ControlSocket::accept() {
  while (!closed_.cancelled()) {
    auto accepted = base::accept_connection(listener_);
    if (!accepted) return accepted.error();
    if (accepted.value()) return std::make_unique<LineChannel>(std::move(accepted).value());
    if (!wait_for(listener_.fd.get(), POLLIN, closed_.fd())) break;
  }
  return std::unique_ptr<LineChannel>();
}

void ControlSocket::close() {
  if (closed_.cancelled()) return;
  closed_.cancel();
  ::unlink(listener_.path.c_str());
}

}  // namespace reops::store
