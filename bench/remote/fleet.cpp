// reops_fleet: a fleet of make-believe SSH hosts for benchmarks. One process answers on one port of all of
// 127/8, cheaply enough that a client can be measured against it. Every command gets the same answer, at
// once; it is no stand-in for an SSH server in a test. It ends with the process that started it.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/errors.hpp"
#include "base/event_loop.hpp"
#include "base/unique_fd.hpp"
#include "fleet_host.hpp"
#include "fleet_options.hpp"
#include "ssh/handles.hpp"

namespace reops::fleet {
namespace {

constexpr int k_backlog = 8192;

base::Error failed(const std::string& what) { return base::errno_error("fleet", what, errno); }

sockaddr_in socket_address(std::uint32_t address, std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(address);
  return where;
}

base::Result<base::UniqueFd> listen_at(std::uint32_t address, std::uint16_t port, int backlog) {
  base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return failed("cannot open a socket");
  const int one = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  // So that single addresses can have a listener of their own beside the one for all.
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  const sockaddr_in where = socket_address(address, port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) < 0 ||
      ::listen(socket.get(), backlog) < 0)
    return failed("cannot listen on port " + std::to_string(port));
  return socket;
}

// The kernel drops a SYN for a listener whose queue is full: one place, which our own call takes.
base::Result<void> bury(const Range& range, std::uint16_t port, std::vector<base::UniqueFd>& graves) {
  for (std::uint32_t address = range.first; address <= range.last; ++address) {
    auto listener = listen_at(address, port, 0);
    if (!listener) return listener.take_error();
    graves.push_back(std::move(listener).value());
    base::UniqueFd caller(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in where = socket_address(address, port);
    if (!caller || ::connect(caller.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) < 0)
      return failed("cannot bury a host");
    graves.push_back(std::move(caller));
  }
  return {};
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class Fleet {
 public:
  Fleet(const Options& options, base::UniqueFd listener)
      : options_(options), listener_(std::move(listener)) {}

  base::Result<void> run();

 private:
  base::Result<void> load_keys();
  void accept_all();

  const Options& options_;
  base::UniqueFd listener_;
  std::unique_ptr<base::EventLoop> loop_;
  BindHandle bind_;
  ssh::KeyHandle authorized_;
  std::unordered_map<int, std::unique_ptr<Host>> hosts_;  // by their sockets
};

base::Result<void> Fleet::load_keys() {
  bind_.reset(ssh_bind_new());
  ssh_key host_key = nullptr;
  if (ssh_pki_import_privkey_file(options_.host_key.c_str(), nullptr, nullptr, nullptr, &host_key) != SSH_OK)
    return base::Error{"fleet", "cannot read the key " + options_.host_key, {}};
  const bool no = false;
  if (ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &no) < 0 ||
      ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_IMPORT_KEY, host_key) < 0)
    return base::Error{"fleet", ssh_get_error(bind_.get()), {}};
  ssh_key authorized = nullptr;
  if (ssh_pki_import_pubkey_file(options_.authorized.c_str(), &authorized) != SSH_OK)
    return base::Error{"fleet", "cannot read the key " + options_.authorized, {}};
  authorized_.reset(authorized);
  return {};
}

void Fleet::accept_all() {
  for (;;) {
    base::UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
      std::fprintf(stderr,
                   "reops_fleet: %s: a connection needs a descriptor; raise the hard limit (ulimit -Hn)\n",
                   base::errno_text(errno).c_str());
      std::_Exit(1);
    }
    sockaddr_in called{};
    socklen_t size = sizeof called;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&called), &size);
    const int number = socket.get();
    char name[INET_ADDRSTRLEN] = "";
    ::inet_ntop(AF_INET, &called.sin_addr, name, sizeof name);
    Host::Setup setup{*loop_, bind_.get(), authorized_.get(), name,
                      options_.manner_of(ntohl(called.sin_addr.s_addr))};
    auto host = std::make_unique<Host>(std::move(setup), std::move(socket), [this, number] {
      // It is on the stack; its socket's number is taken until it goes.
      auto over = std::make_shared<std::unique_ptr<Host>>(std::move(hosts_[number]));
      hosts_.erase(number);
      loop_->post([over] {});
    });
    if (host->start()) hosts_[number] = std::move(host);
  }
}

base::Result<void> Fleet::run() {
  auto loop = base::EventLoop::create();
  if (!loop) return loop.take_error();
  loop_ = std::move(loop).value();
  if (auto loaded = load_keys(); !loaded) return loaded;
  auto watch = loop_->watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept_all(); });
  if (!watch) return watch.take_error();
  return loop_->run();
}

base::Result<void> run(const std::vector<std::string>& words) {
  auto options = read_options(words);
  if (!options) return options.take_error();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  auto listener = listen_at(INADDR_ANY, options.value().port, k_backlog);
  if (!listener) return listener.take_error();
  std::vector<base::UniqueFd> graves;
  for (const Range& range : options.value().ranges)
    if (range.manner == Manner::dead)
      if (auto buried = bury(range, options.value().port, graves); !buried) return buried;
  std::puts("ready");
  std::fflush(stdout);
  for (std::size_t i = 1; i < options.value().processes; ++i) {
    if (::fork() != 0) continue;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    break;
  }
  return Fleet(options.value(), std::move(listener).value()).run();
}

}  // namespace
}  // namespace reops::fleet

int main(int count, char** words) {
  const auto ran = reops::fleet::run({words + 1, words + count});
  if (ran) return 0;
  std::fprintf(stderr, "reops_fleet: %s\n", ran.error().message.c_str());
  return 2;
}
