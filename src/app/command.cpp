#include "command.hpp"

namespace reops::app {

std::span<const Command> commands() {
  static constexpr Command k_commands[] = {
      {"nrepl", "Serves editors: an nREPL server", run_nrepl},
  };
  return k_commands;
}

}  // namespace reops::app
