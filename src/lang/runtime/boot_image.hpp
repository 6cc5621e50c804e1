#pragma once
// The boot image: the whole language as it is after its library has been loaded, which a program is linked
// with so that it need not load it again (docs/image.md).

#include <span>
#include <string>

namespace reops::lang {

/// The image of this process' language. Precondition: a Runtime lives, and nothing runs beside.
std::string dump_boot_image();

/// Makes what `image` holds this process' language: names, types, namespaces and all. Before anything else
/// of the language is made, the standard streams apart.
void adopt_boot_image(std::span<const char> image);

}  // namespace reops::lang
