#include "ssh/login.hpp"

#include <algorithm>
#include <random>

#include "ssh/accept_host_key.hpp"
#include "ssh/key_store.hpp"
#include "ssh/messages.hpp"
#include "ssh/slots.hpp"

namespace reops::ssh {
namespace {

constexpr std::size_t k_refusals_taken = 6;
constexpr base::Millis k_refusal_pause{200};

}  // namespace

Login::Login(const Services& services, Goal goal, Dialer::Job job, OnPhase on_phase, OnDone on_done)
    : services_(services),
      goal_(goal),
      job_(std::move(job)),
      on_phase_(std::move(on_phase)),
      on_done_(std::move(on_done)) {}

Login::~Login() {
  on_done_ = nullptr;
  if (dialer_ != nullptr) dialer_->abandon();
  services_.loop.cancel(timer_);
  services_.loop.unwatch(greeting_watch_);
  release_slot();
  if (session_ != nullptr) session_->close();
}

void Login::start() {
  // An engine's shorter deadline wins over ConnectTimeout, which is about the network, not about us.
  const base::Millis asked = job_.leg->destination.connect_timeout;
  if (asked.count() > 0) job_.deadlines.connect = std::min(job_.deadlines.connect, asked);
  dial();
}

void Login::dial() {
  const auto on_phase = [this](Dialer::Phase phase) {
    on_phase_(phase == Dialer::Phase::resolving ? Phase::resolving : Phase::connecting);
  };
  dialer_ = std::make_shared<Dialer>(services_, job_, on_phase, [this](Connector::Result connected) {
    await_greeting(std::move(connected));
  });
  dialer_->start();
}

// A server speaks first, so one that is silent costs no handshake slot. Otherwise a few hosts that accept and
// say nothing would keep all others waiting for their deadline.
void Login::await_greeting(Connector::Result connected) {
  dialer_.reset();
  if (connected.failure.reason != Reason::none) return fail(std::move(connected.failure));
  socket_ = std::move(connected.socket);
  address_ = connected.address;
  on_phase_(Phase::handshaking);
  const std::string& name = job_.leg->destination.name;
  timer_ = services_.loop.at(base::Deadline::in(job_.deadlines.handshake), [this, &name] {
    fail({Reason::timeout_kex, name + " (" + address_ + ") accepted the connection but said nothing within " +
                                   duration_text(job_.deadlines.handshake) +
                                   " — is it overloaded, or not an SSH server?"});
  });
  auto watch = services_.loop.watch(socket_.get(), EPOLLIN, [this](std::uint32_t) {
    services_.loop.cancel(timer_);
    services_.loop.unwatch(greeting_watch_);
    on_phase_(Phase::waiting);
    services_.handshakes.acquire(weak_from_this(), [this] {
      has_slot_ = true;
      begin_handshake();
    });
  });
  if (!watch) return fail({Reason::local, name + ": " + watch.error().message});
  greeting_watch_ = watch.value();
}

void Login::begin_handshake() {
  on_phase_(Phase::handshaking);
  Session::Setup setup{services_.loop, services_.agent_workers, job_.leg->destination, address_,
                       job_.leg->lookup.key_types()};
  session_ = std::make_shared<Session>(std::move(setup), std::move(socket_));
  session_->handshake(job_.deadlines.handshake, [this](Failure failure) {
    if (dial_again(failure)) return;
    if (failure.reason != Reason::none) return fail(std::move(failure));
    if (goal_ == Goal::fetch_host_key) return finish({});
    check_host_key();
  });
}

// An sshd with as many callers in the door as it allows (MaxStartups) hangs up on the next before it says a
// word. That passes as the others come in.
bool Login::dial_again(const Failure& failure) {
  if (failure.reason != Reason::disconnected || session_->was_greeted() || refusals_ == k_refusals_taken ||
      !job_.leg->destination.proxy_command.empty())
    return false;
  release_slot();
  session_->close();
  session_.reset();
  on_phase_(Phase::waiting);
  // Many are refused at once, and must not all come back at once.
  static thread_local std::minstd_rand chance{std::random_device{}()};
  std::uniform_int_distribution<std::int64_t> spread(k_refusal_pause.count() / 2, k_refusal_pause.count());
  const base::Millis pause(spread(chance) << refusals_);
  ++refusals_;
  timer_ = services_.loop.at(base::Deadline::in(pause), [this] { dial(); });
  return true;
}

void Login::check_host_key() {
  const KnownHosts::Lookup::Verdict verdict = job_.leg->lookup.check(session_->host_key());
  if (verdict == KnownHosts::Lookup::Verdict::unknown && job_.leg->destination.accept_new_keys) {
    if (auto added = add_host_key(job_.leg->destination, session_->host_key()); !added)
      return fail(
          {Reason::hostkey, session_->who() + ": its new key cannot be kept: " + added.error().message});
  } else if (verdict != KnownHosts::Lookup::Verdict::known) {
    return fail(host_key_failure(verdict));
  }
  authenticate();
}

Failure Login::host_key_failure(KnownHosts::Lookup::Verdict verdict) const {
  using Verdict = KnownHosts::Lookup::Verdict;
  const std::string& who = session_->who();
  const std::string shown = session_->host_key().fingerprint + " (" + session_->host_key().type + ")";
  const std::string accept = "(accept-host-key \"" + job_.leg->destination.name + "\")";
  const KnownHosts::Entry* evidence = job_.leg->lookup.evidence(session_->host_key());
  std::string message;
  if (verdict == Verdict::revoked) {
    message = "HOST KEY OF " + who + " IS REVOKED: it shows " + shown + ", which " + evidence->where +
              " declares stolen or withdrawn. Do not connect; the host needs a new key";
  } else if (verdict == Verdict::changed) {
    message =
        "HOST KEY OF " + who + " HAS CHANGED: it now shows " + shown + ", and " + evidence->where +
        " has another. Someone may be between you and the host. Only if you know that the host has a new "
        "key: ssh-keygen -R '" +
        job_.leg->destination.host_key_name + "' -f " +
        evidence->where.substr(0, evidence->where.rfind(':')) + ", then " + accept;
  } else {
    message = "host key of " + who + " is not in known_hosts: " + shown;
    if (const auto types = job_.leg->lookup.key_types(); !types.empty())
      message += "; on file is another type, " + types.front();
    if (const KnownHosts::Entry* authority = job_.leg->lookup.authority())
      message +=
          "; " + authority->where +
          " names a certificate authority (@cert-authority) for it, and libssh cannot ask a host for a "
          "certificate";
    message += " — compare it, then " + accept;
  }
  return {Reason::hostkey, std::move(message)};
}

void Login::authenticate() {
  on_phase_(Phase::authenticating);
  Authenticator::Identities identities;
  for (const IdentityFile& file : job_.leg->destination.identities) {
    for (const std::string& certificate : job_.leg->destination.certificates)
      if (auto certified = services_.keys.load(file.path, certificate))
        identities.push_back(std::move(certified));
    if (auto certified = services_.keys.load(file.path, file.path + "-cert.pub"))
      identities.push_back(std::move(certified));
    auto identity = services_.keys.load(file.path);
    if (identity->problem != Identity::Problem::missing || file.is_explicit)
      identities.push_back(std::move(identity));
  }
  session_->authenticate(std::move(identities), job_.deadlines.auth,
                         [this](Failure failure) { finish(std::move(failure)); });
}

void Login::release_slot() {
  if (!has_slot_) return;
  has_slot_ = false;
  services_.handshakes.release();
}

void Login::finish(Failure failure) {
  const auto self = shared_from_this();
  services_.loop.cancel(timer_);
  services_.loop.unwatch(greeting_watch_);
  socket_.reset();
  release_slot();
  const OnDone on_done = std::exchange(on_done_, nullptr);
  if (failure.reason == Reason::none) return on_done(std::move(session_), {});
  if (on_done) on_done(nullptr, std::move(failure));
  if (session_ != nullptr) session_->close();
  session_.reset();
}

}  // namespace reops::ssh
