#pragma once
// YAML to values of the language and back.

#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::yaml {

struct ReadOptions {
  bool keywords = false;  ///< text keys of mappings become keywords
};

/// A vector of the values of all documents in `text`. Errors are ex-infos of :type :reops.yaml/syntax with
/// :line and :column.
lang::Ref compose(std::string_view text, const ReadOptions& options);

/// A text with a document for each of `documents`.
std::string serialize(lang::Value documents);

/// What a plain scalar of this text is by the core schema of YAML 1.2: nil, a boolean, a number, or none()
/// for a string.
lang::Ref resolve_plain(std::string_view text);

}  // namespace reops::yaml
