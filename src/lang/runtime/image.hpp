#pragma once
// Images: a heap written down as it lies in memory, to be used again by another process of the same build.
// docs/image.md has the format and its invariants.
//
// Everything is done by the table of kinds: a kind of object needs no code of its own here unless it holds
// something that is no value and no plain bytes, and then says so in its KindInfo.

#include <span>
#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

enum class ImageScope : uint8_t {
  /// Some values. The names they mention (keywords, host types) are found again in the process that loads.
  part,
  /// All that a process has, its names included: loaded before anything else is made.
  whole,
};

/// The image of `root` and all it reaches. Throws for what cannot be in one: a walk that is under way (an
/// Iterator).
/// Without `trees`, functions are there with their code alone: they run, and can be neither sent nor
/// explained.
std::string dump_image(Value root, ImageScope scope = ImageScope::part, bool trees = true);

/// Copies the image into memory of its own, which it keeps for as long as the process lives, and returns its
/// root. All objects of it are immortal; those that never change lie in pages that cannot be written. Throws
/// illegal-argument for what is no image of this build.
Value load_image(std::string_view image);

/// The same without a copy, for an image that is mapped into the program already, privately and in pages of
/// its own: it is moved to the address it was written for if that is free, else adjusted where it lies.
Value adopt_image(std::span<const char> image);

}  // namespace reops::lang
