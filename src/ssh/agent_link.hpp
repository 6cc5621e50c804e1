#pragma once
// AgentLink: our own connection to ssh-agent, lent to libssh, so that a call to an agent that does not answer
// (it may be asking a person) can be ended from another thread.

#include <mutex>
#include <string>

#include "base/unique_fd.hpp"

namespace reops::ssh {

/// Thread-safe.
class AgentLink {
 public:
  /// Connects to the agent at `path`; a descriptor of the connection for libssh to own and close, or none.
  base::UniqueFd connect(const std::string& path);

  /// Makes all reading and writing on the connection fail, now and later.
  void interrupt();
  bool interrupted() const;

 private:
  mutable std::mutex mutex_;  // guards all below
  base::UniqueFd socket_;     // a second descriptor of the connection: libssh closes the first when it likes
  bool interrupted_ = false;
};

}  // namespace reops::ssh
