#pragma once
// Connector: from addresses to one connected socket, within a deadline.

#include <functional>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "base/unique_fd.hpp"
#include "ssh/outcome.hpp"
#include "ssh/resolver.hpp"

namespace reops::ssh {

/// Tries addresses in order. The next begins when the one before has failed, or after a short while beside
/// it, so that one dead address of several costs little; the first to answer wins. Loop-thread only.
class Connector {
 public:
  /// A connected, non-blocking socket and the address it reached, or why there is none.
  struct Result {
    base::UniqueFd socket;
    std::string address;
    Failure failure;
  };
  using OnDone = std::function<void(Result)>;

  /// `who` starts every message: "web7 (web7.example:22)". Calls `on_done` once, never from within start().
  Connector(base::EventLoop& loop, std::string who, OnDone on_done);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  void start(std::vector<Address> addresses, base::Deadline deadline, base::Millis allowed);

 private:
  struct Attempt {
    base::UniqueFd socket;
    base::EventLoop::WatchId watch = 0;
    std::string address;
  };

  void try_next();
  void on_ready(std::size_t attempt);
  void attempt_failed(std::size_t attempt, int error);
  void finish(Result result);
  void give_up();
  void abandon();
  std::string tried() const;

  base::EventLoop& loop_;
  std::string who_;
  OnDone on_done_;
  std::vector<Address> addresses_;
  std::vector<Attempt> attempts_;  // in the order of the addresses
  std::size_t running_ = 0;
  std::vector<int> errors_;
  base::Millis allowed_{0};
  base::EventLoop::TimerId deadline_timer_ = 0;
  base::EventLoop::TimerId next_timer_ = 0;
};

}  // namespace reops::ssh
