#pragma once
// Bastions: the jump hosts in use. One session leads to any number of targets, without a process for each.

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ssh/login.hpp"
#include "ssh/plan.hpp"
#include "ssh/services.hpp"
#include "ssh/slots.hpp"
#include "ssh/tunnel.hpp"

namespace reops::ssh {

/// One jump host, logged in. Loop-thread only.
class Bastion : public std::enable_shared_from_this<Bastion> {
 public:
  /// `on_gone` is called once, when the connection has ended or nobody has used it for `patience`.
  Bastion(base::EventLoop& loop, std::shared_ptr<Session> session, base::Millis patience,
          std::function<void()> on_gone);
  ~Bastion();
  Bastion(const Bastion&) = delete;
  Bastion& operator=(const Bastion&) = delete;

  void serve();
  /// Calls `on_open` later with a connected socket to that host as the bastion sees it, or why there is none,
  /// unless `alive` has gone by then. Only a few are opened at a time.
  void open_tunnel(const std::string& host, std::uint16_t port, std::weak_ptr<void> alive,
                   Tunnel::OnOpen on_open);

 private:
  void turn();
  void begin_tunnel(const std::string& host, std::uint16_t port, std::weak_ptr<void> alive,
                    Tunnel::OnOpen on_open);
  void end();

  base::EventLoop& loop_;
  std::shared_ptr<Session> session_;
  SendBudget budget_;
  base::Millis patience_;
  std::function<void()> on_gone_;
  Slots opening_;
  std::list<std::unique_ptr<Tunnel>> tunnels_;
  base::EventLoop::TimerId idle_timer_ = 0;
};

/// All of an engine. Loop-thread only.
class Bastions {
 public:
  using OnReady = std::function<void(std::shared_ptr<Bastion>, Failure)>;

  /// Through one way go `most_at_a_time` targets that are worked on.
  Bastions(base::Millis patience, std::size_t most_at_a_time)
      : patience_(patience), most_at_a_time_(most_at_a_time) {}

  /// Who holds one may work on a target behind this way.
  Slots& places(const Way& way);

  /// Calls `on_ready` with the last host of a way that is not empty, logging in on the way where need be, or
  /// with the failure that came up; not if `alive` has gone by then. May do so at once.
  void reach(const Way& way, const Deadlines& deadlines, std::weak_ptr<void> alive, OnReady on_ready);
  void set_services(const Services& services) { services_ = std::make_unique<Services>(services); }
  /// Ends all connections.
  void close();

 private:
  struct Waiting {
    std::weak_ptr<void> alive;
    OnReady on_ready;
  };
  struct Entry {
    std::shared_ptr<Login> login;
    std::shared_ptr<Bastion> bastion;
    std::vector<Waiting> waiting;
  };

  void logged_in(const std::string& key, std::shared_ptr<Session> session, const Failure& failure);
  void forget(const std::string& key);

  base::Millis patience_;
  std::size_t most_at_a_time_;
  std::map<std::string, Slots> places_;
  std::unique_ptr<Services> services_;
  std::map<std::string, Entry> entries_;
};

}  // namespace reops::ssh
