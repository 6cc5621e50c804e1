#pragma once
// The census of cells, from which cycles are found (runtime/cycles.hpp).
//
// A cycle can only be closed by storing into a cell that exists already, so a cell is noted when that first
// happens: those that keep what they were made with cost nothing. Lazy sequences are left out: there are too
// many, and what they hold is nearly always older than they. (A cycle that runs through lazy sequences alone
// is never freed.)

#include <cstddef>
#include <functional>

#include "lang/value/object.hpp"

namespace reops::lang {

/// Bit of `aux` of a cell that is in the census.
inline constexpr uint8_t k_cell_noted = 0x40;

/// Puts `cell` into the census if it is not yet.
void note_cell(Object& cell);
/// Takes it out again: for destroy().
void forget_cell(Object& cell);

size_t noted_cells();
/// Calls `visit` for every noted cell, under the census' locks: it must not note or destroy any.
void each_noted_cell(const std::function<void(Object&)>& visit);

/// From now on the interpreter is asked to collect when more than this many cells are noted.
void set_collection_threshold(size_t cells);

}  // namespace reops::lang
