#pragma once
// For the moment when there is no memory left to say so.

#include "lang/value/value.hpp"

namespace reops::lang {

/// The error of who has no memory to make one: made when first asked for, which the runtime does at its
/// start. Immortal.
Value out_of_memory_error();

}  // namespace reops::lang
