#pragma once
// Ctrl-C.
//
// The signal handler only writes to a pipe; a thread of its own reads it and interrupts the thread that
// evaluates, out of whatever it waits for. Every further Ctrl-C does the same again.

namespace reops::lang {

/// From now on SIGINT interrupts the calling interpreter thread (until it ends) instead of ending the
/// process. A program that stands at a prompt calls clear_interrupt (thread.hpp) before it evaluates.
void install_interrupt_handler();

/// Gives SIGINT back its default, for the time in which nothing evaluates.
void remove_interrupt_handler();

}  // namespace reops::lang
