#pragma once
// The modules of natives by number, which is how an image names a native.

#include "lang/builtin/native.hpp"

namespace reops::lang {

size_t native_module_count();
const NativeModule& native_module(size_t index);

}  // namespace reops::lang
