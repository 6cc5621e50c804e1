#pragma once
// Freeing cycles, which counts alone never do.
//
// With every other thread standing still, the references between all objects that cells reach are subtracted
// from their counts. What is left over comes from outside: from stacks, frames, C++, namespaces. Whatever
// that does not reach is held by nothing but itself; its cells are emptied, and the counts do the rest.

#include <cstddef>

namespace reops::lang {

struct Collection {
  size_t cells = 0;      ///< in the census before
  size_t collected = 0;  ///< of those, freed
  bool ran = false;      ///< false when the other threads did not come to a stop in time
};

/// Runs now. Asks for the next run when twice as many cells are alive as are left.
Collection collect_cycles();

}  // namespace reops::lang
