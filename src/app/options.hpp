#pragma once
// The options that everything which evaluates has in common, and how they become a runtime.

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace reops::app {

struct RuntimeSettings {
  std::vector<std::string> load_path;  ///< folders and archives before the configuration's own
  size_t memory_limit = 0;             ///< bytes; 0 keeps the default
  bool naive_registers = false;
  bool library_from_source = false;  ///< instead of the image
  bool checks_configuration = true;  ///< a configuration that is wrong keeps the program from starting
};

/// -L, --memory-limit and what tests set.
void add_runtime_options(CLI::App& app, RuntimeSettings& settings);

/// Parses; what the program is to exit with when there is nothing more to do (help, version, wrong
/// arguments).
std::optional<int> parse_arguments(CLI::App& app, std::vector<std::string> words);

/// Starts the language, calls `work` with it, and returns what that returned; 1, reported, when the language
/// itself does not start; 2 when the configuration is not as it should be.
int with_runtime(const RuntimeSettings& settings, const std::function<int()>& work);

}  // namespace reops::app
