#pragma once
// Whom a thread works for, where that is not the process itself: the person at a prompt that is attached.
// What `reops.internal/*surroundings*` is bound to in the thread of the prompt, and from there in its
// futures.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/surroundings.hpp"
#include "lang/value/handle.hpp"

namespace reops::lang {

class PersonServed : public Resource {
 public:
  virtual base::Surroundings& surroundings() = 0;
  /// Whether the person is still there.
  virtual bool attached() const = 0;
  /// (System/exit code), which ends the prompt and not the process. Any thread; whoever calls it ends its own
  /// evaluation afterwards.
  virtual void leave(int code) = 0;
  /// Runs a program that has the person's terminal, as base::run_at_terminal does: by the process that has
  /// it. For the prompt's own thread.
  virtual base::Result<int> run_program(const std::vector<std::string>& argv) = 0;
};

/// Of the calling thread; null when it works for the process. It lives as long as the bindings in effect.
PersonServed* person_served();

}  // namespace reops::lang
