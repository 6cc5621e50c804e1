#include "repl/attached/server.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "base/folders.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/publish.hpp"

namespace reops::repl {
namespace {

// How long one who connects may take to say what for.
constexpr base::Millis k_hello_patience{10'000};
// A hello: the word itself, the version, the terminal, a file; then the environment.
constexpr std::size_t k_hello_words = 4;

}  // namespace

/// One who brings a terminal. Without a prompt until it has said hello, and again when the person is gone.
class PromptServer::Connection {
 public:
  Connection(PromptServer& server, std::uint64_t id, base::UniqueFd socket, bool first)
      : server_(server),
        id_(id),
        socket_(std::make_shared<base::UniqueFd>(std::move(socket))),
        first_(first) {}
  ~Connection() {
    server_.loop_.unwatch(watch_);
    server_.loop_.cancel(timer_);
    if (prompt) prompt->on_gone();
  }

  base::Result<void> start() {
    auto watch = server_.loop_.watch(socket_->get(), EPOLLIN, [this](std::uint32_t) { receive(); });
    if (!watch) return watch.take_error();
    watch_ = watch.value();
    timer_ = server_.loop_.at(base::Deadline::in(k_hello_patience), [this] { server_.remove(id_); });
    return {};
  }

  std::uint64_t id() const { return id_; }
  bool is_first() const { return first_; }
  int socket() const { return socket_->get(); }
  /// Says something, from any thread, as long as the other side listens.
  std::function<void(Words)> teller() const {
    return [socket = socket_](const Words& words) {
      [[maybe_unused]] const base::Result<void> sent = send_frame(socket->get(), words);
    };
  }
  HelloDescriptors& descriptors() { return descriptors_; }
  void hello_is_done() { server_.loop_.cancel(std::exchange(timer_, 0)); }

  std::shared_ptr<Prompt> prompt;

 private:
  void receive() {
    std::string bytes;
    const bool open = receive_some(socket_->get(), bytes, prompt ? nullptr : &descriptors_);
    reader_.feed(bytes);
    while (auto words = reader_.next()) {
      if (words->at(0) == "gone") return gone();
      if (prompt) {
        prompt->on_words(*words);
      } else {
        const std::uint64_t id = id_;
        PromptServer& server = server_;
        server_.begin(*this, *words);
        // It may have been refused, which was the end of this object.
        if (!server.connections_.contains(id)) return;
      }
    }
    if (!open || reader_.is_broken()) gone();
  }

  // The prompt's thread may go on for a while with what it does; it ends by itself, and says so.
  void gone() {
    server_.loop_.unwatch(std::exchange(watch_, 0));
    if (prompt) {
      prompt->on_gone();
    } else {
      server_.remove(id_);
    }
  }

  PromptServer& server_;
  const std::uint64_t id_;
  const std::shared_ptr<base::UniqueFd> socket_;
  const bool first_;
  base::EventLoop::WatchId watch_ = 0;
  base::EventLoop::TimerId timer_ = 0;
  FrameReader reader_;
  HelloDescriptors descriptors_;
};

PromptServer::PromptServer(base::EventLoop& loop, Options options)
    : loop_(loop),
      version_(std::move(options.version)),
      all_left_(std::move(options.all_left)),
      hooks_(std::make_shared<const PromptHooks>(std::move(options.hooks))),
      bindings_(lang::thread_bindings()),
      stays_(options.stays),
      goes_on_(options.stays) {
  lang::publish(bindings_);
}

PromptServer::~PromptServer() { stop_listening(); }

base::Result<void> PromptServer::listen(base::Listener listener) {
  listener_ = std::move(listener);
  auto watch = loop_.watch(listener_.fd.get(), EPOLLIN, [this](std::uint32_t) { accept_waiting(); });
  if (!watch) return watch.take_error();
  accept_watch_ = watch.value();
  return {};
}

void PromptServer::stop_listening() {
  loop_.unwatch(std::exchange(accept_watch_, 0));
  if (!listener_.fd) return;
  ::unlink(listener_.path.c_str());
  listener_.fd.reset();
}

void PromptServer::accept_waiting() {
  for (;;) {
    auto accepted = base::accept_connection(listener_);
    // Without descriptors left nobody is let in; one who waits for an answer gives up by itself.
    if (!accepted || !accepted.value()) return;
    [[maybe_unused]] const base::Result<void> added = add(std::move(accepted).value(), false);
  }
}

base::Result<void> PromptServer::adopt(base::UniqueFd socket) { return add(std::move(socket), true); }

base::Result<void> PromptServer::add(base::UniqueFd socket, bool first) {
  const std::uint64_t id = ++last_id_;
  auto connection = std::make_unique<Connection>(*this, id, std::move(socket), first);
  auto started = connection->start();
  if (started) connections_.emplace(id, std::move(connection));
  return started;
}

void PromptServer::begin(Connection& connection, const Words& hello) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection.socket(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return refuse(connection, "The system does not say who you are.");
  const std::string user = base::user_name_of(peer.uid);
  if (peer.uid != ::geteuid() && peer.uid != 0)
    return refuse(connection, "The controller is another user's: " + user + " may not attach to it.");
  if (hello[0] != "hello" || hello.size() < k_hello_words)
    return refuse(connection, "The controller is of another release: " + version_ + ".");
  if (hello[1] != version_) {
    return refuse(connection, "The controller, process " + std::to_string(::getpid()) + ", is of release " +
                                  version_ + ", and this is " + hello[1] +
                                  ". Leave its prompts, or end it, and start it anew.");
  }
  for (const base::UniqueFd& fd : connection.descriptors())
    if (!fd) return refuse(connection, "No terminal came with the request to attach it.");
  auto& [in, out, err, folder] = connection.descriptors();
  base::Surroundings::Given given{std::move(in),
                                  std::move(out),
                                  std::move(err),
                                  std::move(folder),
                                  {hello.begin() + k_hello_words, hello.end()}};
  connection.hello_is_done();
  const PromptPeer who{connection.id(), user, peer.uid, peer.pid, hello[2], connection.is_first()};
  connection.prompt = std::make_shared<Prompt>(who, std::move(given), hello[3], hooks_, connection.teller());
  connection.teller()({"attached", std::to_string(::getpid())});
  try {
    connection.prompt->start(bindings_, [here = std::weak_ptr(alive_), inbox = loop_.inbox(),
                                         id = connection.id()](int code, bool goes_on) {
      inbox->post([here, id, code, goes_on] {
        if (const auto server = here.lock()) (*server)->ended(id, code, goes_on);
      });
    });
  } catch (const lang::Thrown&) {
    connection.prompt.reset();
    refuse(connection, "The controller has no room for another prompt.");
  }
}

void PromptServer::refuse(Connection& connection, const std::string& why) {
  connection.teller()({"refused", why});
  remove(connection.id());
}

void PromptServer::ended(std::uint64_t id, int code, bool goes_on) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  goes_on_ = stays_ || goes_on;
  // The person is let go last: whoever is started then finds a controller that lets them in, or none.
  const auto tell = found->second->teller();
  remove(id);
  tell({"exit", std::to_string(code), ""});
}

void PromptServer::remove(std::uint64_t id) {
  connections_.erase(id);
  if (!connections_.empty() || goes_on_) return;
  stop_listening();
  all_left_();
}

void PromptServer::close(const std::string& why) {
  stop_listening();
  for (auto& [id, connection] : connections_) connection->teller()({"exit", "0", why});
}

}  // namespace reops::repl
