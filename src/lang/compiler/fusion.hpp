#pragma once
// Fusion: a function, and the functions that it has captured, made one.
//
// A loop of the library that runs what it was given (`reduce`, and all that is made of it) spends most of its
// time on calls: of a transducer's step, of the function in it, of the step after. What a function has
// captured never changes, so these calls can be written out. `fuse` does that on the resolved trees: the
// function it makes has one row of captured values, of all the functions whose calls it no longer makes. What
// is called by its var stays a call, since the var may be given another function meanwhile.
//
// Nobody sees the difference: a trace names the functions as if each had its frame (Code::inlined_calls).

#include "lang/value/ref.hpp"

namespace reops::lang {

/// `function`, or one that does the same with the calls of captured functions written out. What was made is
/// remembered by the thread for functions of the same shape (the same code, whatever values it has captured),
/// so that making it is paid for once.
Ref fuse(Ref function);

}  // namespace reops::lang
