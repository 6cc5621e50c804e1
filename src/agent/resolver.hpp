#pragma once
// Names of hosts to addresses, by c-ares: what a static glibc cannot do.

#include <functional>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/result.hpp"

namespace reops::agent {

/// One question after another, each with what /etc/hosts and /etc/resolv.conf say then. For the loop's
/// thread.
class Resolver {
 public:
  using Answer = std::function<void(base::Result<std::string>)>;

  explicit Resolver(base::EventLoop& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Calls `answer`, later, with an address in digits. A question that is under way is dropped.
  void ask(const std::string& name, Answer answer);

 private:
  class Question;
  base::EventLoop& loop_;
  std::unique_ptr<Question> question_;
};

}  // namespace reops::agent
