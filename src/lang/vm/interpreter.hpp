#pragma once
// The interpreter: one loop over register bytecode, on a stack of values of its own.

#include <span>

#include "lang/value/ref.hpp"
#include "lang/vm/code.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {

/// Runs the frame on top of `thread` (marked `entry`) until it returns.
Ref run(Thread& thread);

/// Calls `fn` with code `code`, whose parameters (the rest parameter included) stand, owned, in the window at
/// `thread.top`. The window is consumed, also when this throws.
Ref run_code(Thread& thread, Function& fn, Code& code);

struct Native;
/// Calls a native with the arguments in `window`, having checked their number. What it leaves there is the
/// caller's.
Ref call_native(const Native& native, Value* window, size_t count);

/// Calls anything but what resolve_callee resolves. The `count` arguments in `window` are owned and consumed;
/// a bytecode function runs nested.
Ref invoke(Thread& thread, Value callee, Value* window, size_t count);

/// Calls anything callable with `count` arguments that it moves out of `args`; a bytecode function runs
/// nested, its frame above all that is in use.
Ref call_moving(Value callee, Value* args, size_t count);

/// Resolves protocol methods, multimethods and vars to what they run for these arguments. Borrowed, or kept
/// by `hold`.
Value resolve_callee(Value callee, std::span<const Value> args, Ref& hold);

/// Moves the arguments from `window` to `to`, which may be the same place, those past `code.params` gathered
/// into the rest parameter's list. When it throws, all are where they were.
void gather_rest(const Code& code, Value* window, size_t count, Value* to);

/// `apply`: `last` is a sequence of further arguments; a rest parameter takes it unrealised.
Ref apply(Value f, std::span<const Value> args, Value last);

[[noreturn]] void throw_wrong_arity(const Function& fn, size_t count);
[[noreturn]] void throw_stack_overflow();

/// Notes in `error` which frames are running, if nothing is noted there yet.
void attach_trace(Thread& thread, Value error);

}  // namespace reops::lang
