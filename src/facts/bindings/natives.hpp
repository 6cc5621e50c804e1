#pragma once
// The facts room as the language sees it: the namespace reops.facts.native.

#include "lang/builtin/native.hpp"

namespace reops::facts {

extern const lang::NativeModule k_natives;

}  // namespace reops::facts
