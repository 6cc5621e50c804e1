#include "ssh/agent_link.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cstring>

namespace reops::ssh {

base::UniqueFd AgentLink::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.data(), path.size());
  base::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  // An agent with a full queue of callers would hold connect() for ever.
  const timeval patience{2, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return {};
  const timeval unlimited{};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &unlimited, sizeof unlimited);

  const std::lock_guard lock(mutex_);
  if (interrupted_) return {};
  socket_.reset(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!socket_) return {};
  return socket;
}

void AgentLink::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
}

bool AgentLink::interrupted() const {
  const std::lock_guard lock(mutex_);
  return interrupted_;
}

}  // namespace reops::ssh
