#include "ssh/host_run.hpp"

#include <algorithm>
#include <chrono>

#include "ssh/bastions.hpp"
#include "ssh/host_certificate.hpp"
#include "ssh/killings.hpp"
#include "ssh/messages.hpp"

namespace reops::ssh {
namespace {

// Whether a failure of this kind is worth another attempt.
bool may_pass(Reason reason, const Retry& retry) {
  switch (reason) {
    case Reason::none:
    case Reason::config:
    case Reason::hostkey:
    case Reason::auth:
    case Reason::cancelled:
      return false;
    default:
      break;
  }
  if (!retry.reasons.empty()) return retry.reasons.contains(reason);
  return reason != Reason::kex;
}

// What of an outcome outlives another attempt.
Outcome fresh(Outcome before) {
  Outcome next;
  next.index = before.index;
  next.host = std::move(before.host);
  next.user = std::move(before.user);
  next.attempts = before.attempts;
  next.start_ms = before.start_ms;
  return next;
}

std::int64_t micros(base::Steady::duration span) {
  return std::chrono::duration_cast<std::chrono::microseconds>(span).count();
}

// What a caller waits to learn whether a command that was given up has been ended. A person who pressed
// Ctrl-C waits less.
constexpr base::Millis k_deadline_patience{900};
constexpr base::Millis k_cancel_patience{30};
constexpr base::Millis k_longest_pause{60'000};

}  // namespace

HostRun::HostRun(const Services& services, Login::Goal goal, std::size_t index, Plan plan, OnDone on_done)
    : services_(services), goal_(goal), plan_(std::move(plan)), on_done_(std::move(on_done)) {
  outcome_.index = index;
  outcome_.host = plan_.request.target.name;
  outcome_.start_ms = base::unix_millis();
}

// What passes until the next call is counted to `time`; the parts of one phase add up. Waiting for others is
// in none.
void HostRun::count_to(std::int64_t* time) {
  const auto now = base::Steady::now();
  if (counted_ != nullptr) *counted_ = std::max<std::int64_t>(*counted_, 0) + micros(now - counted_since_);
  counted_ = time;
  counted_since_ = now;
}

void HostRun::entered(Login::Phase phase) {
  switch (phase) {
    case Login::Phase::resolving:
      return count_to(&outcome_.times.resolve);
    case Login::Phase::connecting:
      return count_to(&outcome_.times.connect);
    case Login::Phase::handshaking:
      return count_to(&outcome_.times.handshake);
    case Login::Phase::authenticating:
      return count_to(&outcome_.times.auth);
    case Login::Phase::waiting:
      return count_to(nullptr);
  }
}

void HostRun::start() {
  has_begun_ = true;
  if (plan_.failure.reason != Reason::none) return fail(std::move(plan_.failure));
  outcome_.user = plan_.target->destination.user;
  if (plan_.way.empty()) return begin();
  services_.bastions.places(plan_.way).acquire(weak_from_this(), [this] {
    has_bastion_place_ = true;
    if (is_over_) return leave_bastion();
    begin();
  });
}

void HostRun::leave_bastion() {
  if (std::exchange(has_bastion_place_, false)) services_.bastions.places(plan_.way).release();
}

void HostRun::begin() {
  if (goal_ == Login::Goal::log_in && reuse_session()) return;
  log_in();
}

// Whether what is in the outcome is not the last word.
bool HostRun::try_again() {
  const Retry& retry = plan_.request.retry;
  if (is_last_attempt_ || outcome_.attempts > retry.times || outcome_.code == 0) return false;
  if (outcome_.code != k_not_started && !retry.repeat) return false;
  if (!may_pass(outcome_.reason, retry)) return false;
  count_to(nullptr);
  if (login_ != nullptr) services_.loop.post([login = std::move(login_)] {});
  if (session_ != nullptr) session_->close();
  session_.reset();
  const auto pause = retry.pause * (1LL << std::min<std::size_t>(outcome_.attempts - 1, 10));
  retry_timer_ =
      services_.loop.at(base::Deadline::in(std::min<base::Millis>(pause, k_longest_pause)), [this] {
        retry_timer_ = 0;
        ++outcome_.attempts;
        outcome_ = fresh(std::move(outcome_));
        begin();
      });
  return true;
}

// The key that a waiting connection's host has shown is checked again: it may have been revoked since.
bool HostRun::is_trusted(const HostKey& key) const {
  using Verdict = KnownHosts::Lookup::Verdict;
  const Verdict verdict = plan_.target->lookup.check(key);
  return verdict == Verdict::known ||
         (verdict != Verdict::revoked && !services_.certificates.certifier(*plan_.target, key).empty());
}

bool HostRun::reuse_session() {
  while (std::shared_ptr<Session> waiting = services_.sessions.take(plan_.session_key)) {
    if (!is_trusted(waiting->host_key())) {
      waiting->close();
      continue;
    }
    outcome_.reused = true;
    take_session(std::move(waiting));
    execute();
    return true;
  }
  return false;
}

void HostRun::take_session(std::shared_ptr<Session> session) {
  session_ = std::move(session);
  describe(*session_);
}

void HostRun::describe(const Session& session) {
  outcome_.address = session.address();
  outcome_.key_exchange = session.key_exchange();
  outcome_.cipher = session.cipher();
  outcome_.mac = session.mac();
  outcome_.host_key = session.host_key();
}

void HostRun::log_in() {
  login_ = std::make_shared<Login>(
      services_, goal_, Dialer::Job{plan_.target, plan_.way, plan_.request.deadlines},
      [this](Login::Phase phase) { entered(phase); },
      [this](std::shared_ptr<Session> session, Failure failure) {
        if (is_over_) return;
        if (session == nullptr) {
          outcome_.address = login_->address();
          if (login_->session() != nullptr) describe(*login_->session());
          return fail(std::move(failure));
        }
        take_session(std::move(session));
        if (goal_ == Login::Goal::log_in) return execute();
        outcome_.code = 0;
        finish();
      });
  login_->start();
}

void HostRun::execute() {
  count_to(&outcome_.times.exec);
  const Request& request = plan_.request;
  ExecChannel::Spec spec{request.command, request.input, request.output_limit.value_or(0), request.is_tracked,
                         request.on_terminal};
  session_->exec(std::move(spec), plan_.request.deadlines.exec,
                 [this](Failure failure) { conclude_command(std::move(failure)); });
}

void HostRun::conclude_command(Failure failure) {
  ExecChannel& command = *session_->command();
  // A connection that ended while it waited is found out now at the latest; nothing has happened on the host.
  if (failure.reason == Reason::disconnected && outcome_.reused && !command.may_have_started()) {
    session_->close();
    session_.reset();
    outcome_.reused = false;
    if (!reuse_session()) log_in();
    return;
  }
  // A command whose code is known has ended, whoever still holds its outputs open.
  if (failure.reason == Reason::timeout_exec && !command.knows_its_end())
    return give_up_command(std::move(failure), k_deadline_patience);
  if (failure.reason != Reason::none && !command.knows_its_end()) return fail(std::move(failure));
  const ExecChannel::End& end = command.end();
  const std::string start = "the command on " + session_->who();
  if (!end.signal.empty()) {
    outcome_.code = 128 + signal_number(end.signal);
    outcome_.signal = end.signal;
    outcome_.reason = Reason::signal;
    outcome_.message = start + " was ended by signal " + end.signal;
  } else if (end.code) {
    outcome_.code = *end.code;
    if (*end.code != 0) {
      outcome_.reason = Reason::exit;
      outcome_.message = start + " ended with exit code " + std::to_string(*end.code);
    }
  } else {
    return fail({Reason::disconnected, start + " ended without telling its exit code"});
  }
  command.take_output(outcome_);
  if (failure.reason == Reason::none) keep_session();
  if (!try_again()) finish();
}

void HostRun::keep_session() {
  session_->forget_command();
  services_.sessions.give(plan_.session_key, std::move(session_));
}

void HostRun::fail(Failure failure) {
  if (is_over_) return;
  outcome_.code = k_not_started;
  if (session_ != nullptr && session_->command() != nullptr) {
    ExecChannel& command = *session_->command();
    if (command.may_have_started()) outcome_.code = k_unknown;
    command.take_output(outcome_);
  }
  outcome_.reason = failure.reason;
  outcome_.message = std::move(failure.message);
  if (!try_again()) finish();
}

bool HostRun::command_may_run() const {
  return session_ != nullptr && session_->command() != nullptr && session_->command()->may_have_started();
}

void HostRun::cancel() {
  if (is_over_) return;
  is_last_attempt_ = true;
  if (is_killing_) return conclude_killing(Killed::unknown);
  // An attempt before has run it, so it cannot be said not to have been started.
  if (retry_timer_ != 0 && outcome_.code != k_not_started) return finish();
  const std::string who = session_ != nullptr ? session_->who() : plan_.request.target.name;
  if (!command_may_run())
    return fail({Reason::cancelled, "cancelled before the command was started on " + who});
  give_up_command({Reason::cancelled, "cancelled while the command was running on " + who},
                  k_cancel_patience);
}

// The deadline of the step that it was at has come early.
Reason HostRun::phase_reason() const {
  const PhaseTimes& times = outcome_.times;
  if (counted_ == &times.resolve) return Reason::dns;
  if (counted_ == &times.connect) return Reason::timeout_connect;
  if (counted_ == &times.handshake) return Reason::timeout_kex;
  if (counted_ == &times.auth) return Reason::timeout_auth;
  return counted_ == &times.exec ? Reason::timeout_exec : Reason::cancelled;
}

void HostRun::expire(base::Millis allowed) {
  if (is_over_ || is_killing_) return;
  is_last_attempt_ = true;
  const std::string time = "the time of the whole run, " + duration_text(allowed) + ", was over ";
  const std::string who = session_ != nullptr ? session_->who() : plan_.request.target.name;
  if (command_may_run())
    return give_up_command({Reason::timeout_exec, time + "while the command was running on " + who},
                           k_deadline_patience);
  // What an attempt before this one ran into says more.
  if (retry_timer_ != 0) return finish();
  fail({phase_reason(), time + "before the command was started on " + who});
}

void HostRun::give_up_command(Failure failure, base::Millis patience) {
  count_to(nullptr);
  is_killing_ = true;
  outcome_.code = k_unknown;
  outcome_.reason = failure.reason;
  outcome_.message = std::move(failure.message);
  session_->command()->take_output(outcome_);
  if (!session_->command()->is_tracked()) return conclude_killing(Killed::unknown);
  killing_timer_ =
      services_.loop.at(base::Deadline::in(patience), [this] { conclude_killing(Killed::unknown); });
  services_.killings.begin(services_, std::move(session_), plan_.target, plan_.way,
                           [self = weak_from_this()](Killed killed) {
                             if (const auto run = self.lock()) run->conclude_killing(killed);
                           });
}

void HostRun::conclude_killing(Killed killed) {
  if (is_over_) return;
  services_.loop.cancel(killing_timer_);
  outcome_.killed = killed;
  switch (killed) {
    case Killed::yes:
      outcome_.message += "; it was ended there";
      break;
    case Killed::no:
      outcome_.message += "; it could not be ended there and is still running";
      break;
    default:
      outcome_.message += "; it may still be running there";
  }
  is_killing_ = false;
  if (!try_again()) finish();
}

void HostRun::finish() {
  const auto self = shared_from_this();
  is_over_ = true;
  count_to(nullptr);
  services_.loop.cancel(retry_timer_);
  leave_bastion();
  outcome_.end_ms = base::unix_millis();
  outcome_.total_us = micros(base::Steady::now() - started_);
  // This may be running inside a callback of it, so it goes after the current turn.
  if (login_ != nullptr) services_.loop.post([login = std::move(login_)] {});
  if (session_ != nullptr) session_->close();
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(std::move(outcome_));
}

}  // namespace reops::ssh
