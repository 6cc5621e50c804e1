#pragma once
// What became of one command on one host.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ssh/host_key.hpp"
#include "ssh/process_group.hpp"

namespace reops::ssh {

/// Why there is no exit code 0. Names are keyword names at the prompt.
#define REOPS_SSH_REASONS(X)            \
  X(none, "none")                       \
  X(config, "config")                   \
  X(dns, "dns")                         \
  X(refused, "refused")                 \
  X(unreachable, "unreachable")         \
  X(timeout_connect, "timeout/connect") \
  X(timeout_kex, "timeout/kex")         \
  X(timeout_auth, "timeout/auth")       \
  X(timeout_exec, "timeout/exec")       \
  X(kex, "kex")                         \
  X(hostkey, "hostkey")                 \
  X(auth, "auth")                       \
  X(channel, "channel")                 \
  X(exit, "exit")                       \
  X(signal, "signal")                   \
  X(disconnected, "disconnected")       \
  X(cancelled, "cancelled")             \
  X(local, "local")

/// `channel`: logged in, but the server would not run a command. `local`:
/// this machine lacks descriptors or memory.
enum class Reason {
#define X(name, text) name,
  REOPS_SSH_REASONS(X)
#undef X
};

/// "timeout/connect" and so on.
std::string_view reason_name(Reason reason);

/// Code of a command that certainly never started, so doing it again cannot do it twice.
inline constexpr int k_not_started = -1;
/// Code of a command that started, or may have.
inline constexpr int k_unknown = -2;

/// Microseconds spent in each step; -1 for one not reached. A step that failed has the time until it did.
struct PhaseTimes {
  std::int64_t resolve = -1;
  std::int64_t connect = -1;
  std::int64_t handshake = -1;
  std::int64_t auth = -1;
  std::int64_t exec = -1;
};

/// Exactly one per request.
struct Outcome {
  std::size_t index = 0;  ///< of the request
  std::string host;       ///< the target's name
  /// 0-255 the exit code, 128+N signal N, k_not_started or k_unknown.
  int code = k_not_started;
  Reason reason = Reason::none;
  /// Empty for exit code 0, else a sentence that names the host, the reason and the next step.
  std::string message;
  std::string out;
  std::string err;
  std::size_t out_dropped = 0;
  std::size_t err_dropped = 0;
  std::string address;  ///< "192.0.2.7:22", once connected
  std::string user;
  Killed killed = Killed::not_asked;
  std::string signal;        ///< "TERM", when a signal ended the command
  HostKey host_key;          ///< what the host showed; its parts are empty when it came to no handshake
  std::string key_exchange;  ///< what was negotiated
  std::string cipher;
  std::string mac;
  std::size_t attempts = 1;
  bool reused = false;  ///< the connection was there already
  PhaseTimes times;
  std::int64_t start_ms = 0;  ///< wall clock, milliseconds since 1970
  std::int64_t end_ms = 0;
  std::int64_t total_us = 0;
};

/// A step that did not work, before it is an Outcome.
struct Failure {
  Reason reason = Reason::none;
  std::string message;
};

}  // namespace reops::ssh
