#pragma once
// Sockets that wait for connections from this machine.

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::base {

/// A non-blocking listening socket. A Unix socket's path is removed by whoever asked for it.
struct Listener {
  UniqueFd fd;
  std::string path;        ///< of a Unix socket
  std::uint16_t port = 0;  ///< of a TCP socket
};

/// A Unix socket that this user alone may connect to (0600), in a folder that is made if missing (0700). A
/// socket that nobody listens on any more is replaced; one that somebody answers on is an error, as is
/// anything else at that path.
Result<Listener> listen_unix(const std::string& path);

/// A TCP socket on 127.0.0.1; port 0 lets the system choose.
Result<Listener> listen_loopback(std::uint16_t port);

/// The next connection, non-blocking; an empty descriptor when none waits (any more).
Result<UniqueFd> accept_connection(const Listener& listener);

}  // namespace reops::base
