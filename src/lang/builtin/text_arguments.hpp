#pragma once
// Arguments of natives that are text.

#include <string_view>

#include "lang/value/error.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {

/// The text of a string argument; `what` says whose ("trim") when it is something else.
inline std::string_view string_argument(Value v, std::string_view what) {
  if (is<String>(v)) [[likely]]
    return text_of(v);
  if (v.is_nil())
    throw_error(ErrorClass::null_pointer, std::string(what) + " needs a string and was given nil");
  throw_class_cast(v, "a string for " + std::string(what));
}

/// The string itself when `text` is all of it, else a new one: most trims and replacements change nothing.
inline Ref same_or_new(Value original, std::string_view text) {
  return text.size() == as<String>(original).bytes ? Ref(original) : make_string(text);
}

}  // namespace reops::lang
