#pragma once
// Random numbers of the language.

namespace reops::lang {

/// From 0 up to, but not including, 1.
double random_unit();

}  // namespace reops::lang
