#pragma once
// What an agent is told when it starts.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace reops::agent {

/// A controller.
struct Server {
  std::string host;
  uint16_t port = 0;
  std::string text() const { return host + ":" + std::to_string(port); }
};

struct Options {
  std::vector<Server> servers;  ///< tried in turn
  std::string server_key;
  std::string home;   ///< keys, the calls that are written down, units, the socket that `status` asks
  std::string name;   ///< what the machine is called; the system's own name when empty
  std::string token;  ///< of an invitation
  std::string version;
  std::string core;  ///< hash of the language's image
  std::span<const char> image;

  size_t workers = 2;                ///< that run at once
  size_t queue = 1000;               ///< calls that wait for one
  size_t memory = size_t{1} << 30;   ///< of a call, with all that it starts
  size_t processes = 512;            ///< that a call has started and that run
  size_t output = size_t{64} << 20;  ///< that a call prints
  size_t cache = size_t{256} << 20;  ///< of units, on disk
  size_t calls_per_worker = 10'000;
  base::Millis worker_idle{5 * 60'000};  ///< after which it is ended
  base::Millis grace{30'000};            ///< for what runs when the agent is to stop
};

}  // namespace reops::agent
