#pragma once
// What the programs ask of the controller, which is written in our own language (lib/re_core/controller.clj).

namespace reops::app {

/// Calls a function of re-core.controller that takes nothing. An error is reported. Returns the exit code
/// that it stands for.
int controller_call(const char* function);

}  // namespace reops::app
