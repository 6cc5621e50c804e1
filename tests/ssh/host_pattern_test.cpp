#include "ssh/host_pattern.hpp"

#include <gtest/gtest.h>

namespace reops::ssh {
namespace {

TEST(HostPattern, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches_glob("web*", "web"));
  EXPECT_TRUE(matches_glob("web*", "web17.example"));
  EXPECT_TRUE(matches_glob("*.example", "a.b.example"));
  EXPECT_TRUE(matches_glob("w?b", "wab"));
  EXPECT_TRUE(matches_glob("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("", ""));
  EXPECT_FALSE(matches_glob("", "a"));
  EXPECT_FALSE(matches_glob("w?b", "wb"));
  EXPECT_FALSE(matches_glob("web", "webb"));
  EXPECT_FALSE(matches_glob("*.example", "example"));
  EXPECT_FALSE(matches_glob("*a*b", "ba"));
}

TEST(HostPattern, ManyStarsTakeNoTime) {
  // With naive backtracking this is not over before the test's deadline.
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(matches_glob(pattern + "b", std::string(5000, 'a')));
}

TEST(HostPattern, ExceptionsWin) {
  EXPECT_TRUE(matches_patterns({"web*", "!web7"}, "web1"));
  EXPECT_FALSE(matches_patterns({"web*", "!web7"}, "web7"));
  EXPECT_FALSE(matches_patterns({"!web7", "web*"}, "web7"));
  EXPECT_FALSE(matches_patterns({"!web7"}, "web1"));
  EXPECT_FALSE(matches_patterns({}, "web1"));
}

TEST(HostPattern, ListsAreSplit) {
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), split_list(",a,,b,", ','));
  EXPECT_TRUE(split_list("", ',').empty());
  EXPECT_EQ("web-7.example", to_lower("WEB-7.Example"));
}

}  // namespace
}  // namespace reops::ssh
