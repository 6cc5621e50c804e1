#include "ssh/login.hpp"

#include <algorithm>
#include <random>

#include "ssh/host_certificate.hpp"
#include "ssh/host_key_failure.hpp"
#include "ssh/key_store.hpp"
#include "ssh/known_hosts_file.hpp"
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
  is_fetching_ = lacks_certificate();
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

// Whether the host can only be known by a certificate that we have not seen.
bool Login::lacks_certificate() const {
  const Leg& leg = *job_.leg;
  return leg.lookup.authority() != nullptr && leg.lookup.key_types().empty() &&
         services_.certificates.find(leg.destination.host_key_name) == nullptr;
}

// Whether a certificate could make the key that the host has shown its key, and the host has yet to be asked:
// none was seen, or an old one.
bool Login::wants_certificate() const {
  using Verdict = KnownHosts::Lookup::Verdict;
  const HostKey& key = session_->host_key();
  const Verdict verdict = job_.leg->lookup.check(key);
  return (verdict == Verdict::unknown || verdict == Verdict::changed) && key.certified_by.empty() &&
         job_.leg->lookup.authority() != nullptr && !has_fetched_;
}

void Login::fetch_certificate() {
  fetch_ = std::make_unique<CertificateFetch>(
      services_.loop, std::move(socket_), job_.deadlines.handshake,
      [this](std::optional<HostCertificate> certificate) {
        const bool was_greeted = fetch_->was_greeted();
        services_.loop.post([fetch = std::shared_ptr<CertificateFetch>(std::move(fetch_))] {});
        if (!was_greeted && dial_again()) return;
        is_fetching_ = false;
        has_fetched_ = true;
        if (certificate)
          services_.certificates.keep(job_.leg->destination.host_key_name, std::move(*certificate));
        start_over();
      });
  fetch_->start();
}

void Login::start_over() {
  release_slot();
  if (session_ != nullptr) session_->close();
  session_.reset();
  dial();
}

void Login::begin_handshake() {
  on_phase_(Phase::handshaking);
  if (is_fetching_) return fetch_certificate();
  Session::Setup setup{services_.loop, services_.agent_workers, job_.leg->destination, address_,
                       job_.leg->lookup.key_types()};
  // Once it was asked for, the key that it certifies is the one to see.
  const auto* certificate = services_.certificates.find(job_.leg->destination.host_key_name);
  if (certificate != nullptr && (has_fetched_ || setup.known_key_types.empty()))
    setup.known_key_types = {certificate->key_type};
  session_ = std::make_shared<Session>(std::move(setup), std::move(socket_));
  session_->handshake(job_.deadlines.handshake, [this](Failure failure) {
    if (failure.reason == Reason::disconnected && !session_->was_greeted() && dial_again()) return;
    if (failure.reason != Reason::none) return fail(std::move(failure));
    session_->certify(services_.certificates.certifier(*job_.leg, session_->host_key()));
    if (wants_certificate()) {
      is_fetching_ = true;
      return start_over();
    }
    if (goal_ == Goal::fetch_host_key) return finish({});
    check_host_key();
  });
}

// An sshd with as many callers in the door as it allows (MaxStartups) hangs up on the next before it says a
// word. That passes as the others come in.
bool Login::dial_again() {
  if (refusals_ == k_refusals_taken || !job_.leg->destination.proxy_command.empty()) return false;
  release_slot();
  if (session_ != nullptr) session_->close();
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
  using Verdict = KnownHosts::Lookup::Verdict;
  const HostKey& key = session_->host_key();
  const Leg& leg = *job_.leg;
  const Verdict verdict = leg.lookup.check(key);
  if (verdict == Verdict::known || (verdict != Verdict::revoked && !key.certified_by.empty()))
    return authenticate();
  std::string problem;
  if (const HostCertificate* seen = services_.certificates.find(leg.destination.host_key_name)) {
    problem = certificate_problem(*seen, leg, key, base::unix_millis());
    services_.certificates.forget(leg.destination.host_key_name);
  }
  if (verdict == Verdict::unknown && accepts_new_key()) {
    if (auto kept = keep_new_key(); !kept)
      return fail(
          {Reason::hostkey, session_->who() + ": its new key cannot be kept: " + kept.error().message});
  } else {
    return fail(host_key_failure(leg, session_->who(), key, verdict, problem));
  }
  authenticate();
}

bool Login::accepts_new_key() const {
  const Destination& destination = job_.leg->destination;
  if (destination.new_keys == nullptr) return destination.accept_new_keys;
  return destination.new_keys->accepts(address_).value_or(destination.accept_new_keys);
}

base::Result<void> Login::keep_new_key() const {
  const Destination& destination = job_.leg->destination;
  if (destination.user_known_hosts.empty())
    return base::Error{"ssh/config", "UserKnownHostsFile is none", {{"host", destination.name}}};
  auto line = known_hosts_line(destination.host_key_name, session_->host_key(), destination.hash_known_hosts);
  if (!line) return line.take_error();
  return append_known_host(destination.user_known_hosts[0], line.value());
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
  // Others need not wait for a person.
  const auto on_asking = [this] {
    on_phase_(Phase::waiting);
    release_slot();
  };
  session_->authenticate(
      std::move(identities), job_.deadlines.auth, [this](Failure failure) { finish(std::move(failure)); },
      on_asking);
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
