#pragma once
// Descriptors between the processes of an agent.

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::agent {

struct SocketPair {
  base::UniqueFd ours, theirs;
};
/// Of type SOCK_STREAM or SOCK_SEQPACKET; closed when a program is executed.
base::Result<SocketPair> make_socket_pair(int type);

/// Sends a text and descriptors in one message. False when nobody is there.
bool send_descriptors(int socket, const std::string& text, std::initializer_list<int> descriptors);

struct Received {
  std::string text;  ///< empty at the end
  std::vector<base::UniqueFd> descriptors;
};
/// Nothing when a non-blocking socket has none.
std::optional<Received> receive_descriptors(int socket);

/// Closes every other one, the standard three apart.
void close_all_but(std::initializer_list<int> kept);
/// Standard input that is empty, and outputs that take everything: whether there is a /dev/null or not.
void detach_standard_streams(bool error_too);

}  // namespace reops::agent
