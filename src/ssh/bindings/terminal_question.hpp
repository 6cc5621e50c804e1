#pragma once
// Asking the person at the terminal.

#include <optional>
#include <string>

namespace reops::base {
class Surroundings;
}

namespace reops::ssh {

class TerminalQuestion {
 public:
  /// At the terminal of the calling thread; none when there is no terminal, or the thread is not the one that
  /// has it.
  static std::optional<TerminalQuestion> here();

  /// Shows the question, text of ours or made harmless already, and reads a line, which is shown where it
  /// `is_shown`, in any thread; none for Ctrl-D, when the person is gone, or when `cancel_fd` becomes
  /// readable first.
  std::optional<std::string> ask(const std::string& question, int cancel_fd, bool is_shown = false) const;

 private:
  bool wait_for_typing(int cancel_fd, bool& was_away) const;

  int in_ = -1;
  int out_ = -1;
  base::Surroundings* person_ = nullptr;
};

}  // namespace reops::ssh
