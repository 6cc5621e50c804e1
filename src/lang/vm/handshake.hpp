#pragma once
// Freeing what others may still read without a count.
//
// Var roots and method tables are read borrowed. Who replaces one retires the old value here; it is released
// after a handshake: every interpreter thread has, at a poll (or, while it is blocked, by our hand), scanned
// its value stack and frames and does not hold it. What some stack still holds waits for the next handshake.

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Releases `old` once no thread's stack holds it. Starts a handshake when enough has gathered.
void retire(Ref old);

/// Starts a handshake now and waits (at most a second) until it is complete; returns how many retired values
/// are left. Part of `(gc)`, and of tests.
size_t drain_retired();

}  // namespace reops::lang
