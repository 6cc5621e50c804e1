#pragma once
// What the programs ask of the controller, which is written in our own language (lib/re_core/controller.clj).

#include <initializer_list>

#include "lang/value/ref.hpp"

namespace reops::app {

/// Calls a function of re-core.controller.
lang::Ref call_controller(const char* function, std::initializer_list<lang::Value> args);

/// The same, of one that takes nothing. An error is reported. Returns the exit code that it stands for.
int controller_call(const char* function);

/// What this process is to reops.peer/peer: "controller", "nrepl".
void set_process_kind(const char* kind);

}  // namespace reops::app
