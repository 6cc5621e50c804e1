#include "ssh/session.hpp"

#include <libssh/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "ssh/messages.hpp"
#include "ssh/person.hpp"

namespace reops::ssh {
namespace {

// While there is one, small packets of SSH gather in the kernel instead of going out one by one: what is sent
// costs most of what a command on a waiting connection costs.
class Corked {
 public:
  explicit Corked(int socket) : socket_(socket) { set(1); }
  ~Corked() { set(0); }
  Corked(const Corked&) = delete;
  Corked& operator=(const Corked&) = delete;

 private:
  // In vain on a socket that is none of TCP (the end of a tunnel), or that has been closed meanwhile.
  void set(int on) const { ::setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof on); }
  int socket_;
};

// Written out, so that another release of libssh does not change what we negotiate. Debian
// 12's libssh has no post-quantum key exchange; curve25519 costs least. AES-GCM is twice as
// fast as chacha20 on processors with AES.
constexpr const char* k_key_exchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
    "diffie-hellman-group18-sha512,diffie-hellman-group16-sha512,diffie-hellman-group14-sha256";
constexpr const char* k_ciphers =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,"
    "aes128-ctr";
constexpr const char* k_macs =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512";

struct KeyAlgorithms {
  const char* key_type;
  const char* algorithms;
};
constexpr std::array k_host_keys = std::to_array<KeyAlgorithms>({
    {"ssh-ed25519", "ssh-ed25519"},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"},
    {"ssh-rsa", "rsa-sha2-512,rsa-sha2-256"},
});

// The types on file come first: a host that is known by its RSA key must
// not show another that nobody can check.
std::string host_key_algorithms(const std::vector<std::string>& known_types) {
  std::string known;
  std::string others;
  for (const KeyAlgorithms& entry : k_host_keys) {
    const bool is_known =
        std::find(known_types.begin(), known_types.end(), entry.key_type) != known_types.end();
    std::string& list = is_known ? known : others;
    list += (list.empty() ? "" : ",") + std::string(entry.algorithms);
  }
  return known + (known.empty() || others.empty() ? "" : ",") + others;
}

}  // namespace

Session::Session(Setup setup, base::UniqueFd socket)
    : loop_(setup.loop),
      agent_workers_(setup.agent_workers),
      destination_(std::move(setup.destination)),
      address_(std::move(setup.address)),
      who_(destination_.name + " (" + address_ + ")"),
      known_key_types_(std::move(setup.known_key_types)),
      socket_(std::move(socket)) {}

Session::~Session() = default;

