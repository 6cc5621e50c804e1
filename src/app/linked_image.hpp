#pragma once
// The boot image that this program is linked with.

#include <span>
#include <string_view>

namespace reops::app {

std::span<const char> linked_image();
/// What stands for the core, which functions that travel name instead of bringing it along: the SHA-256 of
/// agents' image, in digits.
std::string_view core_hash();

}  // namespace reops::app
