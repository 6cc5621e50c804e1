#pragma once
// What a caller asks for: where, as whom, which command, and how long each step may take.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "ssh/new_key_policy.hpp"
#include "ssh/outcome.hpp"
#include "ssh/question.hpp"

namespace reops::ssh {

/// One host as a person named it. Everything but `name` is optional; what is left out
/// comes from the configuration files (~/.ssh/config) and then from OpenSSH's defaults.
/// What is given here wins over the files.
struct Target {
  std::string name;
  /// Where to connect when it is not what `name` says.
  std::string host;
  std::uint16_t port = 0;
  std::string user;
  /// Through which hosts, as ProxyJump names them ("bastion,ada@inner:2222").
  std::string jump;
  /// Given, only these private keys are tried, before the agent.
  std::vector<std::string> identity_files;
  std::optional<bool> use_agent;
  /// What the host takes when no key will do: its password method, or the hidden questions of
  /// keyboard-interactive.
  Secret password;
  /// The password is asked for, once for all hosts of one user.
  bool ask_password = false;
  /// Who answers what else is asked at the login, here and on the way; the engine puts the person in.
  Questions questions;
  /// Whether the key of a host that has none on file is accepted; where it does not say,
  /// StrictHostKeyChecking does. It holds for the jump hosts on the way too.
  std::shared_ptr<const NewKeyPolicy> new_keys;
  /// Given, these replace the user's and the system's known_hosts.
  std::vector<std::string> known_hosts_files;
};

/// How long each step may take, per host.
struct Deadlines {
  base::Millis connect{10'000};    ///< finding and reaching an address, all addresses together
  base::Millis handshake{15'000};  ///< version exchange and key exchange
  base::Millis auth{20'000};       ///< all keys together, a person confirming at the agent included
  base::Millis exec{300'000};      ///< from asking for the command until its last byte
};

/// What is done again when it fails, by reason; :auth and :hostkey never are, whatever is asked for: a person
/// must act.
struct Retry {
  std::size_t times = 0;
  /// Before the first one; each later pause is twice as long.
  base::Millis pause{1'000};
  /// Empty: what kept the command from being started and may pass.
  std::set<Reason> reasons;
  /// A command that has run, or may have, is done again too.
  bool repeat = false;
};

/// One command on one host.
struct Request {
  Target target;
  /// Given to the user's login shell there, as `ssh host command` does.
  std::string command;
  /// Given to the command's standard input, which then ends; none is an empty one. Shared, because it is
  /// often the same for many hosts.
  std::shared_ptr<const std::string> input;
  Deadlines deadlines;
  Retry retry;
  /// Bytes kept of each output, the last ones; what came before them is counted and dropped. By default as
  /// many as leave room for all hosts of the batch: 16 MiB, fewer of many hosts.
  std::optional<std::size_t> output_limit;
  /// The command tells its process group first, so that it can be ended when it is given up. Not for what a
  /// host runs instead of a shell (a switch, a forced command).
  bool is_tracked = true;
  /// Gives the command a terminal: one stream of output, and input that is echoed.
  bool on_terminal = false;
};

}  // namespace reops::ssh
