// Regular expressions: java.util.regex's meaning on PCRE2.

#include "lang/value/regex.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "lang/value/publish.hpp"
#include "lang/value/regex_translate.hpp"
#include "text_testing.hpp"

namespace reops::lang {
namespace {

std::string found_in(std::string_view pattern, std::string_view text) {
  Ref regex;
  try {
    regex = make_regex(pattern);
  } catch (const Thrown& thrown) {
    return std::string(text_of(as<Error>(thrown.error()).message));
  }
  std::string out;
  RegexIterator matches(as<Regex>(regex), text);
  while (const Match* m = matches.next()) {
    if (!out.empty()) out += '|';
    out += text.substr(m->begin(), m->end() - m->begin());
  }
  return out;
}

bool matches_all(std::string_view pattern, std::string_view text) {
  Ref regex = make_regex(pattern);
  return regex_match_all(as<Regex>(regex), text).has_value();
}

TEST(Regex, AnIntersectionOfNothingIsRefused) {
  for (const char* pattern : {"[&&]", "[^&&]", "5&^[&&]]", "[&&&&]"}) {
    EXPECT_NE(found_in(pattern, "a&b").find("nothing on either side"), std::string::npos) << pattern;
  }
  EXPECT_EQ(found_in("[a&&]", "ab"), "a");
  EXPECT_EQ(found_in("[&&a]", "ab"), "a");
}

TEST(Regex, FindsEveryMatch) {
  EXPECT_EQ(found_in("\\d+", "a12b3"), "12|3");
  EXPECT_EQ(found_in("[λ日]", "aλb日"), "λ|日");
  EXPECT_EQ(found_in("(?i)WEB\\d", "web1 Web2"), "web1|Web2");
  EXPECT_EQ(found_in("(?m)^\\w+$", "one\ntwo\r\nthree"), "one|two|three");
  EXPECT_EQ(found_in("a.c", "a\nc abc"), "abc");
  EXPECT_EQ(found_in("(?s)a.c", "a\nc"), "a\nc");
}

TEST(Regex, GroupsThatTookNoPartAreNil) {
  Ref regex = make_regex("(a)|(b)");
  auto m = regex_find(as<Regex>(regex), "b", 0);
  ASSERT_TRUE(m);
  EXPECT_EQ(pr_str(match_value(*m, "b")), R"(["b" nil "b"])");
  EXPECT_EQ(regex_group_number(as<Regex>(make_regex("(?<host>\\w+)")), "host"), 1);
  EXPECT_EQ(regex_group_number(as<Regex>(regex), "host"), -1);
}

TEST(Regex, MatchesWhole) {
  EXPECT_TRUE(matches_all("a|ab", "ab")) << "backtracks into the longer alternative";
  EXPECT_FALSE(matches_all("a", "ab"));
  EXPECT_FALSE(matches_all("a", "a\n")) << "the end is the very end";
  EXPECT_TRUE(matches_all("", ""));
}

// Each expected answer is Java's.
TEST(Regex, JavaSpellings) {
  EXPECT_EQ(found_in("\\u03bb+", "aλλ"), "λλ");
  EXPECT_EQ(found_in("\\ud83d\\ude00", "x😀"), "😀");
  EXPECT_EQ(found_in("\\0101", "AB"), "A");
  EXPECT_EQ(found_in("\\x{1F600}", "x😀"), "😀");
  EXPECT_EQ(found_in("\\p{Alpha}+", "ab1é"), "ab");
  EXPECT_EQ(found_in("\\P{Digit}+", "ab1"), "ab");
  EXPECT_EQ(found_in("[\\p{Punct}x]+", "a.,x"), ".,x");
  EXPECT_EQ(found_in("\\p{IsAlphabetic}+", "abé1"), "abé");
  EXPECT_EQ(found_in("\\p{IsGreek}", "aλ"), "λ");
  EXPECT_EQ(found_in("\\p{Lu}\\pL", "aBc"), "Bc");
  EXPECT_EQ(found_in("\\Qa.b\\E+", "a.bb axb"), "a.bb");
  EXPECT_EQ(found_in("[a-c[x-z]]+", "abxyd"), "abxy");
  EXPECT_EQ(found_in("[a-z&&[def]]+", "abdefg"), "def");
  EXPECT_EQ(found_in("[a-z&&[^bc]]+", "abcd"), "a|d");
  EXPECT_EQ(found_in("[^a-z&&[^x]]+", "ab1x"), "1x");
  EXPECT_EQ(found_in("[^a[bc]]+", "abcd"), "d");
  EXPECT_EQ(found_in("[\\w-.]+", "a-b.c d"), "a-b.c|d");
  EXPECT_EQ(found_in("[]a]+", "]a]"), "]a]");
  EXPECT_EQ(found_in("[:alpha:]+", "al:x"), "al:");
  EXPECT_EQ(found_in("(?x) a b # comment [\n c", "abc"), "abc");
  EXPECT_EQ(found_in("a++b", "aab"), "aab");
  EXPECT_EQ(found_in("(?<y>a)\\k<y>", "aa"), "aa");
  EXPECT_EQ(found_in("(?u)a(?-i)b", "ab"), "ab");
  EXPECT_EQ(found_in("\\h+\\R", "a \t\r\n"), " \t\r\n");
}

TEST(Regex, RefusesWhatIsNone) {
  for (const char* bad : {"(", "[a", "a{", "*a", "(*ACCEPT)a", "\\", "\\p{Nonsense}", "\\p{InGreek}", "\\u12",
                          "(?k)", "a{2,1}"}) {
    try {
      make_regex(bad);
      ADD_FAILURE() << bad << " was taken";
    } catch (const Thrown& thrown) {
      EXPECT_EQ(as<Error>(thrown.error()).error_class, ErrorClass::pattern_syntax) << bad;
    }
  }
}

TEST(Regex, EndlessBacktrackingIsAnError) {
  Ref regex = make_regex("(a+)+(a+)+(a+)+b\\1");
  std::string text(3000, 'a');
  text += "c";
  EXPECT_NE(thrown_message([&] { regex_find(as<Regex>(regex), text + "b", 0); }).find("given up"),
            std::string::npos);
}

TEST(Regex, LongTextsNeedNoStack) {
  Ref regex = make_regex("(?:a|b)*c");
  std::string text(2'000'000, 'a');
  text += 'c';
  auto m = regex_find(as<Regex>(regex), text, 0);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->end(), text.size());
}

TEST(Regex, OneMayBeUsedFromSeveralThreads) {
  Ref regex = make_regex("(\\d+)-(\\d+)");
  publish(regex);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) right += regex_match_all(as<Regex>(regex), "12-34").has_value();
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 2000);
}

TEST(Regex, QuotedTextMatchesItself) {
  for (std::string text : {"a.b*c", "\\E", "x\\Ey\\Q", "[(", ""})
    EXPECT_TRUE(matches_all(regex_quote(text), text)) << text;
}

}  // namespace
}  // namespace reops::lang
