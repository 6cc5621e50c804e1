#pragma once
// XML, from text to events. Nothing outside of the text is read: no other files, no network, no entities but
// the five that XML has and those that are numbers.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace reops::xml {

/// Names are as they stand there, with their prefixes. Several texts may follow each other.
struct Event {
  enum class Kind { begin, text, end } kind;
  std::string text;  ///< the tag that begins, or the text
  std::vector<std::pair<std::string, std::string>> attributes;
};

/// The events of the one element in `text`; an error xml/syntax with line and column when it is not
/// well-formed.
base::Result<std::vector<Event>> read(std::string_view text);

}  // namespace reops::xml
