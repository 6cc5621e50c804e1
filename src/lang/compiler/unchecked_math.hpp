#pragma once
// `*unchecked-math*`: while a file has set it, arithmetic on integers wraps around instead of overflowing.

#include <span>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// A call of one of core's arithmetic functions, which `callee` is the var of, as a call of its unchecked
/// counterpart; none() for all else, and while *unchecked-math* is not set. `parts` is the call's form taken
/// apart.
Ref unchecked_call(Value callee, std::span<const Ref> parts);

}  // namespace reops::lang
