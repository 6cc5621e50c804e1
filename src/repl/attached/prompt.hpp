#pragma once
// A prompt of a person whose terminal another process holds, in a thread of its own: its own namespace,
// results, streams, folder and environment; all else it shares with the others of this process.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "lang/value/ref.hpp"
#include "repl/attached/frames.hpp"
#include "repl/person_terminal.hpp"

namespace reops::lang {
struct Thread;
}

namespace reops::repl {

/// Who asks for a prompt: as the system says, the terminal excepted, which they name themselves.
struct PromptPeer {
  std::uint64_t id = 0;  ///< counts prompts
  std::string user;
  std::int64_t uid = 0;
  std::int64_t pid = 0;
  std::string tty;
  bool first = false;  ///< the one whose process has made this one
};

/// What a prompt does besides reading and evaluating, as the program that has prompts wants it. All are
/// called in the prompt's thread.
struct PromptHooks {
  /// Bindings of the prompt, a map from vars to values: who asks.
  std::function<lang::Ref(const PromptPeer&, lang::Value surroundings)> begin;
  /// After the init file.
  std::function<void(const PromptPeer&)> ready;
  /// At the end, when the person leaves or is suddenly gone: whether the process is to go on when it was the
  /// last.
  std::function<bool(const PromptPeer&, bool gone)> end;
  std::string banner;
  /// Loaded before the first prompt of all.
  std::string first_init_file;
  std::string history_file;
};

class Prompt : public std::enable_shared_from_this<Prompt> {
 public:
  /// `tell` sends words to the person's process, from any thread.
  Prompt(PromptPeer peer, base::Surroundings::Given given, std::string init_file,
         std::shared_ptr<const PromptHooks> hooks, std::function<void(Words)> tell);

  /// Begins, with these bindings besides its own (a map from vars to values); `ended` is called at its end,
  /// in its thread, with the exit code and what the hook at the end said. Throws when there is no room for a
  /// thread.
  void start(lang::Ref bindings, std::function<void(int code, bool goes_on)> ended);

  /// What the person's process says has happened. Any thread.
  void on_words(const Words& words);
  void on_gone();

  /// Ends it with this exit code. Any thread of the language.
  void leave(int code);
  /// Has the person's process run a program at the terminal. For the prompt's own thread.
  base::Result<int> run_program(const std::vector<std::string>& argv);
  const std::shared_ptr<PersonTerminal>& terminal() const { return terminal_; }

 private:
  void run(const lang::Ref& bindings, int& code, bool& goes_on);
  int run_session();
  lang::Ref own_bindings(const lang::Ref& bindings);
  void interrupt();
  void set_thread(lang::Thread* thread);

  const PromptPeer peer_;
  const std::string init_file_;
  const std::shared_ptr<const PromptHooks> hooks_;
  const std::function<void(Words)> tell_;
  const std::shared_ptr<PersonTerminal> terminal_;
  std::mutex mutex_;
  lang::Thread* thread_ = nullptr;  ///< guarded by mutex_
  std::optional<int> left_;         ///< guarded by mutex_
  std::optional<Words> ran_;        ///< guarded by mutex_: how a program at the terminal has ended
};

}  // namespace reops::repl
