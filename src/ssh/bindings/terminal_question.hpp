#pragma once
// Asking the person at the terminal.

#include <optional>
#include <string>

namespace reops::ssh {

/// Whether there is a terminal, and the calling thread is the one that has it.
bool can_ask();

/// Shows the question, text of ours or made harmless already, on the terminal and reads a line, which is
/// shown where it `is_shown`; none for Ctrl-D, or when `cancel_fd` becomes readable first.
std::optional<std::string> ask_on_terminal(const std::string& question, int cancel_fd, bool is_shown = false);

}  // namespace reops::ssh
