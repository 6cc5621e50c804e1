#pragma once
// Calling a function of the language from C++.

#include <initializer_list>
#include <span>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Calls anything callable (functions, natives, keywords, maps, sets, vectors, vars, multimethods, records …)
/// with borrowed arguments. Throws Thrown. `f` must stay alive during the call: hold a Ref if it came from a
/// cell.
Ref call(Value f, std::span<const Value> args);
Ref call(Value f, std::initializer_list<Value> args);
/// Calls a function without arguments and takes no count of it meanwhile: one that is called once (`^:once
/// fn*`) and that nobody but the caller holds then moves its captured values out as it goes, and keeps
/// nothing alive that it is done with. `f` must stay alive during the call.
Ref call_once(Value f);

/// Throws the interrupt, or serves a pending handshake, when one was asked for: loops in natives that may run
/// long call it once in a while.
void poll();

/// The same after a wait, which an interrupt has ended: raises also one that an InterruptHold keeps waiting.
void poll_after_wait();

}  // namespace reops::lang
