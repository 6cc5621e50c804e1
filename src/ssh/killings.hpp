#pragma once
// Killings: commands that were given up while they ran, on their way to an end. Their callers have gone on.

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "ssh/login.hpp"
#include "ssh/plan.hpp"
#include "ssh/services.hpp"
#include "ssh/session.hpp"
#include "ssh/slots.hpp"

namespace reops::ssh {

/// One command. Asks for its end through the connection that it runs on; where that cannot take a second
/// channel (MaxSessions 1) or does not answer, through a new one. Loop-thread only.
class Killing : public std::enable_shared_from_this<Killing> {
 public:
  using OnVerdict = std::function<void(Killed)>;

  /// `session` has a command that may run. Calls `on_verdict` once.
  Killing(const Services& services, std::shared_ptr<Session> session, LegPtr target, Way way,
          OnVerdict on_verdict);
  ~Killing();
  Killing(const Killing&) = delete;
  Killing& operator=(const Killing&) = delete;

  void start();

 private:
  void log_in_again();
  void ask_through(std::shared_ptr<Session> other);
  void conclude(Killed killed);

  Services services_;
  std::shared_ptr<Session> session_;  // with the command
  std::optional<long> group_;
  LegPtr target_;
  Way way_;
  OnVerdict on_verdict_;
  std::shared_ptr<Login> login_;
  std::shared_ptr<Session> other_;
};

/// All of an engine. Loop-thread only.
class Killings {
 public:
  void begin(const Services& services, std::shared_ptr<Session> session, LegPtr target, Way way,
             Killing::OnVerdict on_verdict);
  std::size_t size() const { return under_way_.size(); }
  /// Calls `on_idle` when none is left, at once if that is so now.
  void when_idle(std::function<void()> on_idle);
  /// Lets go of all that have not ended. None may begin after that.
  void abandon();

 private:
  // So that a cancelled batch of thousands is told to its caller before the last of its commands is ended.
  static constexpr std::size_t k_at_a_time = 256;

  using Place = std::list<std::shared_ptr<Killing>>::iterator;
  void ended(Place place);

  std::list<std::shared_ptr<Killing>> under_way_;
  Slots slots_{k_at_a_time};
  std::vector<std::function<void()>> on_idle_;
  bool abandoned_ = false;
};

}  // namespace reops::ssh
