#pragma once
// Values as a prompt shows them.

#include <string>

#include "lang/value/ref.hpp"

namespace reops::repl {

struct ResultStyle {
  bool terminal = false;  ///< a person looks: nothing that a terminal would obey, and not too much of it
  bool color = false;
};

/// The printed value with its new line. More than a thousand elements of one collection are not shown unless
/// *print-length* says so; on a terminal a long text is cut too, with a line that says what to do.
std::string shown_result(lang::Value value, const ResultStyle& style);

}  // namespace reops::repl
