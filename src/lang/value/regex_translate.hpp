#pragma once
// java.util.regex's syntax to PCRE2's.

#include <string>
#include <string_view>

namespace reops::lang {

struct TranslatedPattern {
  std::string pattern;
  bool unicode_classes = false;  ///< (?U): \w, \d, \s and [:classes:] beyond ASCII
};

/// Rewrites what the two spell differently: \uXXXX, \0nn, \p{Alpha} and \p{IsLatin}, classes inside classes,
/// && in classes, the flags d, u and U. What both reject is left for PCRE2 to reject. Throws pattern-syntax
/// for what only Java rejects or only Java knows.
TranslatedPattern translate_pattern(std::string_view java);

}  // namespace reops::lang
