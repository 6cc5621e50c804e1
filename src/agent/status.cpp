#include "agent/status.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/errors.hpp"

namespace reops::agent {
namespace {

constexpr int k_answer_within_ms = 5000;

std::string path_in(const std::string& home) { return home + "/status"; }

}  // namespace

base::Result<std::unique_ptr<StatusServer>> StatusServer::open(base::EventLoop& loop, const std::string& home,
                                                               std::function<std::string()> text) {
  auto listener = base::listen_unix(path_in(home));
  if (!listener) return listener.take_error();
  std::unique_ptr<StatusServer> server(new StatusServer(loop, std::move(listener).value()));
  auto watched = loop.watch(server->listener_.fd.get(), EPOLLIN,
                            [&listening = server->listener_, text = std::move(text)](uint32_t) {
                              for (;;) {
                                auto client = base::accept_connection(listening);
                                if (!client || !client.value()) return;
                                // Little enough to fit what the system keeps for a reader.
                                std::string answer = text();
                                [[maybe_unused]] ssize_t sent =
                                    send(client.value().get(), answer.data(), answer.size(), MSG_NOSIGNAL);
                              }
                            });
  if (!watched) return watched.take_error();
  server->watch_ = watched.value();
  return server;
}

StatusServer::~StatusServer() {
  loop_.unwatch(watch_);
  unlink(listener_.path.c_str());
}

base::Result<std::string> ask_status(const std::string& home) {
  std::string path = path_in(home);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return base::Error{
        "agent/long-path", "the path " + path + " is too long for a socket: give another --home", {}};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  base::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return base::errno_error("agent", "cannot make a socket", errno);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED)
      return base::Error{"agent/not-running", "no agent runs whose folder is " + home, {}};
    return base::errno_error("agent", "cannot ask the agent at " + path, errno);
  }
  std::string answer;
  char buffer[4096];
  for (;;) {
    pollfd waited{fd.get(), POLLIN, 0};
    if (poll(&waited, 1, k_answer_within_ms) == 0)
      return base::Error{"agent/silent", "the agent at " + path + " does not answer", {}};
    ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    answer.append(buffer, static_cast<size_t>(n));
  }
  return answer;
}

}  // namespace reops::agent
