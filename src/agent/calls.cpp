#include "agent/calls.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "base/clock.hpp"
#include "wire/sockets.hpp"

namespace reops::agent {
namespace {

using base::Steady;
using wire::CallId;

constexpr std::chrono::hours k_kept{24};
constexpr std::chrono::hours k_sweep_every{1};
constexpr base::Millis k_units_within{30'000};
// Answers to calls that were not taken are no use after a while, and are not written down.
constexpr size_t k_most_refused = 10'000;
// What a message may be, less what comes with the value.
constexpr size_t k_most_outcome = (size_t{1} << 30) - (size_t{1} << 20);

std::string how_it_ended(int status) {
  if (WIFEXITED(status))
    return "the code ended the process that it ran in, with exit code " + std::to_string(WEXITSTATUS(status));
  int signal = WTERMSIG(status);
  const char* name = sigdescr_np(signal);
  std::string text = "the process that it ran in was ended by signal " + std::to_string(signal);
  if (name != nullptr) text += std::string(" (") + name + ")";
  return text;
}

}  // namespace

Calls::Calls(base::EventLoop& loop, const Options& options, Journal& journal, UnitStore& units,
             Journal::Calls remembered, Send send)
    : loop_(loop),
      options_(options),
      journal_(journal),
      units_(units),
      send_(std::move(send)),
      crew_(loop, options,
            {[this](const CallId& id, bool error, std::string&& text) {
               on_printed(id, error, std::move(text));
             },
             [this](const CallId& id, bool threw, std::string&& results) {
               on_finished(id, threw, std::move(results));
             },
             [this](const CallId& id, const WorkerEnd& how) { on_died(id, how); },
             [this] { run_what_waits(); }}) {
  for (auto& [id, was] : remembered) {
    Item& item = items_[id];
    item.is_written = true;
    item.started_ms = was.started_ms;
    if (was.ended) {
      item.state = State::ended;
      item.outcome = std::move(was.outcome);
      item.moment = Steady::now() - base::Millis(base::unix_millis() - was.at_ms);
    } else {
      wire::Outcome outcome;
      outcome.code = -2;
      outcome.reason = "restarted";
      outcome.value = "the agent ended while it ran, and was started again";
      end(id, item, std::move(outcome));
    }
  }
  forget_old_ones();
}

Calls::~Calls() {
  loop_.cancel(sweep_);
  for (auto& [id, item] : items_) loop_.cancel(item.timer);
}

void Calls::on(wire::Call&& call) {
  const CallId id = call.id;
  auto [found, is_new] = items_.try_emplace(id);
  Item& item = found->second;
  if (!is_new) return say(id, item);
  item.call = std::move(call);
  ++pending_;
  if (stopping_) return refuse(id, item, "stopping", "the agent is being stopped");
  if (pending_ > options_.queue)
    return refuse(id, item, "busy",
                  "the agent has " + std::to_string(options_.queue) + " calls that wait already");
  wait(id, item);
}

void Calls::wait(const CallId& id, Item& item) {
  if (ask_for_units(id, item)) return;
  loop_.cancel(std::exchange(item.timer, 0));
  item.state = State::waiting;
  waiting_.push_back(id);
  run_what_waits();
}

// True when some are lacking.
bool Calls::ask_for_units(const CallId& id, Item& item) {
  wire::Lacks lacks{id, {}};
  for (const lang::UnitHash& hash : item.call.needs)
    if (!units_.find(hash)) lacks.units.push_back(hash);
  if (lacks.units.empty()) return false;
  item.state = State::lacking;
  if (item.timer == 0) {
    item.timer = loop_.at(base::Deadline::in(k_units_within), [this, id] {
      Item& late = items_.at(id);
      late.timer = 0;
      refuse(id, late, "units", "what it needs did not come within 30 s");
    });
  }
  send_(std::move(lacks));
  return true;
}

void Calls::on(wire::Units&& units) {
  for (auto& part : units.units) {
    if (units_.add(part.hash, std::move(part.content), std::move(part.places))) continue;
    auto found = items_.find(units.id);
    if (found != items_.end() && found->second.state == State::lacking)
      refuse(units.id, found->second, "damaged", "unit " + part.hash.text() + " was damaged on the way");
    return;
  }
  auto found = items_.find(units.id);
  if (found == items_.end() || found->second.state != State::lacking) return;
  wait(units.id, found->second);
}

void Calls::run_what_waits() {
  while (!waiting_.empty()) {
    auto found = items_.find(waiting_.front());
    if (found == items_.end() || found->second.state != State::waiting) {
      waiting_.pop_front();
      continue;
    }
    if (!crew_.has_free()) return;
    const CallId id = waiting_.front();
    waiting_.pop_front();
    begin(id, found->second);
  }
}

void Calls::begin(const CallId& id, Item& item) {
  std::vector<std::shared_ptr<const StoredUnit>> units;
  for (const lang::UnitHash& hash : item.call.needs) {
    units.push_back(units_.find(hash));
    // Dropped since, as the cache is small, or damaged on disk: it comes again.
    if (!units.back() && ask_for_units(id, item)) return;
  }
  int64_t now = base::unix_millis();
  if (auto begun = journal_.begin(id, now); !begun)
    return refuse(id, item, "disk", "the agent cannot write down that it begins: " + begun.error().message);
  --pending_;
  item.state = State::running;
  item.is_written = true;
  item.started_ms = now;
  item.moment = Steady::now();
  send_(wire::Started{id});
  item.timer = loop_.at(base::Deadline::in(base::Millis(item.call.within_ms)), [this, id] {
    Item& late = items_.at(id);
    late.timer = 0;
    cut_off(id, late, "timeout/exec",
            "it was not over within " + std::to_string(late.call.within_ms) + " ms");
  });
  crew_.run(id, units, item.call.parcel);
  item.call.parcel = {};
  item.call.needs = {};
}

void Calls::cut_off(const CallId& id, Item& item, const std::string& reason, const std::string& message) {
  if (!item.reason.empty()) return;
  item.reason = reason;
  item.message = message;
  crew_.kill(id);
}

void Calls::cut_off(const std::string& reason, const std::string& message) {
  for (auto& [id, item] : items_)
    if (item.state == State::running) cut_off(id, item, reason, message);
}

void Calls::refuse(const CallId& id, Item& item, const std::string& reason, const std::string& message) {
  --pending_;
  refused_.push_back(id);
  wire::Outcome outcome;
  outcome.code = -1;
  outcome.reason = reason;
  outcome.value = message;
  end(id, item, std::move(outcome));
  if (refused_.size() > k_most_refused) {
    items_.erase(refused_.front());
    refused_.pop_front();
  }
}

void Calls::on_printed(const CallId& id, bool error, std::string&& text) {
  Item& item = items_.at(id);
  // What came before the limit is all that is kept.
  if (!item.reason.empty()) return;
  if (item.out.size() + item.err.size() + text.size() > options_.output)
    return cut_off(id, item, "output",
                   "it printed more than " + std::to_string(options_.output >> 20) + " MiB");
  (error ? item.err : item.out) += text;
  if (item.call.streams) send_(wire::Printed{id, error, std::move(text)});
}

void Calls::on_finished(const CallId& id, bool threw, std::string&& results) {
  Item& item = items_.at(id);
  wire::Outcome outcome;
  outcome.code = threw ? 256 : 0;
  outcome.value = std::move(results);
  if (outcome.value.size() + item.out.size() + item.err.size() > k_most_outcome) {
    outcome.code = -2;
    outcome.reason = "too-large";
    outcome.value = "its result is larger than a message may be; it is lost";
  }
  end(id, item, std::move(outcome));
  run_what_waits();
}

void Calls::on_died(const CallId& id, const WorkerEnd& how) {
  Item& item = items_.at(id);
  wire::Outcome outcome;
  outcome.code = -2;
  outcome.reason = item.reason;
  outcome.value = item.message;
  if (outcome.reason.empty()) {
    switch (how.cause) {
      case WorkerEnd::memory:
        outcome.reason = "memory";
        outcome.value =
            "it used more than " + std::to_string(options_.memory >> 20) + " MiB, with what it had started";
        break;
      case WorkerEnd::processes:
        outcome.reason = "processes";
        outcome.value = "it started more than " + std::to_string(options_.processes) + " processes";
        break;
      default:
        outcome.reason = "crashed";
        outcome.value = how_it_ended(how.status);
    }
  }
  end(id, item, std::move(outcome));
}

void Calls::end(const CallId& id, Item& item, wire::Outcome outcome) {
  bool has_run = item.state == State::running;
  loop_.cancel(std::exchange(item.timer, 0));
  Steady::time_point now = Steady::now();
  outcome.id = id;
  outcome.started_ms = item.started_ms;
  if (has_run)
    outcome.took_us = std::chrono::duration_cast<std::chrono::microseconds>(now - item.moment).count();
  outcome.out = std::move(item.out);
  outcome.err = std::move(item.err);
  item.out = item.err = {};
  item.call = {};
  item.state = State::ended;
  item.moment = now;
  wire::Message message(std::move(outcome));
  std::string bytes = wire::write_message(message);
  bool found_again = item.is_written && journal_.end(id, bytes, base::unix_millis());
  if (!found_again || bytes.size() < Journal::k_large) item.outcome = std::move(bytes);
  send_(message);
  if (stopping_ && crew_.running() == 0 && when_stopped_) loop_.post(std::exchange(when_stopped_, nullptr));
}

void Calls::say(const CallId& id, Item& item) {
  switch (item.state) {
    case State::lacking:
      return wait(id, item);
    case State::waiting:
      // It is here, and nothing is lacking.
      return send_(wire::Lacks{id, {}});
    case State::running:
      return send_(wire::Started{id});
    case State::ended:
      break;
  }
  auto bytes = item.outcome.empty() ? journal_.outcome_of(id) : base::Result<std::string>(item.outcome);
  auto message = bytes ? wire::read_message(bytes.value()) : base::Result<wire::Message>(bytes.take_error());
  if (message) return send_(message.value());
  wire::Outcome lost;
  lost.id = id;
  lost.code = -2;
  lost.reason = "lost";
  lost.value = "its outcome could not be read again: " + message.error().message;
  send_(std::move(lost));
}

void Calls::on(const wire::Cancel& cancel) {
  auto found = items_.find(cancel.id);
  if (found == items_.end()) return send_(wire::Unknown{cancel.id});
  Item& item = found->second;
  if (item.state == State::running) return cut_off(cancel.id, item, "cancelled", "it was cancelled");
  if (item.state == State::ended) return say(cancel.id, item);
  refuse(cancel.id, item, "cancelled", "it was cancelled before it began");
}

void Calls::on(const wire::Ask& ask) {
  for (const CallId& id : ask.ids) {
    auto found = items_.find(id);
    if (found == items_.end()) {
      send_(wire::Unknown{id});
    } else {
      say(id, found->second);
    }
  }
}

void Calls::on(const wire::Forget& asked) {
  for (const CallId& id : asked.ids) forget(id);
}

void Calls::forget(const CallId& id) {
  auto found = items_.find(id);
  if (found == items_.end() || found->second.state != State::ended) return;
  if (found->second.is_written) journal_.forget(id);
  items_.erase(found);
}

void Calls::forget_old_ones() {
  std::vector<CallId> old;
  Steady::time_point since = Steady::now() - k_kept;
  for (auto& [id, item] : items_)
    if (item.state == State::ended && item.moment < since) old.push_back(id);
  for (const CallId& id : old) forget(id);
  sweep_ = loop_.at(base::Deadline::in(k_sweep_every), [this] { forget_old_ones(); });
}

std::vector<CallId> Calls::known() const {
  std::vector<CallId> ids;
  for (const auto& [id, item] : items_) ids.push_back(id);
  return ids;
}

void Calls::stop(std::function<void()> done) {
  stopping_ = true;
  std::vector<CallId> pending;
  for (auto& [id, item] : items_)
    if (item.state == State::lacking || item.state == State::waiting) pending.push_back(id);
  for (const CallId& id : pending) refuse(id, items_.at(id), "stopping", "the agent is being stopped");
  if (crew_.running() == 0) {
    loop_.post(std::move(done));
  } else {
    when_stopped_ = std::move(done);
  }
}

Calls::Numbers Calls::numbers() const {
  size_t running = crew_.running();
  return {running, pending_, items_.size() - running - pending_, crew_.size()};
}

}  // namespace reops::agent
