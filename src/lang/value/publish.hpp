#pragma once
// Publication: before a value can be reached from a second thread, it and all it reaches become SHARED.
//
// This is the invariant that plain counts and in-place updates rest on. Walks only what is not shared yet, so
// each object is visited once in its life. Iterative.

#include "lang/value/value.hpp"

namespace reops::lang {

void publish(Value v);

/// Makes `v` and all it reaches immortal: for interned names and what lives as long as the process.
void immortalize(Value v);

}  // namespace reops::lang
