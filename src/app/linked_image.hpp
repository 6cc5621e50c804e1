#pragma once
// The boot image that this program is linked with.

#include <span>
#include <string_view>

namespace reops::app {

std::span<const char> linked_image();
/// Its SHA-256 in digits: programs with the same one have the same core.
std::string_view linked_image_hash();

}  // namespace reops::app
