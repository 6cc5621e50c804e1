#include "base/listener.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "base/errors.hpp"
#include "base/files.hpp"

namespace reops::base {
namespace {

constexpr int k_socket_flags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
constexpr int k_backlog = 128;

template <class Address>
sockaddr* generic(Address& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

// Whether somebody accepts connections there. Only then is it not ours to replace.
bool is_answered(sockaddr_un& address) {
  const UniqueFd probe(::socket(AF_UNIX, k_socket_flags, 0));
  // A full backlog (EAGAIN) has somebody behind it.
  return probe && (::connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN);
}

Result<void> clear_path(const std::string& path, sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode))
    return Error{"socket/exists", "cannot listen on " + path + ": a file that is no socket is there", {}};
  if (is_answered(address))
    return Error{"socket/in-use", "cannot listen on " + path + ": another program listens there", {}};
  ::unlink(path.c_str());
  return {};
}

}  // namespace

Result<Listener> listen_unix(const std::string& path) {
  const std::string what = "cannot listen on " + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{"socket/path",
                 what + ": the path of a socket may have " + std::to_string(sizeof address.sun_path - 1) +
                     " bytes, and this one has " + std::to_string(path.size()),
                 {}};
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (auto made = make_folders(parent_folder(path)); !made) {
    Error error = made.take_error();
    error.message = what + ": " + error.message;
    return error;
  }
  if (auto cleared = clear_path(path, address); !cleared) return cleared.take_error();
  Listener listener{UniqueFd(::socket(AF_UNIX, k_socket_flags, 0)), path, 0};
  // The mode is the socket's before it has a name, so that there is no moment at which others might connect.
  if (!listener.fd || ::fchmod(listener.fd.get(), 0600) != 0 ||
      ::bind(listener.fd.get(), generic(address), sizeof address) != 0 ||
      ::listen(listener.fd.get(), k_backlog) != 0) {
    return errno_error("socket", what, errno);
  }
  return listener;
}

Result<Listener> listen_loopback(std::uint16_t port) {
  const std::string what = "cannot listen on 127.0.0.1 port " + std::to_string(port);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  Listener listener{UniqueFd(::socket(AF_INET, k_socket_flags, 0)), "", 0};
  const int yes = 1;
  socklen_t size = sizeof address;
  if (!listener.fd || ::setsockopt(listener.fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(listener.fd.get(), generic(address), sizeof address) != 0 ||
      ::listen(listener.fd.get(), k_backlog) != 0 ||
      ::getsockname(listener.fd.get(), generic(address), &size) != 0) {
    return errno_error("socket", what, errno);
  }
  listener.port = ntohs(address.sin_port);
  return listener;
}

Result<UniqueFd> accept_connection(const Listener& listener) {
  for (;;) {
    UniqueFd accepted(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted || errno == EAGAIN) return accepted;
    // The peer was gone before we came.
    if (errno == ECONNABORTED || errno == EINTR) continue;
    return errno_error("socket", "cannot accept a connection", errno);
  }
}

}  // namespace reops::base
