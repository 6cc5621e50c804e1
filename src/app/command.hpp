#pragma once
// Subcommands: `reops NAME …`, one file each.

#include <span>
#include <string>
#include <vector>

namespace reops::app {

struct Command {
  const char* name;
  const char* summary;  ///< one line of `reops --help`
  /// `arguments` are what follows the name. Returns the exit code.
  int (*run)(const std::vector<std::string>& arguments);
};

/// Every subcommand, in the order of the help.
std::span<const Command> commands();

int run_config(const std::vector<std::string>& arguments);
int run_doctor(const std::vector<std::string>& arguments);
int run_exec(const std::vector<std::string>& arguments);
int run_hosts(const std::vector<std::string>& arguments);
int run_ping(const std::vector<std::string>& arguments);
int run_nrepl(const std::vector<std::string>& arguments);
int run_serve(const std::vector<std::string>& arguments);

}  // namespace reops::app
