#pragma once
// Regular expressions on PCRE2, written and behaving as java.util.regex where the two differ
// (docs/differences.md lists what is left).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/value/ref.hpp"

namespace reops::lang {

class CompiledRegex;

/// The pattern as text; what PCRE2 made of it is built when first used, lies outside the heap, and is
/// published with one atomic store (two threads that both compile keep the first one's).
struct Regex : Object {
  static constexpr Kind k_kind = Kind::Regex;
  CompiledRegex* compiled;
  Value pattern;  ///< String
};

/// A position in the search of one text (`re-matcher`): a cell, for one thread at a time like Java's.
struct Matcher : Object {
  static constexpr Kind k_kind = Kind::Matcher;
  uint32_t at;       ///< byte offset where the next search begins
  uint32_t matched;  ///< 0 not tried, 1 matched, 2 failed
  Value regex;
  Value text;
  Value groups;  ///< what the last match gave (string or vector), nil after a failure
};

/// Throws pattern-syntax when `pattern` is no expression: it is compiled at once, so that a bad literal is an
/// error where it stands.
Ref make_regex(std::string_view pattern);
Ref make_matcher(Value regex, Value text);

/// Byte ranges of the whole match and its groups; a group that took no part is {npos, npos}.
struct Match {
  std::vector<std::pair<size_t, size_t>> groups;
  size_t begin() const { return groups[0].first; }
  size_t end() const { return groups[0].second; }
  static constexpr size_t npos = static_cast<size_t>(-1);
};

/// Searches `text` from byte `from`. Throws when the match limits are met (a pattern that backtracks without
/// end).
std::optional<Match> regex_find(const Regex& regex, std::string_view text, size_t from);
/// Only a match of all of `text`.
std::optional<Match> regex_match_all(const Regex& regex, std::string_view text);
/// Number of the group called `name`, or -1.
int regex_group_number(const Regex& regex, std::string_view name);

/// What re-find and re-groups return: the match as a string, or a vector of it and its groups.
Ref match_value(const Match& match, std::string_view text);

/// Finds every match from left to right; an empty match moves on by one code point.
class RegexIterator {
 public:
  RegexIterator(const Regex& regex, std::string_view text, size_t from = 0)
      : regex_(regex), text_(text), from_(from), done_(from > text.size()) {}
  /// The next match, or nullptr.
  const Match* next();
  /// Where the search goes on: for an iterator that takes over. Past the text's end when there is nothing
  /// left.
  size_t position() const { return done_ ? text_.size() + 1 : from_; }

 private:
  const Regex& regex_;
  std::string_view text_;
  size_t from_;
  bool done_;
  Match match_;
};

/// The text with everything that is special in an expression escaped (`java.util.regex.Pattern/quote`).
std::string regex_quote(std::string_view text);

}  // namespace reops::lang
