#pragma once
// Running other programs: no shell in between, every byte of both outputs, a deadline, a way to cancel.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace reops::base {

/// What to run and within which bounds.
struct ProcessSpec {
  /// The program (looked up in PATH when it has no slash) and its arguments.
  std::vector<std::string> argv;
  /// Given to the program's standard input, which then ends.
  std::string input;
  /// The whole environment; none means this process's own.
  std::optional<std::map<std::string, std::string>> environment;
  /// Empty means this process's own folder.
  std::string folder;
  Deadline deadline = Deadline::never();
  /// A descriptor that becomes readable when the run is to end, such as Cancel::fd(); -1 for none. Not owned.
  int cancel_fd = -1;
  /// Bytes kept of each output. More is read and thrown away, so the program never blocks on us.
  std::size_t output_limit = std::size_t{64} << 20;
  /// How long the program's process group may take to end after SIGTERM, before SIGKILL.
  Millis kill_grace = Millis(100);
};

/// How a program ended.
struct ProcessResult {
  enum class End { exited, signalled, timed_out, cancelled };
  End end = End::exited;
  /// The exit code, or 128+N when signal N ended it.
  int code = 0;
  std::string out;
  std::string err;
  std::size_t out_dropped = 0;  ///< bytes beyond the limit
  std::size_t err_dropped = 0;
};

/// Runs to the end and reports it. An Error means that the program did not start. The program has a process
/// group of its own, and that whole group is killed when the deadline passes or the run is cancelled. Output
/// that background children write after the program itself has ended is not waited for.
Result<ProcessResult> run_process(const ProcessSpec& spec);

}  // namespace reops::base
