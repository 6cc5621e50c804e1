#pragma once
// The boot image that this program is linked with.

#include <span>

namespace reops::app {

std::span<const char> linked_image();

}  // namespace reops::app
