#pragma once
// Batch: the requests of one call of Engine::run(), begun in order as there is room.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/unique_fd.hpp"
#include "ssh/host_run.hpp"
#include "ssh/outcome.hpp"
#include "ssh/slots.hpp"

namespace reops::ssh {

/// Where the loop leaves outcomes for the thread that waits for them.
class Mailbox {
 public:
  Mailbox();

  /// Readable while something may be in the box.
  int fd() const { return wake_.get(); }
  /// Any thread.
  void put(std::vector<Outcome> outcomes);
  std::vector<Outcome> take();

 private:
  base::UniqueFd wake_;
  std::mutex mutex_;  // guards what follows
  std::vector<Outcome> outcomes_;
};

/// The loop's thread has it. Keeps itself while hosts are worked on; its caller must while they wait for
/// their turn.
class Batch : public std::enable_shared_from_this<Batch> {
 public:
  Batch(const Services& services, Login::Goal goal, std::vector<Plan> plans, std::size_t max_in_flight,
        std::shared_ptr<Mailbox> mailbox);

  void start() { fill(); }
  /// Ends all that has not ended.
  void cancel();
  /// The same, because the time of the whole run, `allowed`, is over.
  void expire(base::Millis allowed);

 private:
  void fill();
  void begin_next();
  std::shared_ptr<HostRun> make_next();
  template <class End>
  void end_all(End end);
  void ended(std::size_t index, Outcome outcome);
  void deliver(Outcome outcome);

  Services services_;
  Login::Goal goal_;
  std::vector<Plan> plans_;
  std::size_t in_flight_limit_;
  std::shared_ptr<Mailbox> mailbox_;
  std::map<std::size_t, std::shared_ptr<HostRun>> running_;
  std::vector<Outcome> to_deliver_;
  std::size_t next_ = 0;
  std::size_t places_ = 0;  // taken or asked for
};

}  // namespace reops::ssh
