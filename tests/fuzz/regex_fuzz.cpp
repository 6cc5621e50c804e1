// Fuzzes the translation of Java's regular expressions to PCRE2's, and matching: the first line is the
// pattern, the rest the text. A pattern is refused or compiles; matches are whole characters, in order,
// inside the text.

#include <algorithm>
#include <string_view>

#include "fuzz/fuzzing.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/string.hpp"

namespace {

using namespace reops::lang;
using reops::fuzz::give_up;

constexpr size_t k_longest_pattern = 2000;
constexpr size_t k_most_matches = 200;

bool at_character(std::string_view text, size_t at) {
  return at <= text.size() && (at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80);
}

void check(const Match& match, std::string_view text, size_t from, const std::string& pattern) {
  for (auto [begin, end] : match.groups) {
    if (begin == Match::npos && end == Match::npos) continue;
    if (begin > end || !at_character(text, begin) || !at_character(text, end))
      give_up("a group lies amiss", pattern);
  }
  if (match.begin() < from) give_up("a match lies before where the search began", pattern);
}

void try_pattern(const std::string& pattern, std::string_view text) {
  Ref made = make_regex(pattern);
  const Regex& regex = as<Regex>(made);
  if (auto whole = regex_match_all(regex, text)) {
    check(*whole, text, 0, pattern);
    if (whole->begin() != 0 || whole->end() != text.size()) give_up("a whole match is not whole", pattern);
  }
  RegexIterator matches(regex, text);
  size_t from = 0;
  for (size_t i = 0; i < k_most_matches; ++i) {
    const Match* match = matches.next();
    if (!match) break;
    check(*match, text, from, pattern);
    from = match->end();
  }
  // What is quoted matches itself and nothing else.
  Ref quoted = make_regex(regex_quote(pattern));
  if (!regex_match_all(as<Regex>(quoted), pattern)) give_up("a quoted text does not match itself", pattern);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > reops::fuzz::k_largest_input) return 0;
  reops::fuzz::start();
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (!valid_utf8(input)) return 0;
  size_t line = std::min(input.find('\n'), input.size());
  if (line > k_longest_pattern) return 0;
  try {
    try_pattern(std::string(input.substr(0, line)), input.substr(std::min(line + 1, input.size())));
  } catch (const Thrown& thrown) {
    // Besides a pattern that is none: one that backtracks without end meets the limits, and says so.
    const std::string message = reops::fuzz::message_of(thrown);
    if (reops::fuzz::is_class(thrown, ErrorClass::runtime) ||
        reops::fuzz::is_class(thrown, ErrorClass::pattern_syntax))
      return 0;
    give_up(message, std::string(input.substr(0, line)));
  }
  return 0;
}
