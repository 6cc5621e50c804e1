#pragma once
// The natives of the control socket (control.cpp), for the module's table.

#include <vector>

#include "lang/builtin/native.hpp"

namespace reops::store {

const std::vector<lang::NativeDef>& control_natives();

}  // namespace reops::store
