#pragma once
// A session: read a form, evaluate it, print its value, again. The same for a terminal and a pipe, where only
// the prompt is missing.

#include <functional>
#include <optional>
#include <string>

#include "repl/line_source.hpp"

namespace reops::repl {

struct SessionOptions {
  /// Shown first to a person.
  std::string banner;
  /// A file loaded before the first form; an error in it is reported and the session goes on.
  std::string init_file;
  /// Called between the two, if there is such.
  std::function<void()> ready;
  /// Colours for what is shown.
  bool color = false;
  /// The exit code that (System/exit) was called with in a session which ends by that.
  std::function<std::optional<int>()> left;
};

/// Runs until the input ends or `(exit)`. Returns the exit code: 0, or 1 when a form that came over a pipe
/// failed.
int run_session(LineSource& lines, const SessionOptions& options);

}  // namespace reops::repl
