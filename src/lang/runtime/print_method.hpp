#pragma once
// `print-method`: programs that say how their types print.

#include <string>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Prints `v` by the method that clojure.core/print-method has for its :type in metadata or its type. False, and nothing
/// printed, when there is only the default one.
bool print_by_method(std::string& out, Value v);

}  // namespace reops::lang
