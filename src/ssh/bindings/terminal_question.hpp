#pragma once
// Asking the person at the terminal for a secret.

#include <optional>
#include <string>

namespace reops::ssh {

/// Whether there is a terminal, and the calling thread is the one that has it.
bool can_ask();

/// Shows the question on the terminal and reads a line that is not shown; none for Ctrl-D, or when
/// `cancel_fd` becomes readable first.
std::optional<std::string> ask_on_terminal(const std::string& question, int cancel_fd);

}  // namespace reops::ssh
