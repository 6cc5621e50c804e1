#pragma once

#include <csignal>
#include <string>

#include "support/private_sshd.hpp"

namespace reops::ssh {

/// A real ssh-agent with its own socket.
class Agent {
 public:
  explicit Agent(const std::string& socket) : socket_(socket) {
    const std::string report = testing::must_run({"ssh-agent", "-s", "-a", socket});
    const std::size_t at = report.find("SSH_AGENT_PID=") + 14;
    pid_ = std::stoi(report.substr(at));
  }
  ~Agent() { ::kill(pid_, SIGTERM); }
  void add(const std::string& key) {
    testing::must_run({"env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", key});
  }

  void remove_all() { testing::must_run({"env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", "-D"}); }

 private:
  std::string socket_;
  pid_t pid_ = 0;
};

}  // namespace reops::ssh
