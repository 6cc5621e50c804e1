#include "agent/resolver.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <map>
#include <utility>

namespace reops::agent {
namespace {

constexpr int k_timeout_ms = 2000;
constexpr int k_tries = 3;

bool is_address(const std::string& text) {
  in6_addr any;
  return inet_pton(AF_INET, text.c_str(), &any) == 1 || inet_pton(AF_INET6, text.c_str(), &any) == 1;
}

std::string text_of(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  }
  return text;
}

}  // namespace

class Resolver::Question {
 public:
  Question(base::EventLoop& loop, std::string name, Answer answer)
      : loop_(loop), name_(std::move(name)), answer_(std::move(answer)) {}

  ~Question() {
    loop_.cancel(timer_);
    // Its callbacks come a last time, and find no one.
    answer_ = nullptr;
    if (channel_ != nullptr) ares_destroy(channel_);
    for (auto& [fd, watch] : watches_) loop_.unwatch(watch);
  }

  void start() {
    if (is_address(name_)) return finish(name_);
    ares_options options{};
    options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
      static_cast<Question*>(self)->watch(fd, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    options.timeout = k_timeout_ms;
    options.tries = k_tries;
    int made =
        ares_init_options(&channel_, &options, ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (made != ARES_SUCCESS) return fail(made);
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    ares_getaddrinfo(
        channel_, name_.c_str(), nullptr, &hints,
        [](void* self, int status, int, ares_addrinfo* found) {
          static_cast<Question*>(self)->on_found(status, found);
        },
        this);
    wait();
  }

 private:
  void on_found(int status, ares_addrinfo* found) {
    if (answer_) {
      std::string address;
      for (const ares_addrinfo_node* node = found ? found->nodes : nullptr; node && address.empty();
           node = node->ai_next)
        address = text_of(node->ai_addr);
      if (status == ARES_SUCCESS && !address.empty()) {
        finish(address);
      } else {
        fail(status == ARES_SUCCESS ? ARES_ENODATA : status);
      }
    }
    if (found) ares_freeaddrinfo(found);
  }

  void watch(int fd, bool readable, bool writable) {
    uint32_t events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
    auto known = watches_.find(fd);
    if (known != watches_.end()) {
      loop_.unwatch(known->second);
      watches_.erase(known);
    }
    if (events == 0) return;
    auto watched = loop_.watch(fd, events, [this, fd](uint32_t happened) {
      bool in = (happened & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
      bool out = (happened & EPOLLOUT) != 0;
      ares_process_fd(channel_, in ? fd : ARES_SOCKET_BAD, out ? fd : ARES_SOCKET_BAD);
      wait();
    });
    if (watched) watches_[fd] = watched.value();
  }

  void wait() {
    loop_.cancel(std::exchange(timer_, 0));
    if (!answer_) return;
    timeval most{k_timeout_ms / 1000, 0}, next{};
    timeval* left = ares_timeout(channel_, &most, &next);
    timer_ =
        loop_.at(base::Deadline::in(base::Millis(left->tv_sec * 1000 + left->tv_usec / 1000 + 1)), [this] {
          ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
          wait();
        });
  }

  void fail(int status) {
    std::string why =
        status == ARES_ENOTFOUND || status == ARES_ENODATA ? "there is no such name" : ares_strerror(status);
    give(base::Error{"agent/no-address", "no address is known for " + name_ + ": " + why, {{"host", name_}}});
  }
  void finish(std::string address) { give(std::move(address)); }

  // Not from within: whoever gets it may end this question.
  void give(base::Result<std::string> result) {
    loop_.post([answer = std::exchange(answer_, nullptr), result = std::move(result)] { answer(result); });
  }

  base::EventLoop& loop_;
  const std::string name_;
  Answer answer_;
  ares_channel channel_ = nullptr;
  std::map<int, base::EventLoop::WatchId> watches_;
  base::EventLoop::TimerId timer_ = 0;
};

Resolver::Resolver(base::EventLoop& loop) : loop_(loop) {}
Resolver::~Resolver() = default;

void Resolver::ask(const std::string& name, Answer answer) {
  question_ = std::make_unique<Question>(loop_, name, std::move(answer));
  question_->start();
}

}  // namespace reops::agent
