#pragma once
// What `reops` without a subcommand does after its arguments are understood: a prompt, a script, an
// expression.

#include <string>
#include <vector>

#include "options.hpp"

namespace reops::lang {
class Thrown;
}

namespace reops::app {

struct Invocation {
  std::vector<std::string> expressions;  ///< -e, in order
  std::string main_ns;                   ///< -m
  std::string file;                      ///< a script; "-" is standard input
  std::string init;                      ///< a file loaded before the prompt
  std::vector<std::string> arguments;    ///< of the script, or of -main
  RuntimeSettings runtime;
};

/// Returns the exit code: 0, 1 when something failed.
int run(const Invocation& invocation);

/// Says what was thrown at a program's end, and returns the exit code: 130 for Ctrl-C, else 1.
int report_failure(const lang::Thrown& thrown);

}  // namespace reops::app
