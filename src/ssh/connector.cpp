#include "ssh/connector.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/errors.hpp"
#include "ssh/messages.hpp"

namespace reops::ssh {
namespace {

// RFC 8305 recommends this long before a second address is tried beside the first.
constexpr base::Millis k_head_start(250);

bool is_local(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == EADDRNOTAVAIL;
}

// A host that is cut off in the middle of a command, or while its connection waits for the next, says
// nothing: the kernel finds out, at no cost to the loop, after about a minute.
void detect_silence(int socket) {
  const int one = 1, idle_s = 30, interval_s = 10, probes = 3;
  const unsigned unanswered_ms = 60'000;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
}

}  // namespace

Connector::Connector(base::EventLoop& loop, std::string who, OnDone on_done)
    : loop_(loop), who_(std::move(who)), on_done_(std::move(on_done)) {}

Connector::~Connector() { abandon(); }

void Connector::start(std::vector<Address> addresses, base::Deadline deadline, base::Millis allowed) {
  addresses_ = std::move(addresses);
  attempts_.reserve(addresses_.size());
  allowed_ = allowed;
  deadline_timer_ = loop_.at(deadline, [this] {
    std::string message = who_ + " did not answer within " + duration_text(allowed_) + ": tried " + tried() +
                          " — is it up, and is the address right?";
    finish(Result{{}, {}, {Reason::timeout_connect, std::move(message)}});
  });
  next_timer_ = loop_.at(base::Deadline::in(base::Millis(0)), [this] { try_next(); });
}

void Connector::try_next() {
  loop_.cancel(next_timer_);
  next_timer_ = 0;
  if (attempts_.size() == addresses_.size()) return;
  const std::size_t index = attempts_.size();
  const Address& address = addresses_[index];
  attempts_.push_back(Attempt{{}, 0, address.text});
  ++running_;
  Attempt& attempt = attempts_.back();
  attempt.socket.reset(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!attempt.socket) return attempt_failed(index, errno);
  const int one = 1;
  ::setsockopt(attempt.socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  detect_silence(attempt.socket.get());
  const auto* where = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(attempt.socket.get(), where, address.size) < 0 && errno != EINPROGRESS)
    return attempt_failed(index, errno);
  auto watch = loop_.watch(attempt.socket.get(), EPOLLOUT, [this, index](std::uint32_t) { on_ready(index); });
  if (!watch) return attempt_failed(index, ENOMEM);
  attempt.watch = watch.value();
  if (attempts_.size() < addresses_.size())
    next_timer_ = loop_.at(base::Deadline::in(k_head_start), [this] { try_next(); });
}

void Connector::on_ready(std::size_t index) {
  Attempt& attempt = attempts_[index];
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(attempt.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) < 0) error = errno;
  if (error != 0) return attempt_failed(index, error);
  loop_.unwatch(attempt.watch);
  attempt.watch = 0;
  finish(Result{std::move(attempt.socket), attempt.address, {}});
}

void Connector::attempt_failed(std::size_t index, int error) {
  Attempt& attempt = attempts_[index];
  loop_.unwatch(attempt.watch);
  attempt.watch = 0;
  attempt.socket.reset();
  errors_.push_back(error);
  --running_;
  if (attempts_.size() < addresses_.size()) return try_next();
  if (running_ == 0) give_up();
}

// The most telling error of all decides: something that answered "no" says more than something out of reach.
void Connector::give_up() {
  const auto first = [&](auto is_kind) { return std::find_if(errors_.begin(), errors_.end(), is_kind); };
  Failure failure;
  if (first([](int error) { return error == ECONNREFUSED; }) != errors_.end()) {
    failure = {Reason::refused,
               who_ + " refused the connection: tried " + tried() +
                   " — nothing listens there; check that sshd runs and that the port is right"};
  } else if (first([](int error) { return error == ETIMEDOUT; }) != errors_.end()) {
    failure = {Reason::timeout_connect,
               who_ + " did not answer: tried " + tried() + " — is it up, and is the address right?"};
  } else if (const auto local = first(is_local); local != errors_.end()) {
    failure = {Reason::local, "this machine cannot open a connection to " + who_ + ": " +
                                  base::errno_text(*local) +
                                  " — run fewer hosts at a time, or raise the limit"};
  } else {
    failure = {Reason::unreachable, who_ + " cannot be reached: " + base::errno_text(errors_.front()) +
                                        "; tried " + tried() + " — check the network and the routes"};
  }
  finish(Result{{}, {}, std::move(failure)});
}

std::string Connector::tried() const {
  std::string list;
  for (const Attempt& attempt : attempts_) list += (list.empty() ? "" : ", ") + attempt.address;
  return list;
}

void Connector::abandon() {
  loop_.cancel(deadline_timer_);
  loop_.cancel(next_timer_);
  for (Attempt& attempt : attempts_) {
    loop_.unwatch(attempt.watch);
    attempt.watch = 0;
    attempt.socket.reset();
  }
}

void Connector::finish(Result result) {
  abandon();
  // The callback may destroy this object, so it is moved out first.
  const OnDone on_done = std::move(on_done_);
  on_done(std::move(result));
}

}  // namespace reops::ssh
