#pragma once
// Equality and hashing of any two values, by the table of kinds.

#include "lang/value/object.hpp"

namespace reops::lang {

/// Clojure's `=`. Realises lazy sequences; may throw what they throw. Recursive, stack-checked.
bool equal(Value a, Value b);
/// Clojure's `hash`: equal values hash equally. Not the same numbers as the JVM's.
uint32_t hash(Value v);
/// Clojure's `compare` (-1, 0, 1): nil first, numbers, strings, names, characters, booleans, vectors. Throws class-cast.
int compare(Value a, Value b);

/// Mixing helpers shared by the collections. Ordered and unordered hashes agree with Clojure's structure (not numbers).
uint32_t hash_bytes(const void* data, size_t size);
uint32_t hash_int(uint64_t x);
inline uint32_t hash_combine(uint32_t seed, uint32_t h) { return seed ^ (h + 0x9e3779b9u + (seed << 6) + (seed >> 2)); }

}  // namespace reops::lang
