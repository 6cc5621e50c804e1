#pragma once
// JSON (RFC 8259): text to values and back.

#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

struct JsonReadOptions {
  /// Keys of objects become keywords. Keywords live for ever, so this is for text whose keys are known.
  bool keywords = false;
  /// Numbers with a fraction or an exponent become decimals instead of doubles.
  bool decimals = false;
};

/// The one value that `text` (valid UTF-8) spells. Errors are ex-infos of :type :reops.json/syntax with
/// :line and :column; `first_line` is the number of the text's first line.
Ref read_json(std::string_view text, const JsonReadOptions& options, uint32_t first_line = 1);

struct JsonWriteOptions {
  /// One line for every element, indented by two blanks a level.
  bool pretty = false;
  /// Members in the order of their keys.
  bool sorted = false;
  /// Called with what JSON has no notation for; answers something that it has. nil: that is an error.
  Value fallback;
};

void write_json(std::string& out, Value v, const JsonWriteOptions& options);
/// `text` between quotes.
void write_json_string(std::string& out, std::string_view text);

}  // namespace reops::lang
