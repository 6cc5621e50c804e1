#include "ssh/host_run.hpp"

#include <algorithm>
#include <chrono>

#include "ssh/messages.hpp"

namespace reops::ssh {
namespace {

std::int64_t micros(base::Steady::duration span) {
  return std::chrono::duration_cast<std::chrono::microseconds>(span).count();
}

}  // namespace

HostRun::HostRun(const Services& services, Goal goal, std::size_t index, Plan plan, OnDone on_done)
    : services_(services), goal_(goal), plan_(std::move(plan)), on_done_(std::move(on_done)) {
  outcome_.index = index;
  outcome_.host = plan_.request.target.name;
  outcome_.start_ms = base::unix_millis();
}

std::int64_t* HostRun::time_of(Phase phase) {
  switch (phase) {
    case Phase::resolving:
      return &outcome_.times.resolve;
    case Phase::connecting:
      return &outcome_.times.connect;
    case Phase::greeting:
    case Phase::handshaking:
      return &outcome_.times.handshake;
    case Phase::authenticating:
      return &outcome_.times.auth;
    case Phase::executing:
      return &outcome_.times.exec;
    case Phase::waiting:
    case Phase::over:
      break;
  }
  return nullptr;
}

void HostRun::enter(Phase phase) {
  const auto now = base::Steady::now();
  // The greeting and the handshake proper are one time to the reader;
  // waiting for a slot in between is in none.
  if (std::int64_t* time = time_of(phase_))
    *time = std::max<std::int64_t>(*time, 0) + micros(now - phase_began_);
  phase_ = phase;
  phase_began_ = now;
}

void HostRun::start() {
  if (plan_.failure.reason != Reason::none) return fail(std::move(plan_.failure));
  outcome_.user = plan_.destination.user;
  if (goal_ == Goal::run_command && reuse_session()) return;
  resolve();
}

// The key that a waiting connection's host has shown is checked again: it may have been revoked since.
bool HostRun::reuse_session() {
  while (std::shared_ptr<Session> waiting = services_.sessions.take(session_key(plan_.destination))) {
    if (plan_.lookup.check(waiting->host_key()) != KnownHosts::Lookup::Verdict::known) {
      waiting->close();
      continue;
    }
    session_ = std::move(waiting);
    outcome_.reused = true;
    outcome_.address = session_->address();
    describe_session();
    execute();
    return true;
  }
  return false;
}

void HostRun::describe_session() {
  outcome_.key_exchange = session_->key_exchange();
  outcome_.cipher = session_->cipher();
  outcome_.host_key = session_->host_key();
}

void HostRun::resolve() {
  enter(Phase::resolving);
  const base::Deadline deadline = base::Deadline::in(plan_.request.deadlines.connect);
  timer_ = services_.loop.at(deadline, [this] {
    fail({Reason::dns, "cannot find the address of " + describe(plan_.destination) + ": no answer within " +
                           duration_text(plan_.request.deadlines.connect) +
                           " — is the name server reachable?"});
  });
  services_.resolver.look_up(plan_.destination, weak_from_this(), [this, deadline](Addresses addresses) {
    if (phase_ != Phase::resolving) return;
    services_.loop.cancel(timer_);
    connect(std::move(addresses), deadline);
  });
}

void HostRun::connect(Addresses addresses, base::Deadline deadline) {
  if (addresses.list.empty())
    return fail({Reason::dns, "cannot find the address of " + describe(plan_.destination) + ": " +
                                  addresses.problem +
                                  " — check the name, or give it a HostName in ~/.ssh/config"});
  enter(Phase::connecting);
  connector_ = std::make_unique<Connector>(
      services_.loop, describe(plan_.destination),
      [this](Connector::Result connected) { await_greeting(std::move(connected)); });
  connector_->start(std::move(addresses.list), deadline, plan_.request.deadlines.connect);
}

// A server speaks first, so one that is silent costs no handshake slot. Otherwise a few hosts that accept and
// say nothing would keep all others waiting for their deadline.
void HostRun::await_greeting(Connector::Result connected) {
  if (connected.failure.reason != Reason::none) return fail(std::move(connected.failure));
  socket_ = std::move(connected.socket);
  outcome_.address = connected.address;
  enter(Phase::greeting);
  timer_ = services_.loop.at(base::Deadline::in(plan_.request.deadlines.handshake), [this] {
    fail({Reason::timeout_kex, plan_.destination.name + " (" + outcome_.address +
                                   ") accepted the connection but said nothing within " +
                                   duration_text(plan_.request.deadlines.handshake) +
                                   " — is it overloaded, or not an SSH server?"});
  });
  auto watch = services_.loop.watch(socket_.get(), EPOLLIN, [this](std::uint32_t) {
    services_.loop.cancel(timer_);
    services_.loop.unwatch(greeting_watch_);
    enter(Phase::waiting);
    services_.handshakes.acquire(weak_from_this(), [this] {
      has_slot_ = true;
      if (phase_ == Phase::over)
        release_slot();
      else
        begin_handshake();
    });
  });
  if (!watch) return fail({Reason::local, plan_.destination.name + ": " + watch.error().message});
  greeting_watch_ = watch.value();
}

void HostRun::begin_handshake() {
  enter(Phase::handshaking);
  Session::Setup setup{services_.loop, services_.agent_workers, plan_.destination, outcome_.address,
                       plan_.lookup.key_types()};
  session_ = std::make_shared<Session>(std::move(setup), std::move(socket_));
  session_->handshake(plan_.request.deadlines.handshake, [this](Failure failure) {
    if (failure.reason != Reason::none) return fail(std::move(failure));
    describe_session();
    if (goal_ == Goal::fetch_host_key) {
      outcome_.code = 0;
      return finish();
    }
    check_host_key();
  });
}

void HostRun::check_host_key() {
  const KnownHosts::Lookup::Verdict verdict = plan_.lookup.check(outcome_.host_key);
  if (verdict != KnownHosts::Lookup::Verdict::known) return fail(host_key_failure(verdict));
  authenticate();
}

Failure HostRun::host_key_failure(KnownHosts::Lookup::Verdict verdict) const {
  using Verdict = KnownHosts::Lookup::Verdict;
  const std::string& who = session_->who();
  const std::string shown = outcome_.host_key.fingerprint + " (" + outcome_.host_key.type + ")";
  const std::string accept = "(accept-host-key \"" + plan_.destination.name + "\")";
  const KnownHosts::Entry* evidence = plan_.lookup.evidence(outcome_.host_key);
  std::string message;
  if (verdict == Verdict::revoked) {
    message = "HOST KEY OF " + who + " IS REVOKED: it shows " + shown + ", which " + evidence->where +
              " declares stolen or withdrawn. Do not connect; the host needs a new key";
  } else if (verdict == Verdict::changed) {
    message =
        "HOST KEY OF " + who + " HAS CHANGED: it now shows " + shown + ", and " + evidence->where +
        " has another. Someone may be between you and the host. Only if you know that the host has a new "
        "key: ssh-keygen -R '" +
        plan_.destination.host_key_name + "' -f " + evidence->where.substr(0, evidence->where.rfind(':')) +
        ", then " + accept;
  } else {
    message = "host key of " + who + " is not in known_hosts: " + shown;
    if (const auto types = plan_.lookup.key_types(); !types.empty())
      message += "; on file is another type, " + types.front();
    if (const KnownHosts::Entry* authority = plan_.lookup.authority())
      message += "; " + authority->where +
                 " names a certificate authority (@cert-authority) for it, which is "
                 "not supported";
    message += " — compare it, then " + accept;
  }
  return {Reason::hostkey, std::move(message)};
}

void HostRun::authenticate() {
  enter(Phase::authenticating);
  Authenticator::Identities identities;
  for (const IdentityFile& file : plan_.destination.identities) {
    auto identity = services_.keys.load(file.path);
    if (identity->problem != Identity::Problem::missing || file.is_explicit)
      identities.push_back(std::move(identity));
  }
  session_->authenticate(std::move(identities), plan_.request.deadlines.auth, [this](Failure failure) {
    if (failure.reason != Reason::none) return fail(std::move(failure));
    release_slot();
    execute();
  });
}

void HostRun::execute() {
  enter(Phase::executing);
  ExecChannel::Spec spec{plan_.request.command, plan_.request.input, plan_.request.output_limit};
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
    if (!reuse_session()) resolve();
    return;
  }
  // A command whose code is known has ended, whoever still holds its outputs open.
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
  finish();
}

