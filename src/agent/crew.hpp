#pragma once
// The workers, as the connection process sees them.

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "agent/frames.hpp"
#include "agent/guard.hpp"
#include "agent/options.hpp"
#include "agent/unit_store.hpp"
#include "base/event_loop.hpp"
#include "wire/message.hpp"

namespace reops::agent {

/// For the loop's thread.
class Crew {
 public:
  struct Hooks {
    std::function<void(const wire::CallId&, bool error, std::string&& text)> printed;
    std::function<void(const wire::CallId&, bool threw, std::string&& results)> finished;
    /// Its worker ended before the call did.
    std::function<void(const wire::CallId&, const WorkerEnd&)> died;
    /// A call that did not find a worker may find one now.
    std::function<void()> changed;
  };
  Crew(base::EventLoop& loop, const Options& options, Hooks hooks);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Where workers come from, from now on.
  void use_zygote(base::UniqueFd requests);
  bool has_zygote() const { return static_cast<bool>(zygote_); }

  /// Whether a worker is free; when not, one is made as far as there may be more.
  bool has_free();
  /// Precondition: has_free().
  void run(const wire::CallId& id, const std::vector<std::shared_ptr<const StoredUnit>>& units,
           std::string_view parcel);
  /// Ends the worker of a call that runs; `died` follows.
  void kill(const wire::CallId& id);

  size_t running() const;
  size_t size() const { return workers_.size(); }

 private:
  struct Worker {
    FrameStream work;
    base::UniqueFd orders;
    base::EventLoop::WatchId work_watch = 0, orders_watch = 0;
    base::EventLoop::TimerId timer =
        0;                 ///< until it is looked after, while it runs; until it is ended, while idle
    wire::CallId call;     ///< empty while idle
    bool leaving = false;  ///< is given no further calls
    bool watched = false;
    std::unordered_set<lang::UnitHash> units;
  };
  using Place = std::list<std::unique_ptr<Worker>>::iterator;

  void ask_for_one();
  void on_zygote();
  void take_in(base::UniqueFd work, base::UniqueFd orders);
  void on_work(Worker& w, uint32_t events);
  void on_frame(Worker& w, Frame&& frame);
  void on_orders(Worker& w);
  void flush(Worker& w);
  void rest(Worker& w);
  void dismiss(Worker& w);
  void order(Worker& w, GuardOrder what);
  void stop_watching_work(Worker& w);
  void remove(Worker& w, const WorkerEnd& how);
  size_t available() const;

  base::EventLoop& loop_;
  const Options& options_;
  const Hooks hooks_;
  base::UniqueFd zygote_;
  base::EventLoop::WatchId zygote_watch_ = 0;
  base::EventLoop::TimerId retry_ = 0;
  size_t asked_for_ = 0;
  std::list<std::unique_ptr<Worker>> workers_;  // the one that was used last first
};

}  // namespace reops::agent
