#pragma once
// Where a session's text comes from: a person at a terminal, or a pipe.

#include <memory>
#include <optional>
#include <string>

namespace reops::repl {

class PersonTerminal;

class LineSource {
 public:
  virtual ~LineSource() = default;
  /// The next line with its newline (the last one may lack it), or from an editor all lines of a form;
  /// nullopt at the end of the input. `prompt` is shown first, where there is somebody to see it. An
  /// interrupted line is reported as an empty optional with `interrupted()` set.
  virtual std::optional<std::string> read(const std::string& prompt) = 0;
  virtual bool interrupted() const { return false; }
  /// A person reads the answers.
  virtual bool interactive() const = 0;
};

/// The editor, with what was typed before kept in the file `history_path`.
std::unique_ptr<LineSource> terminal_lines(PersonTerminal& terminal, const std::string& history_path);
/// Lines after a prompt, for terminals that the editor cannot draw on.
std::unique_ptr<LineSource> prompted_lines();
/// Plain lines from standard input.
std::unique_ptr<LineSource> plain_lines();

}  // namespace reops::repl
