#pragma once
// What all that runs on an engine's loop shares.

#include "base/event_loop.hpp"
#include "base/worker_pool.hpp"

namespace reops::ssh {

class Bastions;
class HostCertificates;
class KeyStore;
class Killings;
class Resolver;
class SessionPool;
class Slots;

/// One loop's.
struct Services {
  base::EventLoop& loop;
  Resolver& resolver;
  base::WorkerPool& agent_workers;
  KeyStore& keys;
  Slots& in_flight;   ///< hosts worked on
  Slots& handshakes;  ///< key exchanges and logins
  SessionPool& sessions;
  Bastions& bastions;
  Killings& killings;
  HostCertificates& certificates;
};

}  // namespace reops::ssh