bool Session::connection_is_gone() const {
  return (ssh_get_status(session_.get()) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0;
}

Failure Session::set_options() {
  ssh_session session = session_.get();
  int port = destination_.port;
  int fd = socket_.get();
  const bool no = false;
  const std::string host_keys = host_key_algorithms(known_key_types_);
  const std::array<std::pair<ssh_options_e, const void*>, 14> options{{
      // First of all: no option may make libssh read a configuration file or a known_hosts of its own accord.
      {SSH_OPTIONS_PROCESS_CONFIG, &no},
      {SSH_OPTIONS_KNOWNHOSTS, "/dev/null"},
      {SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null"},
      {SSH_OPTIONS_SSH_DIR, "/nonexistent"},
      {SSH_OPTIONS_USER, destination_.user.c_str()},
      {SSH_OPTIONS_PORT, &port},
      {SSH_OPTIONS_FD, &fd},
      {SSH_OPTIONS_KEY_EXCHANGE, k_key_exchanges},
      {SSH_OPTIONS_HOSTKEYS, host_keys.c_str()},
      {SSH_OPTIONS_CIPHERS_C_S, k_ciphers},
      {SSH_OPTIONS_CIPHERS_S_C, k_ciphers},
      {SSH_OPTIONS_HMAC_C_S, k_macs},
      {SSH_OPTIONS_HMAC_S_C, k_macs},
      {SSH_OPTIONS_COMPRESSION, "no"},
  }};
  for (const auto& [option, value] : options)
    if (ssh_options_set(session, option, value) < 0)
      return {Reason::local, "cannot set up the connection to " + who_ + ": " + ssh_get_error(session)};
  return {};
}

Failure Session::prepare() {
  session_.reset(ssh_new());
  if (session_ == nullptr) return {Reason::local, "no memory for a session to " + who_};
  if (Failure failure = set_options(); failure.reason != Reason::none) return failure;
  ssh_set_blocking(session_.get(), 0);
  watched_fd_ = socket_.get();
  auto watch =
      loop_.watch(watched_fd_, EPOLLIN | EPOLLOUT, [this](std::uint32_t events) { on_events(events); });
  if (!watch) return {Reason::local, who_ + ": " + watch.error().message};
  watch_ = watch.value();
  return {};
}

void Session::begin(State state, base::Millis allowed, OnDone on_done) {
  state_ = state;
  on_done_ = std::move(on_done);
  set_timer(allowed);
}

void Session::set_timer(base::Millis allowed) {
  timer_ = loop_.at(base::Deadline::in(allowed), [this, allowed] { finish(timeout_failure(allowed)); });
}

void Session::handshake(base::Millis allowed, OnDone on_done) {
  begin(State::handshaking, allowed, std::move(on_done));
  // The first step comes from the loop: the socket is writable, as libssh's greeting wants it.
  if (Failure failure = prepare(); failure.reason != Reason::none)
    loop_.post([self = shared_from_this(), failure = std::move(failure)]() mutable {
      if (self->state_ == State::handshaking) self->finish(std::move(failure));
    });
}

void Session::authenticate(Authenticator::Identities identities, base::Millis allowed, OnDone on_done,
                           std::function<void()> on_asking) {
  auth_allowed_ = allowed;
  on_asking_ = std::move(on_asking);
  authenticator_ = std::make_unique<Authenticator>(
      session_.get(), who_, destination_.user, std::move(identities), destination_.agent_socket,
      destination_.password, static_cast<bool>(destination_.questions));
  begin(State::authenticating, allowed, std::move(on_done));
  step_soon();
}

// Nothing has to arrive before the first step of a kind, so nothing would wake it; and to ask for a moment in
// which the socket is writable would cost two calls of the system.
void Session::step_soon() {
  loop_.post([self = weak_from_this()] {
    if (const auto session = self.lock(); session != nullptr && session->watch_ != 0) session->step();
  });
}

void Session::exec(ExecChannel::Spec spec, base::Millis allowed, OnDone on_done) {
  const bool can_run = watch_ != 0 && !is_spent_;
  command_ = std::make_unique<ExecChannel>(session_.get(), who_, std::move(spec));
  begin(State::executing, allowed, std::move(on_done));
  if (can_run) return step_soon();
  loop_.post([self = shared_from_this()] {
    if (self->state_ == State::executing)
      self->finish({Reason::disconnected, "the connection to " + self->who_ + " has ended"});
  });
}

bool Session::is_sending() const { return (ssh_get_poll_flags(session_.get()) & SSH_WRITE_PENDING) != 0; }

void Session::arm() {
  const bool unsent = is_sending();
  const bool has_input = state_ == State::executing && command_->can_feed();
  loop_.rearm(watch_, unsent || has_input ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Session::step() {
  const auto self = shared_from_this();
  switch (state_) {
    case State::handshaking:
      return step_handshake();
    case State::authenticating:
      return step_authentication();
    case State::executing:
      return step_command();
    case State::killing:
      return step_kill();
    case State::idle:
      ssh_execute_message_callbacks(session_.get());
      if (connection_is_gone()) return lose("has ended");
      if (on_turn_) on_turn_();
      return arm();
    case State::closed:
      return;
  }
}

void Session::on_events(std::uint32_t events) {
  if ((events & EPOLLIN) != 0) was_heard_ = true;
  step();
}

// libssh closes the socket by itself when the connection breaks, and the number may be somebody else's by
// now.
void Session::stop_watching() {
  if (session_ && ssh_get_fd(session_.get()) >= 0) {
    loop_.unwatch(watch_);
  } else {
    loop_.forget(watch_);
  }
  watch_ = 0;
}

// The connection between steps, or the command on it.
void Session::lose(const std::string& why) {
  if (state_ == State::executing || state_ == State::killing)
    return finish({Reason::disconnected, who_ + " " + why + " while the command was running"});
  stop_watching();
  if (const auto on_lost = std::exchange(on_lost_, nullptr)) on_lost();
}

void Session::look_after() {
  if (destination_.alive_interval.count() == 0) return;
  was_heard_ = false;
  alive_timer_ = loop_.at(base::Deadline::in(destination_.alive_interval), [this] { ask_for_life(); });
}

void Session::ask_for_life() {
  const auto self = shared_from_this();
  if (watch_ == 0) return;
  if (was_heard_) {
    unanswered_ = 0;
  } else if (unanswered_ == destination_.alive_count) {
    return lose("gave no sign of life for " + duration_text(destination_.alive_interval * (unanswered_ + 1)));
  } else {
    ++unanswered_;
    // The first of two calls may only take the answer to an earlier question.
    ssh_send_keepalive(session_.get());
    ssh_send_keepalive(session_.get());
    loop_.rearm(watch_, EPOLLIN | EPOLLOUT);
  }
  look_after();
}

void Session::finish(Failure failure) {
  const auto self = shared_from_this();
  loop_.cancel(timer_);
  timer_ = 0;
  if (state_ == State::authenticating) stop_asking();
  state_ = State::idle;
  if (failure.reason != Reason::none) is_spent_ = true;
  // A command that takes too long says nothing about its connection.
  if (failure.reason == Reason::none || (failure.reason == Reason::timeout_exec && !connection_is_gone())) {
    arm();
  } else {
    stop_watching();
  }
  const OnDone on_done = std::exchange(on_done_, nullptr);
  if (on_done) on_done(std::move(failure));
}

void Session::step_handshake() {
  // From here on the socket is libssh's, which closes it in ssh_free() and when the connection fails.
  static_cast<void>(socket_.release());
  const int answer = ssh_connect(session_.get());
  if (answer == SSH_AGAIN) return arm();
  finish(answer == SSH_OK ? read_host_key() : handshake_failure());
}

Failure Session::read_host_key() {
  ssh_key raw = nullptr;
  char* base64 = nullptr;
  if (ssh_get_server_publickey(session_.get(), &raw) != SSH_OK)
    return {Reason::kex, who_ + " showed no host key"};
  const KeyHandle key(raw);
  unsigned char* hash = nullptr;
  std::size_t hash_size = 0;
  if (ssh_pki_export_pubkey_base64(key.get(), &base64) != SSH_OK ||
      ssh_get_publickey_hash(key.get(), SSH_PUBLICKEY_HASH_SHA256, &hash, &hash_size) != 0)
    return {Reason::kex, who_ + " showed a host key that cannot be read"};
  host_key_.type = to_string(ssh_key_type_to_char(ssh_key_type(key.get())));
  host_key_.base64 = take_string(base64);
  host_key_.fingerprint = take_string(ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, hash_size));
  ssh_clean_pubkey_hash(&hash);
  return {};
}

Failure Session::handshake_failure() {
  const std::string detail = to_string(ssh_get_error(session_.get()));
  const bool has_greeted = ssh_get_serverbanner(session_.get()) != nullptr;
  // The end of a socket that is no network connection is no error to libssh.
  const bool cut_off =
      detail.find("Socket error") != std::string::npos || detail == "Success" || detail.empty();
  if (cut_off && !has_greeted)
    return {Reason::disconnected,
            who_ + " closed the connection before SSH began (" + detail +
                ") — is it an SSH server, and does it allow this many connections at once (MaxStartups)?"};
  if (cut_off)
    return {Reason::disconnected, who_ + " closed the connection during the key exchange: " + detail};
  return {Reason::kex,
          who_ + " and this client cannot agree on a key exchange: " + detail +
              " — offered were curve25519, ecdh and diffie-hellman; post-quantum methods are not available"};
}

Failure Session::timeout_failure(base::Millis allowed) {
  const std::string span = duration_text(allowed);
  switch (state_) {
    case State::handshaking:
      return {Reason::timeout_kex,
              who_ + " accepted the connection but did not finish the SSH handshake within " + span +
                  " — is it overloaded, or not an SSH server?"};
    case State::authenticating: {
      const std::string tried = authenticator_ == nullptr || with_worker_ ? "" : authenticator_->tried();
      return {Reason::timeout_auth, with_worker_
                                        ? "the ssh-agent did not sign for " + who_ + " within " + span +
                                              " — does it wait for a confirmation?"
                                        : who_ + " did not decide about user " + destination_.user +
                                              " within " + span + (tried.empty() ? "" : ": tried " + tried)};
    }
    default:
      return {Reason::timeout_exec, "the command on " + who_ + " did not end within " + span};
  }
}

// A host may lose patience with a person.
void Session::step_authentication() {
  if (is_asking_) {
    ssh_execute_message_callbacks(session_.get());
    if (!connection_is_gone()) return arm();
    return finish({Reason::disconnected, who_ + " closed the connection while its question to user " +
                                             destination_.user + " was not answered yet"});
  }
  if (authenticator_->needs_worker()) return hand_to_worker();
  const Authenticator::Progress progress = authenticator_->step();
  if (progress == Authenticator::Progress::again && authenticator_->needs_worker()) return hand_to_worker();
  conclude_authentication(progress);
}

void Session::conclude_authentication(Authenticator::Progress progress) {
  switch (progress) {
    case Authenticator::Progress::again:
      return arm();
    case Authenticator::Progress::asks:
      return ask_person();
    case Authenticator::Progress::accepted:
      authenticator_.reset();  // its keys, and its second descriptor to the agent
      look_after();
      return finish({});
    case Authenticator::Progress::refused:
      return finish(authenticator_->failure());
  }
}

void Session::ask_person() {
  loop_.cancel(timer_);
  timer_ = 0;
  is_asking_ = true;
  has_asked_ = true;
  arm();
  if (on_asking_) on_asking_();
  std::vector<Question> questions = authenticator_->questions();
  for (Question& question : questions) {
    question.host = destination_.name;
    question.who = who_;
    question.user = destination_.user;
  }
  const auto on_answers = [self = weak_from_this()](std::optional<std::vector<Secret>> answers,
                                                    const std::string& problem) {
    const auto session = self.lock();
    if (session == nullptr || session->state_ != State::authenticating || !session->is_asking_) return;
    session->is_asking_ = false;
    session->set_timer(session->auth_allowed_);
    session->authenticator_->answer(answers, problem);
    session->step();
  };
  destination_.questions.person->ask(this, weak_from_this(), std::move(questions),
                                     destination_.questions.answer, on_answers);
}

void Session::stop_asking() {
  if (std::exchange(has_asked_, false)) destination_.questions.person->finished(this);
  is_asking_ = false;
  destination_.questions = {};
}

// The session goes to the worker whole, and the loop lets go of it: libssh allows one thread at a time.
void Session::hand_to_worker() {
  stop_watching();
  with_worker_ = true;
  const bool posted = agent_workers_.post([self = shared_from_this(), inbox = loop_.inbox()] {
    const Authenticator::Progress progress = self->authenticator_->step();
    inbox->post([self, progress] {
      self->with_worker_ = false;
      if (self->state_ != State::authenticating) return;
      if (progress != Authenticator::Progress::refused) {
        auto watch = self->loop_.watch(self->watched_fd_, EPOLLIN,
                                       [raw = self.get()](std::uint32_t events) { raw->on_events(events); });
        if (!watch) return self->finish({Reason::local, self->who_ + ": " + watch.error().message});
        self->watch_ = watch.value();
      }
      self->conclude_authentication(progress);
    });
  });
  if (posted) return;
  with_worker_ = false;
  finish({Reason::local, "no thread to ask the ssh-agent for " + who_});
}

void Session::step_command() {
  const Corked corked(watched_fd_);
  ExecChannel::Progress progress = command_->step();
  // libssh does not know yet whether it may send more. It finds out at another step, for less than the loop
  // would.
  if (progress == ExecChannel::Progress::again && is_sending()) progress = command_->step();
  switch (progress) {
    case ExecChannel::Progress::again:
      return arm();
    case ExecChannel::Progress::done:
      return finish({});
    case ExecChannel::Progress::failed:
      return finish(command_->failure());
  }
}

void Session::kill_command(base::Millis allowed, OnDone on_done) {
  loop_.cancel(timer_);
  is_spent_ = true;
  killed_ = Killed::unknown;
  command_->stop_feeding();
  begin(State::killing, allowed, std::move(on_done));
  if (watch_ != 0) return step_soon();
  loop_.post([self = shared_from_this()] {
    if (self->state_ == State::killing)
      self->finish({Reason::disconnected, "the connection to " + self->who_ + " has ended"});
  });
}

// The command goes on being served: it may not have told its group yet, and a host whose command's output
// nobody takes might not get round to the other channel.
void Session::step_kill() {
  const bool has_ended = command_->step() != ExecChannel::Progress::again;
  if (has_ended && connection_is_gone())
    return finish({Reason::disconnected, "the connection to " + who_ + " has ended"});
  if (killer_ == nullptr) {
    if (!command_->group()) {
      if (!has_ended) return arm();
      if (command_->knows_its_end()) killed_ = Killed::yes;
      return finish({});
    }
    killer_ = std::make_unique<ExecChannel>(session_.get(), who_,
                                            ExecChannel::Spec{kill_script(*command_->group())});
  }
  switch (killer_->step()) {
    case ExecChannel::Progress::again:
      return arm();
    case ExecChannel::Progress::failed:
      return finish(killer_->failure());
    case ExecChannel::Progress::done:
      if (killer_->end().code == k_group_is_gone) killed_ = Killed::yes;
      if (killer_->end().code == k_group_remains) killed_ = Killed::no;
      return finish({});
  }
}

void Session::close() {
  if (state_ == State::closed) return;
  loop_.cancel(timer_);
  loop_.cancel(alive_timer_);
  stop_watching();
  timer_ = 0;
  stop_asking();
  state_ = State::closed;
  on_done_ = nullptr;
  on_lost_ = nullptr;
  on_turn_ = nullptr;
  if (with_worker_) {
    // The worker has the session; whoever lets go of this object last frees it.
    authenticator_->interrupt();
    return;
  }
  killer_.reset();
  if (command_ != nullptr && killed_ != Killed::yes && !connection_is_gone()) command_->terminate();
  command_.reset();
  authenticator_.reset();
  session_.reset();
}

std::string Session::key_exchange() const { return to_string(ssh_get_kex_algo(session_.get())); }

std::string Session::cipher() const { return to_string(ssh_get_cipher_out(session_.get())); }

std::string Session::mac() const { return to_string(ssh_get_hmac_out(session_.get())); }

}  // namespace reops::ssh
