#pragma once
// The list of interpreter threads, as the files of this folder see it: who takes part in handshakes.

#include <functional>
#include <vector>

#include "lang/vm/thread.hpp"

namespace reops::lang {

void enter_registry(Thread& thread);
void leave_registry(Thread& thread);

/// Ctrl-C reaches `thread` no more (interrupt.cpp): it is about to end.
void forget_interrupt_target(Thread& thread);

/// Calls `visit` for every interpreter thread, under the registry's lock: it must neither block nor run
/// language code.
void each_thread(const std::function<void(Thread&)>& visit);

/// Scans the calling thread's own stack for a handshake that is under way, if it has not yet.
void acknowledge_handshake(Thread& thread);

/// The addresses that stacks and frames of all threads hold, in no order and perhaps more than once, some of
/// them of objects that are long gone. Only while the world is stopped.
std::vector<const Object*> held_by_stacks();

/// From here until leave_blocked the thread touches neither its stack nor any borrowed value; others scan it
/// meanwhile. Returns whether it was blocked already (a region within a region), to be handed to
/// leave_blocked.
bool enter_blocked(Thread& thread);
void leave_blocked(Thread& thread, bool was_blocked);

/// Runs `work` while every other interpreter thread stands at a poll or is blocked; false when that could not
/// be reached within a second, and then `work` was not run. `work` runs no language code. For the cycle
/// collector.
bool with_world_stopped(const std::function<void()>& work);

}  // namespace reops::lang
