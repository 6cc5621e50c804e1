#pragma once
// Dialer: from a leg to a connected socket, by whatever way leads there: a connection of our own, a tunnel
// through a jump host, or a ProxyCommand.

#include <functional>
#include <memory>

#include "ssh/connector.hpp"
#include "ssh/plan.hpp"
#include "ssh/services.hpp"

namespace reops::ssh {

/// Loop-thread only. Calls `on_done` once, never from within start(), unless it is destroyed first.
class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  enum class Phase { resolving, connecting };
  struct Job {
    LegPtr leg;
    Way way;
    Deadlines deadlines;
  };
  using OnPhase = std::function<void(Phase)>;
  using OnDone = std::function<void(Connector::Result)>;

  Dialer(const Services& services, Job job, OnPhase on_phase, OnDone on_done);
  ~Dialer();

  void start();
  /// `on_done` is not called any more.
  void abandon();

 private:
  void resolve();
  void connect(Addresses addresses, base::Deadline deadline);
  void tunnel();
  void run_command();
  void finish(Connector::Result result);
  void fail(Reason reason, std::string message) { finish({{}, {}, {reason, std::move(message)}}); }

  Services services_;
  Job job_;
  OnPhase on_phase_;
  OnDone on_done_;
  base::EventLoop::TimerId timer_ = 0;
  std::unique_ptr<Connector> connector_;
};

}  // namespace reops::ssh
