#pragma once
// The process at a person's terminal: it brings the terminal to the controller, passes on what the terminal
// and the shell signal, and sees to it that the terminal is left as it was found, whatever becomes of the
// controller.

#include <termios.h>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/signal_source.hpp"
#include "base/unique_fd.hpp"
#include "repl/attached/frames.hpp"

namespace reops::repl {

class PromptClient {
 public:
  /// To be made while no other thread runs: signals are taken from now on.
  static base::Result<PromptClient> create();
  PromptClient(PromptClient&&) = default;

  struct End {
    enum class Way {
      left,     ///< with an exit code
      refused,  ///< `why`
      silent,   ///< the controller did not answer in time
      lost,     ///< it has died
      told,     ///< a signal told us to end; `code` is what a shell expects
    };
    Way way;
    int code = 0;
    std::string why{};
    std::string controller{};  ///< its process, once it has answered
  };

  /// Attaches the terminal over this socket, and returns when it is attached no more.
  End attach(base::UniqueFd socket, const std::string& version, const std::string& init_file);
  /// Asks a question with one line as its answer; empty when there is none.
  std::string ask(const std::string& question);

 private:
  class Modes;

  explicit PromptClient(base::SignalSource signals) : signals_(std::move(signals)) {}
  bool say_hello(int socket, const std::string& version, const std::string& init_file);
  End converse(int socket);
  /// The exit code, when the signal means that we end.
  std::optional<int> on_signal(int number, int socket);
  std::optional<int> run_program(const Words& argv, int socket);
  void go_to_the_shell(int socket);

  base::SignalSource signals_;
  termios before_{};
  base::Deadline stop_at_the_latest_ = base::Deadline::never();
};

}  // namespace reops::repl
