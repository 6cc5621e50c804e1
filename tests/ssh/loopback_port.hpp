#pragma once
// LoopbackPort: a port on 127.0.0.1 that is no SSH server, and how it misbehaves.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"

namespace reops::testing {

class LoopbackPort {
 public:
  enum class Manner {
    silent,    ///< accepts and says nothing
    full,      ///< its queue is full, so that the kernel answers no more connections
    closed,    ///< nothing listens
    speaking,  ///< says what it is told to, then closes
    stalling,  ///< says what it is told to, then nothing more
  };

  explicit LoopbackPort(Manner manner, std::string speech = "") : speech_(std::move(speech)) {
    socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = here();
    socklen_t size = sizeof address;
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) < 0 ||
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) < 0)
      throw std::runtime_error("no port on 127.0.0.1");
    port_ = ntohs(address.sin_port);
    if (manner == Manner::closed) return;  // bound, so that nobody else gets the number
    ::listen(socket_.get(), manner == Manner::full ? 0 : 64);
    if (manner == Manner::full) fill();
    if (manner == Manner::speaking || manner == Manner::stalling)
      thread_ = std::thread([this, manner] { speak(manner); });
  }

  ~LoopbackPort() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  LoopbackPort(const LoopbackPort&) = delete;
  LoopbackPort& operator=(const LoopbackPort&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  static sockaddr_in here() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  // Connects until a connection is left hanging.
  void fill() {
    sockaddr_in address = here();
    address.sin_port = htons(port_);
    for (int i = 0; i < 16; ++i) {
      base::UniqueFd filler(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      ::connect(filler.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
      pollfd connected{filler.get(), POLLOUT, 0};
      kept_.push_back(std::move(filler));
      if (::poll(&connected, 1, 300) == 0) return;
    }
    throw std::runtime_error("the queue of a listening socket cannot be filled");
  }

  void speak(Manner manner) {
    while (!stopping_) {
      pollfd waiting{socket_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      base::UniqueFd peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!speech_.empty()) ::send(peer.get(), speech_.data(), speech_.size(), MSG_NOSIGNAL);
      if (manner == Manner::speaking)
        ::shutdown(peer.get(), SHUT_WR);
      else
        kept_.push_back(std::move(peer));
    }
  }

  std::string speech_;
  base::UniqueFd socket_;
  std::vector<base::UniqueFd> kept_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace reops::testing
