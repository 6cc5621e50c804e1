#pragma once
// Values to text.

#include <string>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// As `pr` prints it (readably) or as `print` does. Honours *print-length*, *print-level*, *print-meta* and
/// *print-namespace-maps* of this thread. Recursive, stack-checked; realises lazy sequences.
void print(std::string& out, Value v, bool readably);
std::string pr_str(Value v);
/// As `str` does with one argument: nil is empty, strings raw, a lazy sequence its elements.
void append_str(std::string& out, Value v);

}  // namespace reops::lang
