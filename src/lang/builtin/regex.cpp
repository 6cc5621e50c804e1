// Regular expressions.

#include "lang/value/regex.hpp"

#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/number.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/operations.hpp"

namespace reops::lang {
namespace {

Regex& regex_argument(Value v, std::string_view what) {
  if (!is<Regex>(v)) throw_class_cast(v, "a regular expression for " + std::string(what));
  return as<Regex>(v);
}

Matcher& matcher_argument(Value v, std::string_view what) {
  if (!is<Matcher>(v)) throw_class_cast(v, "a matcher for " + std::string(what));
  return as<Matcher>(v);
}

Ref re_pattern(Args args) {
  return is<Regex>(args[0]) ? Ref(args[0]) : make_regex(string_argument(args[0], "re-pattern"));
}

Ref re_matcher(Args args) {
  regex_argument(args[0], "re-matcher");
  string_argument(args[1], "re-matcher");
  return make_matcher(args[0], args[1]);
}

enum Matched : uint32_t { not_tried, matched, failed };

Ref find_next(Matcher& m) {
  std::string_view text = text_of(m.text);
  std::optional<Match> found;
  if (m.at <= text.size()) found = regex_find(as<Regex>(m.regex), text, m.at);
  if (!found) {
    m.matched = failed;
    cell_swap(m, m.groups, nil());
    return nil();
  }
  Ref value = match_value(*found, text);
  size_t next = found->end();
  if (found->begin() == next) {
    // An empty match: the next search begins one character on, and past the end there is none.
    if (next < text.size()) {
      next_code_point(text, next);
    } else {
      ++next;
    }
  }
  m.at = static_cast<uint32_t>(next);
  m.matched = matched;
  cell_swap(m, m.groups, value);
  return value;
}

Ref re_find(Args args) {
  if (args.size() == 1) return find_next(matcher_argument(args[0], "re-find"));
  const Regex& regex = regex_argument(args[0], "re-find");
  std::string_view text = string_argument(args[1], "re-find");
  std::optional<Match> found = regex_find(regex, text, 0);
  return found ? match_value(*found, text) : nil();
}

Ref re_matches(Args args) {
  const Regex& regex = regex_argument(args[0], "re-matches");
  std::string_view text = string_argument(args[1], "re-matches");
  std::optional<Match> found = regex_match_all(regex, text);
  return found ? match_value(*found, text) : nil();
}

Ref re_groups(Args args) {
  Matcher& m = matcher_argument(args[0], "re-groups");
  if (m.matched != matched)
    throw_illegal_state("The matcher has matched nothing: re-groups tells what the last re-find found");
  return cell_load(m, m.groups);
}

// Matches of a chunk of the sequence: many enough to be cheap, few enough to be let go soon.
constexpr uint32_t k_chunk = 32;

// [chunk of the next matches, where the search goes on or nil], nil when there is no match.
Ref matches_from(Args args) {
  const Regex& regex = regex_argument(args[0], "re-seq");
  std::string_view text = string_argument(args[1], "re-seq");
  RegexIterator matches(regex, text, static_cast<size_t>(to_int(args[2], "an offset")));
  Ref chunk = make_chunk(k_chunk);
  uint32_t found = 0;
  while (found < k_chunk) {
    const Match* m = matches.next();
    if (!m) break;
    append_to_chunk(chunk, match_value(*m, text));
    ++found;
  }
  if (found == 0) return nil();
  size_t next = matches.position();
  Ref position = next > text.size() ? nil() : integer(static_cast<int64_t>(next));
  return make_vector({chunk, position});
}

Ref is_regex(Args args) { return boolean(is<Regex>(args[0])); }
Ref quote(Args args) { return make_string(regex_quote(string_argument(args[0], "regex-quote"))); }

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "re-pattern", re_pattern, 1, 1, k_borrow_all, "([s])", "The regular expression that s spells."},
    {k_core, "re-matcher", re_matcher, 2, 2, k_borrow_all, "([re s])",
     "A matcher that finds one match of re in s after another, with re-find."},
    {k_core, "re-find", re_find, 1, 2, k_borrow_all, "([m] [re s])",
     "The next match of a matcher, or the first of re in s: a string, or a vector of the match and its "
     "groups. Nil for none."},
    {k_core, "re-matches", re_matches, 2, 2, k_borrow_all, "([re s])",
     "The match of re with the whole of s, or nil."},
    {k_core, "re-groups", re_groups, 1, 1, k_borrow_all, "([m])", "What the matcher found last."},
    {"reops.internal", "matches-from", matches_from, 3, 3, k_borrow_all, "([re s offset])",
     "[chunk of the matches of re in s that come next from a byte offset on, the offset after them or nil]; "
     "nil when "
     "there is none."},
    {"reops.internal", "regex?", is_regex, 1, 1, k_borrow_all, "([x])", "True if x is a regular expression."},
    {"reops.internal", "regex-quote", quote, 1, 1, k_borrow_all, "([s])",
     "A pattern that matches exactly the text s."},
};

}  // namespace

extern const NativeModule k_natives_regex;
const NativeModule k_natives_regex = {"regex", k_defs};

}  // namespace reops::lang
