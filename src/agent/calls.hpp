#pragma once
// What becomes of each call: units asked for, a worker found, written down, run, its outcome kept until it is
// not needed.
//
// 1. A call that was written down as begun has an outcome, also after a restart. One that was not never runs
// afterwards.
// 2. A call that is known is never begun a second time.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/crew.hpp"
#include "agent/journal.hpp"
#include "agent/unit_store.hpp"

namespace reops::agent {

/// For the loop's thread.
class Calls {
 public:
  /// Hands a message to the controller; it is lost when there is none.
  using Send = std::function<void(const wire::Message&)>;

  Calls(base::EventLoop& loop, const Options& options, Journal& journal, UnitStore& units,
        Journal::Calls remembered, Send send);
  ~Calls();

  void use_zygote(base::UniqueFd requests) { crew_.use_zygote(std::move(requests)); }

  void on(wire::Call&& call);
  void on(wire::Units&& units);
  void on(const wire::Cancel& cancel);
  void on(const wire::Ask& ask);
  void on(const wire::Forget& forget);

  /// All that run, wait, or whose outcome is kept.
  std::vector<wire::CallId> known() const;

  /// Takes no further calls; what does not run yet is answered. Calls `done` when nothing runs any more.
  void stop(std::function<void()> done);
  /// Ends what still runs.
  void cut_off(const std::string& reason, const std::string& message);

  struct Numbers {
    size_t running, waiting, kept, workers;
  };
  Numbers numbers() const;

 private:
  enum class State : uint8_t { lacking, waiting, running, ended };
  struct Item {
    State state = State::lacking;
    wire::Call call;
    int64_t started_ms = 0;
    base::Steady::time_point moment{};  ///< when it started, then when it ended
    base::EventLoop::TimerId timer = 0;
    std::string out, err;
    std::string reason, message;  ///< why it is being ended
    bool is_written = false;      ///< in the journal
    std::string outcome;          ///< a message; empty when it lies in a file
  };

  void on_printed(const wire::CallId& id, bool error, std::string&& text);
  void on_finished(const wire::CallId& id, bool threw, std::string&& results);
  void on_died(const wire::CallId& id, const WorkerEnd& how);
  void say(const wire::CallId& id, Item& item);
  void wait(const wire::CallId& id, Item& item);
  bool ask_for_units(const wire::CallId& id, Item& item);
  void run_what_waits();
  void begin(const wire::CallId& id, Item& item);
  void cut_off(const wire::CallId& id, Item& item, const std::string& reason, const std::string& message);
  void refuse(const wire::CallId& id, Item& item, const std::string& reason, const std::string& message);
  void end(const wire::CallId& id, Item& item, wire::Outcome outcome);
  void forget(const wire::CallId& id);
  void forget_old_ones();

  base::EventLoop& loop_;
  const Options& options_;
  Journal& journal_;
  UnitStore& units_;
  const Send send_;
  std::unordered_map<wire::CallId, Item> items_;
  std::deque<wire::CallId> waiting_;
  size_t pending_ = 0;  // lacking or waiting
  std::deque<wire::CallId> refused_;
  std::function<void()> when_stopped_;
  bool stopping_ = false;
  base::EventLoop::TimerId sweep_ = 0;
  Crew crew_;
};

}  // namespace reops::agent
