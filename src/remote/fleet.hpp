#pragma once
// The controller's side of its agents: who they are, whether they are there, calls on them.
//
// One thread of its own does all of it. An agent is its key: the name it was accepted under is bound to that,
// whatever the machine calls itself. What comes from a key that is not accepted is looked at no further than
// its first message.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "remote/batch.hpp"
#include "wire/keys.hpp"

namespace reops::remote {

struct AgentInfo {
  enum State : uint8_t { pending, up, down, revoked };
  std::string name;  ///< accepted under; what the machine calls itself while it is pending
  std::string key;
  State state = down;
  std::string version;
  std::string host;  ///< what the machine calls itself
  std::vector<std::string> capabilities;
  int64_t heard_ms = 0;  ///< since 1970; 0 never
};

/// Something that happened to an agent.
struct FleetEvent {
  enum Kind : uint8_t { pending, accepted, up, down };
  Kind kind;
  std::string name;
  std::string key;
};

class Fleet {
 public:
  struct Options {
    std::string endpoint = "tcp://127.0.0.1:7450";
    wire::KeyPair keys;
    std::vector<std::pair<std::string, std::string>> accepted;  ///< names and keys
    base::Millis heartbeat{10'000};
  };

  static base::Result<std::unique_ptr<Fleet>> open(Options options);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Any thread may call these.

  const std::string& endpoint() const;
  const std::string& key() const;
  std::vector<AgentInfo> agents();
  /// Lets that key in, under `name`. An error when the name is bound to another key, unless `replace`, or the
  /// key to another name.
  base::Result<void> accept(const std::string& key, const std::string& name, bool replace);
  /// Nothing that comes from it is looked at any more. False when the key is unknown.
  bool revoke(const std::string& key);
  /// A token that lets one agent in under `name`, once, for fifteen minutes.
  std::string invite(const std::string& name);

  /// Sends the call; its results come into the batch.
  void call(std::shared_ptr<Batch> batch);
  /// Ends what is not done: agents are told, results say so.
  void cancel(const std::shared_ptr<Batch>& batch);

  /// What has happened since; waits for something to, until interrupted or closed (then nothing).
  std::vector<FleetEvent> wait_for_events();
  void interrupt_events();

 private:
  class Engine;
  explicit Fleet(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace reops::remote
