#include "repl/nrepl/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "repl/nrepl/operations.hpp"
#include "repl/nrepl/server.hpp"
#include "repl/nrepl/session.hpp"

namespace reops::repl {
namespace {

constexpr std::size_t k_read_at_once = std::size_t{64} << 10;

}  // namespace

Connection::Connection(NreplServer& server, std::uint64_t id, base::UniqueFd socket)
    : server_(server), id_(id), socket_(std::move(socket)) {}

Connection::~Connection() {
  server_.loop().unwatch(watch_);
  if (channel_) channel_->close();
}

base::Result<void> Connection::start() {
  // The door may be knocked at when the connection is gone: the channel asks for a flush from any thread.
  auto alive = std::make_shared<Connection*>(this);
  std::weak_ptr<Connection*> here = alive;
  alive_ = std::move(alive);
  channel_ = std::make_shared<Channel>(server_.loop().inbox(), [here] {
    if (auto self = here.lock()) (*self)->flush();
  });
  auto watch =
      server_.loop().watch(socket_.get(), EPOLLIN, [this](std::uint32_t events) { on_events(events); });
  if (!watch) return watch.take_error();
  watch_ = watch.value();
  return {};
}

std::shared_ptr<Session> Connection::own_session() {
  if (auto session = server_.find_session(own_session_)) return session;
  auto session = server_.open_session(nullptr);
  if (!session) return nullptr;
  own_session_ = session->id();
  server_.adopt_session(own_session_, *this);
  return session;
}

void Connection::on_events(std::uint32_t events) {
  if (events & EPOLLOUT) flush();
  if (!ended_ && events & EPOLLIN) read_some();
  // A peer that has closed both ways, or was reset.
  if (!ended_ && events & (EPOLLHUP | EPOLLERR)) end();
}

void Connection::read_some() {
  char bytes[k_read_at_once];
  const ssize_t got = ::recv(socket_.get(), bytes, sizeof bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return end();
  if (ending_) return;
  decoder_.feed({bytes, static_cast<std::size_t>(got)});
  handle_messages();
}

void Connection::handle_messages() {
  while (!ended_) {
    auto message = decoder_.next();
    if (!message) {
      // Where the next message would begin cannot be known.
      channel_->send({{"status", Bencode::List{"error", "bad-message", "done"}},
                      {"err", message.error().message + "\n"}});
      ending_ = true;
      return;
    }
    if (!message.value()) return;
    perform(*this, *message.value());
  }
}

void Connection::flush() {
  if (ended_) return;
  // What is written is dropped when it is most of the buffer, which a client that lags behind never empties.
  if (written_ > unwritten_.size() / 2) {
    unwritten_.erase(0, written_);
    written_ = 0;
  }
  unwritten_ += channel_->take();
  while (written_ < unwritten_.size()) {
    const ssize_t sent =
        ::send(socket_.get(), unwritten_.data() + written_, unwritten_.size() - written_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) return end();
    written_ += static_cast<std::size_t>(sent);
  }
  const std::size_t left = unwritten_.size() - written_;
  channel_->note_unwritten(left);
  if (left == 0 && ending_) return end();
  server_.loop().rearm(watch_, left > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Connection::end() {
  if (std::exchange(ended_, true)) return;
  server_.loop().unwatch(watch_);
  channel_->close();
  server_.drop_connection(id_);
}

}  // namespace reops::repl
