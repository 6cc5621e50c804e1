#pragma once
// What `reops` does after its arguments are understood.

#include <cstddef>
#include <string>
#include <vector>

namespace reops::app {

struct Invocation {
  std::vector<std::string> expressions;  ///< -e, in order
  std::string main_ns;                   ///< -m
  std::string file;                      ///< a script; "-" is standard input
  std::string init;                      ///< a file loaded before the prompt
  std::vector<std::string> arguments;    ///< of the script, or of -main
  std::vector<std::string> load_path;    ///< folders before the configuration's own
  size_t memory_limit = 0;               ///< bytes; 0 keeps the default
  bool liveness = true;
  bool use_image = true;  ///< false: the library is loaded from its source
};

/// Returns the exit code: 0, 1 when something failed.
int run(const Invocation& invocation);

}  // namespace reops::app
