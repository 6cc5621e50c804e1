#pragma once
// ProxyCommand of ssh_config: a program whose standard input and output are the connection.

#include <string>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace reops::ssh {

/// Starts `command` with /bin/sh and gives our end of a socket to its standard input and output. It is
/// expected to end when that is closed; the loop collects it then. An error says why it could not be started.
base::Result<base::UniqueFd> start_proxy_command(base::EventLoop& loop, const std::string& command);

}  // namespace reops::ssh
