#pragma once
// Metadata of what has an identity (vars, namespaces, atoms): changed in place, where values get theirs by a
// copy.

#include "lang/value/ref.hpp"

namespace reops::lang {

/// The slot in which a reference kind keeps its metadata (read and written as a cell's); null for all other
/// kinds.
Value* reference_meta(Object& o);

}  // namespace reops::lang
