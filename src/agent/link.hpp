#pragma once
// The connection to a controller: made, greeted, watched, and made anew.

#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "agent/options.hpp"
#include "agent/resolver.hpp"
#include "base/event_loop.hpp"
#include "wire/message.hpp"
#include "wire/sockets.hpp"

namespace reops::agent {

/// For the loop's thread.
class Link {
 public:
  struct Hooks {
    std::function<void(wire::Message&&)> received;  ///< whatever is about calls
    std::function<std::vector<wire::CallId>()> known;
  };
  Link(base::EventLoop& loop, const Options& options, wire::KeyPair keys, Hooks hooks);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start() { try_next(); }
  /// Dropped unless a controller has let us in.
  void send(const wire::Message& message);
  /// Whether all has been handed to the system that was sent.
  bool is_idle() const { return outbox_.empty(); }

  /// For people: "registered at web1:7450 as db2".
  const std::string& state() const { return state_text_; }
  bool is_registered() const { return state_ == State::registered; }

 private:
  enum class State : uint8_t { resting, resolving, connecting, greeting, refused, registered };

  void try_next();
  const Server& server() const { return options_.servers[server_]; }
  void on_address(const std::string& address);
  void on_events();
  void on_readable();
  void look_soon();
  void on_message(const std::string& bytes);
  void greet();
  void welcome(const wire::Welcome& welcome);
  void beat();
  void drain();
  /// Ends this connection and rests before the next.
  void lose(const std::string& why);
  void become(State state, const std::string& text);
  void wait(base::Millis span, void (Link::*then)());
  void late();

  base::EventLoop& loop_;
  const Options& options_;
  const wire::KeyPair keys_;
  const Hooks hooks_;
  const std::string boot_;
  std::string token_;
  std::minstd_rand random_;
  Resolver resolver_;

  State state_ = State::resting;
  std::string state_text_ = "starting";
  size_t server_ = 0;
  bool advances_ = false;
  uint64_t attempt_ = 0;
  base::Millis rest_;
  std::unique_ptr<wire::AgentSocket> socket_;
  base::EventLoop::WatchId readable_ = 0, events_ = 0;
  base::EventLoop::TimerId timer_ = 0;  // of the state
  base::EventLoop::TimerId drain_timer_ = 0;
  bool looks_soon_ = false;
  std::deque<std::string> outbox_;  // what the socket did not take
  base::Millis heartbeat_{0};
  base::Millis ask_again_;
  base::Steady::time_point heard_{}, said_{};
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // of tasks that may come late
};

}  // namespace reops::agent
