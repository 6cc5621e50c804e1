#pragma once
// The prompts of the controller: it listens for processes that bring a person's terminal, and gives each a
// prompt.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/listener.hpp"
#include "repl/attached/prompt.hpp"

namespace reops::repl {

/// Lives on the loop's thread, which is no thread of the language while the loop runs; prompts have threads
/// of their own.
class PromptServer {
 public:
  struct Options {
    std::string version;
    PromptHooks hooks;
    /// Called when the last prompt has ended and the process need not go on: nobody is let in any more then.
    std::function<void()> all_left;
    /// Whether it goes on in any case.
    bool stays = false;
  };

  /// To be called by a thread of the language: prompts begin with its bindings.
  PromptServer(base::EventLoop& loop, Options options);
  ~PromptServer();
  PromptServer(const PromptServer&) = delete;
  PromptServer& operator=(const PromptServer&) = delete;

  /// Others may come from now on. Its path is removed when nobody is let in any more.
  base::Result<void> listen(base::Listener listener);
  /// The one who brings a terminal over this socket is the first.
  base::Result<void> adopt(base::UniqueFd socket);
  /// Says why to all that are attached, and lets nobody in any more.
  void close(const std::string& why);

 private:
  class Connection;

  void accept_waiting();
  base::Result<void> add(base::UniqueFd socket, bool first);
  void begin(Connection& connection, const Words& hello);
  void refuse(Connection& connection, const std::string& why);
  void ended(std::uint64_t id, int code, bool goes_on);
  void remove(std::uint64_t id);
  void stop_listening();

  base::EventLoop& loop_;
  const std::string version_;
  const std::function<void()> all_left_;
  std::shared_ptr<const PromptHooks> hooks_;
  lang::Ref bindings_;
  base::Listener listener_;
  base::EventLoop::WatchId accept_watch_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t last_id_ = 0;
  const bool stays_;
  /// Nobody need be attached: it is a service, or the last who left has handed over.
  bool goes_on_;
  /// For what prompts leave in the loop's inbox at their end.
  std::shared_ptr<PromptServer*> alive_ = std::make_shared<PromptServer*>(this);
};

}  // namespace reops::repl
