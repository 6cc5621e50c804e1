#pragma once
// The source texts that errors may still point into: loaded files and what was typed, by name.

#include <memory>
#include <string_view>

#include "lang/reader/position.hpp"

namespace reops::lang {

/// Keeps `source` under its name, in place of an older one. Bounded: the ones remembered longest ago go
/// first.
void remember_source(std::shared_ptr<const Source> source);
/// Null when there is none of that name (any more).
std::shared_ptr<const Source> find_source(std::string_view name);

}  // namespace reops::lang
