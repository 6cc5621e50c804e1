#pragma once
// A hypervisor, by its URI: opened when it is first needed, and again after it was lost.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/worker_pool.hpp"
#include "libvirt/error.hpp"
#include "libvirt/event_log.hpp"

struct _virConnect;

namespace reops::libvirt {

/// One waiting for one call: the thread that waits can be told to give up, and what the call comes to
/// afterwards is dropped.
class Waiting {
 public:
  void interrupt();
  void finish();
  /// False when the deadline passed or somebody interrupted.
  bool wait(base::Deadline deadline);
  bool interrupted();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
  bool interrupted_ = false;
};

/// Thread-safe. Calls run on threads of a pool, because the library cannot be made to return from one: a call
/// whose deadline has passed goes on by itself, and nobody knows whether it will have acted.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Options {
    base::Millis call_deadline{30'000};
    /// Seconds between signs of life, and how many may be missed.
    int keep_alive_seconds = 5;
    unsigned keep_alive_count = 4;
  };

  static std::shared_ptr<Connection> make(std::string uri, Options options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const std::string& uri() const { return uri_; }
  const Options& options() const { return options_; }
  EventLog& events() { return *events_; }
  Call call(std::string name, std::string object = "") const {
    return {std::move(name), std::move(object), uri_};
  }

  /// Lets go of the hypervisor. What is called next opens it again.
  void close();

  /// Runs `work` with the open connection, on another thread. T is a Result.
  template <class T>
  T run(const std::shared_ptr<Waiting>& waiting, const Call& call, base::Deadline deadline,
        std::function<T(_virConnect*)> work) {
    auto result = std::make_shared<std::optional<T>>();
    bool posted = pool().post([self = shared_from_this(), waiting, result, work = std::move(work)] {
      auto link = self->link();
      if (!link) {
        result->emplace(link.error());
      } else {
        result->emplace(work(connection_of(*link.value())));
      }
      waiting->finish();
    });
    if (!posted) return T(own_error("libvirt/failed", call, "no thread can be had"));
    if (!waiting->wait(deadline)) {
      return T(own_error(
          "libvirt/timeout", call,
          waiting->interrupted() ? "interrupted; it may still act" : "no answer in time; it may still act"));
    }
    return std::move(**result);
  }

 private:
  class Link;
  using LinkPtr = std::shared_ptr<Link>;

  Connection(std::string uri, Options options);
  base::Result<LinkPtr> link();
  base::Result<LinkPtr> open();
  static _virConnect* connection_of(Link& link);
  static base::WorkerPool& pool();

  const std::string uri_;
  const Options options_;
  // Callbacks of the library may come after this has gone.
  const std::shared_ptr<EventLog> events_;
  std::mutex mutex_;  // guards link_; held while it is opened, so that it is opened once
  LinkPtr link_;
};

}  // namespace reops::libvirt
