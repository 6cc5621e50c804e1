#include "agent/link.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace reops::agent {
namespace {

using base::Millis;
using base::Steady;

constexpr Millis k_first_rest{100}, k_longest_rest{30'000};
constexpr Millis k_handshake_within{10'000};
// A hello is answered by Welcome or Refused. It is not repeated on the same connection before that: the
// controller could take a second one for the news that calls which it has sent meanwhile are not here.
constexpr Millis k_answer_within{5'000};
constexpr Millis k_first_question{1'000}, k_longest_question{10'000};  // while a person has to accept us
constexpr Millis k_drain_every{10};
constexpr int k_silent_heartbeats = 3;
constexpr Millis k_least_heartbeat{100};

std::string random_bytes(size_t n) {
  std::string bytes(n, '\0');
  // Never fails for so few once the system is up.
  if (getrandom(bytes.data(), n, 0) != static_cast<ssize_t>(n)) std::abort();
  return bytes;
}

std::string machine_name(const Options& options) {
  if (!options.name.empty()) return options.name;
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unnamed";
}

std::string endpoint_of(const std::string& address, uint16_t port) {
  bool v6 = address.find(':') != std::string::npos;
  return "tcp://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

Link::Link(base::EventLoop& loop, const Options& options, wire::KeyPair keys, Hooks hooks)
    : loop_(loop),
      options_(options),
      keys_(std::move(keys)),
      hooks_(std::move(hooks)),
      boot_(random_bytes(8)),
      token_(options.token),
      random_(static_cast<std::minstd_rand::result_type>(static_cast<unsigned char>(boot_[0]) << 8 |
                                                         static_cast<unsigned char>(boot_[1]))),
      resolver_(loop),
      rest_(k_first_rest),
      ask_again_(k_first_question) {}

Link::~Link() {
  loop_.cancel(timer_);
  loop_.cancel(drain_timer_);
  loop_.unwatch(readable_);
  loop_.unwatch(events_);
}

void Link::become(State state, const std::string& text) {
  state_ = state;
  if (text == state_text_) return;
  state_text_ = text;
  if (state == State::registered || state == State::refused || state == State::resting)
    std::fprintf(stderr, "regent: %s\n", text.c_str());
}

void Link::wait(Millis span, void (Link::*then)()) {
  loop_.cancel(timer_);
  timer_ = loop_.at(base::Deadline::in(span), [this, then] {
    timer_ = 0;
    (this->*then)();
  });
}

void Link::try_next() {
  // The one that let us in is tried first when it is lost.
  if (std::exchange(advances_, true)) server_ = (server_ + 1) % options_.servers.size();
  uint64_t attempt = ++attempt_;
  state_ = State::resolving;
  wait(k_handshake_within, &Link::late);
  resolver_.ask(server().host,
                [this, attempt, alive = std::weak_ptr(alive_)](base::Result<std::string> address) {
                  if (alive.expired() || attempt != attempt_) return;
                  if (!address) return lose(address.error().message);
                  on_address(address.value());
                });
}

void Link::on_address(const std::string& address) {
  auto socket = wire::AgentSocket::open({endpoint_of(address, server().port), options_.server_key, keys_});
  if (!socket) return lose(socket.error().message);
  socket_ = std::move(socket).value();
  state_ = State::connecting;
  auto readable = loop_.watch(socket_->fd(), EPOLLIN, [this](uint32_t) { on_readable(); });
  auto events = loop_.watch(socket_->events_fd(), EPOLLIN, [this](uint32_t) { on_events(); });
  if (readable) readable_ = readable.value();
  if (events) events_ = events.value();
  wait(k_handshake_within, &Link::late);
  look_soon();
}

void Link::late() {
  lose(server().text() + (state_ == State::greeting ? " does not answer" : " cannot be reached"));
}

// ZeroMQ's descriptors only say that something may have changed since it was last looked at.
void Link::look_soon() {
  if (std::exchange(looks_soon_, true)) return;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    looks_soon_ = false;
    if (socket_) on_events();
    if (socket_) on_readable();
  });
}

void Link::on_events() {
  while (socket_) {
    auto event = socket_->next_event();
    if (!event) return;
    switch (*event) {
      case wire::AgentSocket::Event::connected:
        greet();
        break;
      case wire::AgentSocket::Event::refused:
        return lose(
            server().text() +
            " did not let us in: its key is another than the one that was given, or it has shut us out");
      case wire::AgentSocket::Event::lost:
        return lose("the connection to " + server().text() +
                    (state_ == State::connecting ? " was refused" : " was lost"));
    }
  }
}

void Link::greet() {
  wire::Hello hello;
  hello.version = options_.version;
  hello.core = options_.core;
  hello.host = machine_name(options_);
  hello.boot = boot_;
  hello.token = token_;
  hello.known = hooks_.known();
  state_ = State::greeting;
  said_ = Steady::now();
  socket_->send(wire::write_message(hello));
  wait(k_answer_within, &Link::late);
  look_soon();
}

void Link::on_readable() {
  while (socket_) {
    auto bytes = socket_->receive();
    if (!bytes) return;
    heard_ = Steady::now();
    on_message(*bytes);
  }
}

void Link::on_message(const std::string& bytes) {
  auto message = wire::read_message(bytes);
  if (!message) return lose("the controller sent what is no message: " + message.error().message);
  if (auto* let_in = std::get_if<wire::Welcome>(&message.value())) return welcome(*let_in);
  if (auto* refused = std::get_if<wire::Refused>(&message.value())) {
    become(State::refused, "not let in: " + refused->reason);
    wait(ask_again_, &Link::greet);
    ask_again_ = std::min(ask_again_ * 2, k_longest_question);
    return;
  }
  if (std::holds_alternative<wire::Alive>(message.value())) return;
  // Calls come only after a welcome.
  if (state_ == State::registered) hooks_.received(std::move(message).value());
}

void Link::welcome(const wire::Welcome& welcome) {
  token_.clear();
  rest_ = k_first_rest;
  ask_again_ = k_first_question;
  heartbeat_ = std::max(Millis(welcome.heartbeat_ms), k_least_heartbeat);
  become(State::registered, "registered at " + server().text() + " as " + welcome.name);
  advances_ = false;
  wait(heartbeat_ / 2, &Link::beat);
}

void Link::beat() {
  Steady::time_point now = Steady::now();
  if (now - heard_ > heartbeat_ * k_silent_heartbeats) return lose("the controller says nothing any more");
  if (now - said_ >= heartbeat_) send(wire::Alive{});
  look_soon();
  wait(heartbeat_ / 2, &Link::beat);
}

void Link::send(const wire::Message& message) {
  if (state_ != State::registered) return;
  said_ = Steady::now();
  std::string bytes = wire::write_message(message);
  if (!outbox_.empty() || !socket_->send(bytes)) {
    outbox_.push_back(std::move(bytes));
    drain();
  }
  look_soon();
}

void Link::drain() {
  if (drain_timer_ != 0) return;
  while (!outbox_.empty() && socket_->send(outbox_.front())) outbox_.pop_front();
  if (outbox_.empty()) return;
  drain_timer_ = loop_.at(base::Deadline::in(k_drain_every), [this] {
    drain_timer_ = 0;
    if (socket_) drain();
  });
}

void Link::lose(const std::string& why) {
  ++attempt_;
  loop_.unwatch(std::exchange(readable_, 0));
  loop_.unwatch(std::exchange(events_, 0));
  socket_.reset();
  outbox_.clear();
  become(State::resting, why + "; trying again");
  // Many that lost the same controller do not come back at one moment.
  std::uniform_int_distribution<int64_t> jitter(rest_.count() / 2, rest_.count());
  Millis rest(jitter(random_));
  rest_ = std::min(rest_ * 2, k_longest_rest);
  wait(rest, &Link::try_next);
}

}  // namespace reops::agent
