#pragma once
// The boot image: the whole language as it is after its library has been loaded, which a program is linked
// with so that it need not load it again (docs/image.md).

#include <span>
#include <string>

namespace reops::lang {

/// The image of this process' language. Precondition: a Runtime lives, and nothing runs beside.
/// With `for_people` false, without what only people and tools look at: docstrings, and functions' trees,
/// without which they can be neither sent nor explained. Of this process' vars, too, the documentation is
/// gone then.
std::string dump_boot_image(bool for_people = true);

/// Makes what `image` holds this process' language: names, types, namespaces and all. Before anything else
/// of the language is made, the standard streams apart.
void adopt_boot_image(std::span<const char> image);

}  // namespace reops::lang
