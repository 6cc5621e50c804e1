#pragma once
// What all sequential kinds share: equality and hash by their elements in order.

#include "lang/value/value.hpp"

namespace reops::lang {

/// `=` of a sequential value with anything.
bool equal_sequential(Value a, Value b);
/// Not kept anywhere.
uint32_t hash_sequential(Value v);

}  // namespace reops::lang
