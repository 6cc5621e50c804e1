#pragma once
// What `regent status` asks, and what answers it: a socket in the agent's folder.

#include <functional>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/listener.hpp"

namespace reops::agent {

class StatusServer {
 public:
  static base::Result<std::unique_ptr<StatusServer>> open(base::EventLoop& loop, const std::string& home,
                                                          std::function<std::string()> text);
  ~StatusServer();
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

 private:
  StatusServer(base::EventLoop& loop, base::Listener listener)
      : loop_(loop), listener_(std::move(listener)) {}
  base::EventLoop& loop_;
  base::Listener listener_;
  base::EventLoop::WatchId watch_ = 0;
};

/// What the agent with that folder says of itself; an error when none runs.
base::Result<std::string> ask_status(const std::string& home);

}  // namespace reops::agent
