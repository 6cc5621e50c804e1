#include "command.hpp"

namespace reops::app {

std::span<const Command> commands() {
  static constexpr Command k_commands[] = {
      {"exec", "Runs a command on many hosts at once", run_exec},
      {"ping", "Says which hosts can be reached", run_ping},
      {"hosts", "Prints the hosts that names, groups and inventories stand for", run_hosts},
      {"nrepl", "Serves editors: an nREPL server", run_nrepl},
      {"serve", "The controller without a terminal: runs jobs, serves editors", run_serve},
      {"config", "Checks the configuration, or shows it", run_config},
      {"doctor", "Says what is missing on this machine, and how to get it", run_doctor},
  };
  return k_commands;
}

}  // namespace reops::app