void HostRun::keep_session() {
  session_->forget_command();
  services_.sessions.give(session_key(plan_.destination), std::move(session_));
}

void HostRun::fail(Failure failure) {
  if (phase_ == Phase::over) return;
  outcome_.code = k_not_started;
  if (session_ != nullptr && session_->command() != nullptr) {
    ExecChannel& command = *session_->command();
    if (command.may_have_started()) outcome_.code = k_unknown;
    command.take_output(outcome_);
  }
  outcome_.reason = failure.reason;
  outcome_.message = std::move(failure.message);
  finish();
}

void HostRun::cancel() {
  if (phase_ == Phase::over) return;
  const std::string who = session_ != nullptr ? session_->who() : plan_.request.target.name;
  const bool running =
      session_ != nullptr && session_->command() != nullptr && session_->command()->may_have_started();
  fail({Reason::cancelled,
        running ? "cancelled while the command was running on " + who + "; it may still be running there"
                : "cancelled before the command was started on " + who});
}

void HostRun::release_slot() {
  if (!has_slot_) return;
  has_slot_ = false;
  services_.handshakes.release();
}

void HostRun::finish() {
  const auto self = shared_from_this();
  enter(Phase::over);
  outcome_.end_ms = base::unix_millis();
  outcome_.total_us = micros(base::Steady::now() - started_);
  services_.loop.cancel(timer_);
  services_.loop.unwatch(greeting_watch_);
  // This may be running inside a callback of the connector or of the
  // session, so they go after the current turn.
  if (connector_ != nullptr)
    services_.loop.post([connector = std::shared_ptr<Connector>(std::move(connector_))] {});
  socket_.reset();
  if (session_ != nullptr) session_->close();
  release_slot();
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(std::move(outcome_));
}

}  // namespace reops::ssh
