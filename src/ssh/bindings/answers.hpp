#pragma once
// Who answers what hosts ask at the login: the person at the terminal, or a function of the language.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/cancel.hpp"
#include "lang/value/ref.hpp"
#include "lang/vm/parking.hpp"
#include "ssh/question.hpp"

namespace reops::ssh {

/// A wait for the engine, which an interrupt ends, and in which language code can be called now and then. The
/// interrupt is still to be served afterwards.
class EngineWait {
 public:
  /// Does what waits; no language code runs in it but by in_between().
  template <class F>
  auto run(F&& work) {
    enter();
    auto result = work();
    region_.reset();
    return result;
  }
  /// Readable from an interrupt on.
  int cancel_fd() const { return cancel_.fd(); }
  /// Runs language code in the middle of the wait. An interrupt that it throws ends the wait; what else it
  /// throws is returned as text.
  std::string in_between(const std::function<void()>& code);

 private:
  void enter() {
    region_.emplace([this] { cancel_.cancel(); });
  }

  base::Cancel cancel_;
  std::optional<lang::BlockingRegion> region_;
};

/// Those that the requests of one wait name. They are asked during that wait only.
class Answers {
 public:
  explicit Answers(EngineWait& wait) : wait_(wait) {}
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  /// Of what `:questions` of a target has: nil, :ask, or a function of a map that returns a string or nil.
  /// None for nil, and for :ask when there is nobody at a terminal.
  std::shared_ptr<const Answer> of(lang::Value questions);

 private:
  Reply call_function(lang::Value function, const Question& question);

  EngineWait& wait_;
  // Sessions keep what they were given for longer than the wait; they do not own these.
  std::deque<std::pair<lang::Ref, std::shared_ptr<const Answer>>> functions_;
  std::shared_ptr<const Answer> at_terminal_;
};

}  // namespace reops::ssh
