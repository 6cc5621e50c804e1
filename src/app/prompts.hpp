#pragma once
// Prompts of people: `reops` at a terminal attaches it to the controller, or becomes the controller.

#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/listener.hpp"
#include "base/owner_lock.hpp"
#include "repl/attached/server.hpp"
#include "run.hpp"

namespace reops::app {

/// What people at prompts are told when their controller ends.
constexpr const char* k_told_to_end = "The controller was told to end. Jobs go on when there is one again.";

/// Where prompts attach, and the right to let them. One process has it.
struct PromptDoor {
  std::unique_ptr<base::OwnerLock> lock;
  base::Listener listener;

  /// Nothing is had (no lock) when another process has it.
  static base::Result<PromptDoor> open();
  /// The process that has it, as it wrote it down; empty when nobody did.
  static std::string owner();
};

/// The prompts of this process, beginning with the bindings of the calling thread. `init_file` is loaded
/// before the first of them.
std::unique_ptr<repl::PromptServer> serve_prompts(base::EventLoop& loop, bool stays,
                                                  const std::string& init_file);

/// The prompt of the person at this process' terminal, from beginning to end; or, in a process that was made
/// for that, the controller. Returns the exit code. To be called before the process has any thread.
int run_person_prompt(const Invocation& invocation);

}  // namespace reops::app
