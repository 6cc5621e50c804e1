#pragma once
// A session of an nREPL client: bindings of its own, and evaluations one after another.

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "lang/value/ref.hpp"
#include "repl/nrepl/channel.hpp"
#include "repl/nrepl/streams.hpp"
#include "repl/nrepl/tasks.hpp"

namespace reops::lang {
struct Thread;
}

namespace reops::repl {

/// What a client wants evaluated.
struct Evaluation {
  Request request;
  std::string code;
  std::string ns;    ///< for this evaluation alone; empty: the session's
  std::string file;  ///< what positions name; empty: made up
  uint32_t line = 1, column = 1;
  bool whole_file = false;  ///< answered with the last form's value alone
  size_t most_printed = size_t{16} << 20;
};

/// The loop's thread calls everything public. Evaluations run on threads of the language; so does whatever
/// touches the session's values.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(std::string id) : id_(std::move(id)) {}
  const std::string& id() const { return id_; }

  /// Begins with the bindings of `other`, as they are when its turn comes. One that is closed by then leaves
  /// this one as closed as itself.
  void begin_as(std::shared_ptr<Session> other);
  /// Begins with the bindings that the calling thread has, which must be the program's first.
  void begin_here();

  /// Answers the request, after what was asked before.
  void evaluate(Evaluation evaluation);

  enum class Interrupted { running, waiting, idle, other };
  /// Ends the evaluation of that request, or whatever runs when there is no id: `other` when that is no
  /// request of ours.
  Interrupted interrupt(const std::optional<Bencode>& id);
  /// Ends what runs for a client that is gone.
  void interrupt_for(const Channel& gone);
  InputQueue& input() { return *input_; }
  /// Ends what runs, answers what waits, and lets go of the session's values.
  void close();

  /// The name of the namespace that the session is in.
  std::string ns_name() const;

 private:
  friend class Evaluator;

  static constexpr size_t k_most_waiting_bytes = size_t{64} << 20;

  bool wait_in_line(const Evaluation& evaluation);
  bool leave_line(const Evaluation& evaluation);
  bool begin(const Evaluation& evaluation);
  void run(const Evaluation& evaluation);
  bool end();
  lang::Ref values() const;
  void set_values(lang::Ref values, std::string ns_name);

  const std::string id_;
  const std::shared_ptr<SerialTasks> tasks_ = std::make_shared<SerialTasks>();
  const std::shared_ptr<InputQueue> input_ = std::make_shared<InputQueue>();

  mutable std::mutex lock_;  // guards what follows; nothing is called with it held but interrupts
  lang::Ref values_;         ///< map Var → value; published, and touched by language threads only
  std::string ns_name_ = "user";
  const Evaluation* running_ = nullptr;
  lang::Thread* thread_ = nullptr;  ///< that runs it
  bool interrupted_ = false;        ///< what runs was asked to end
  bool closing_ = false;
  size_t waiting_bytes_ = 0;            ///< of code
  std::multiset<std::string> waiting_;  ///< the ids of requests that wait, encoded
  std::set<std::string> cancelled_;     ///< those of them that shall not run
};

}  // namespace reops::repl
