#pragma once
// Images: a heap written down as it lies in memory, to be mapped again by another process of the same build.
//
// An image is two runs of objects, those that never change and those that do (cells, compiled expressions),
// and the lists of what must be adjusted when it lies at another address. Everything is done by the table of
// kinds: a kind of object needs no code of its own here unless it holds something that is no value and no
// plain bytes.
//
// What is not copied but found again in the process that loads: keywords (interned), the types of the host
// and of errors (dispatch knows them by address), and natives' code (by module and row). What is outside the
// heap is left behind: an expression is compiled anew when first used, and a handle (an open file, a process)
// becomes nil.
//
// A map of more than a handful of keys that hash by identity (vars, functions, types of programs) would be
// laid out wrongly at another address; such maps are written down as lists of entries and built again.

#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// The image of `root` and all it reaches. Throws for what cannot be in one: a walk that is under way (an
/// Iterator).
std::string dump_image(Value root);

/// Maps the image into memory of its own, which it keeps for as long as the process lives, and returns its
/// root. All objects of it are immortal; those that never change lie in pages that cannot be written. Throws
/// illegal-argument for what is no image of this build.
Value load_image(std::string_view image);

}  // namespace reops::lang
