#pragma once
// The threads that futures run on.

#include <chrono>
#include <functional>

namespace reops::lang {

/// Runs `work` on a thread of its own: an interpreter thread that waits for more work for a while afterwards.
/// Never queues behind other work. `work` must not throw.
void run_task(std::function<void()> work);

/// The same with stacks as large as those of the process' first thread: for what a person evaluates.
void run_session_task(std::function<void()> work);

/// Takes no further tasks, interrupts those that run and waits for them, at most so long; false if some still
/// run.
bool end_tasks(std::chrono::milliseconds patience);

/// Number of processors that a program should think there are.
unsigned processor_count();

}  // namespace reops::lang
