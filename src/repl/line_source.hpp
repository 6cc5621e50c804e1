#pragma once
// Where a session's text comes from, a line at a time: a person at a terminal, or a pipe.

#include <memory>
#include <optional>
#include <string>

namespace reops::repl {

class LineSource {
 public:
  virtual ~LineSource() = default;
  /// The next line with its newline (the last one may lack it); nullopt at the end of the input. `prompt` is
  /// shown first, where there is somebody to see it. An interrupted line is reported as an empty optional
  /// with `interrupted()` set.
  virtual std::optional<std::string> read(const std::string& prompt) = 0;
  virtual bool interrupted() const { return false; }
  /// Remembers a whole form that was typed.
  virtual void remember(const std::string& form) = 0;
  /// A person reads the answers.
  virtual bool interactive() const = 0;
};

/// Line editing and history by libedit; the history file is `history_path` (created 0600).
std::unique_ptr<LineSource> terminal_lines(const std::string& history_path);
/// Plain lines from standard input.
std::unique_ptr<LineSource> plain_lines();

}  // namespace reops::repl
