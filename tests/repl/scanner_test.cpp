#include "repl/scanner.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reops::repl {
namespace {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const Token& t : tokenize(text)) out.emplace_back(text.substr(t.begin, t.end - t.begin));
  return out;
}

using Words = std::vector<std::string>;

TEST(ScannerTest, SplitsTextIntoWords) {
  EXPECT_EQ(words("(defn f [x] (+ x 1)) ; why"),
            (Words{"(", "defn", "f", "[", "x", "]", "(", "+", "x", "1", ")", ")", "; why"}));
  EXPECT_EQ(words("{:a \"b ) \\\" c\", ::d/e 2}"), (Words{"{", ":a", "\"b ) \\\" c\"", "::d/e", "2", "}"}));
  EXPECT_EQ(words("#'a @b ~@c #_d #?(:clj e) ##Inf"),
            (Words{"#'", "a", "@", "b", "~@", "c", "#_", "d", "#?", "(", ":clj", "e", ")", "##", "Inf"}));
  EXPECT_EQ(words("#\"a(b\""), (Words{"#", "\"a(b\""}));
}

TEST(ScannerTest, CharactersThatLookLikeBrackets) {
  EXPECT_EQ(words("[\\( \\\" \\newline \\; \\\\]"),
            (Words{"[", "\\(", "\\\"", "\\newline", "\\;", "\\\\", "]"}));
  EXPECT_FALSE(is_incomplete("(f \\( \\\" \\;)"));
}

TEST(ScannerTest, KnowsKinds) {
  auto kind = [](std::string_view text) { return tokenize(text).at(0).kind; };
  EXPECT_EQ(kind("-1"), TokenKind::number);
  EXPECT_EQ(kind("-"), TokenKind::symbol);
  EXPECT_EQ(kind("->x"), TokenKind::symbol);
  EXPECT_EQ(kind(":k"), TokenKind::keyword);
  EXPECT_EQ(kind("#!/usr/bin/env reops"), TokenKind::comment);
  EXPECT_EQ(kind("\\a"), TokenKind::character);
}

TEST(ScannerTest, TellsWhatNeedsMoreText) {
  for (const char* text : {"(", "(let [a 1]", "\"abc", "(f \"", "'", "@", "#_", "{:a 1", "(f) (g", "( ; )"})
    EXPECT_TRUE(is_incomplete(text)) << text;
  for (const char* text : {"", "   ", "a", "(f)", "\"a(\"", ")", "(]", "(f) ; (", "; (", "'a", "[1 2}"})
    EXPECT_FALSE(is_incomplete(text)) << text;
}

TEST(ScannerTest, PairsBrackets) {
  std::string text = "(a [b] {c";
  std::vector<Token> tokens = tokenize(text);
  Brackets b = pair_brackets(text, tokens);
  ASSERT_EQ(b.pairs.size(), 3u);
  EXPECT_EQ(b.open.size(), 2u);
  EXPECT_EQ(tokens[b.open[1]].begin, 7u);
  EXPECT_FALSE(b.wrong);
  text = "(a ]";
  b = pair_brackets(text, tokenize(text));
  ASSERT_TRUE(b.wrong);
}

TEST(FormScannerTest, TheReaderIsAskedWhenAFormMayHaveEnded) {
  FormScanner s;
  EXPECT_FALSE(s.feed("(let [a 1\n"));
  EXPECT_FALSE(s.feed("      b \"text ) ]\n"));
  EXPECT_FALSE(s.feed("      more\"]\n"));
  EXPECT_TRUE(s.inside());
  EXPECT_TRUE(s.feed("  a)\n"));
  EXPECT_FALSE(s.inside());
}

TEST(FormScannerTest, WordsAndEmptyLinesOutsideOfForms) {
  FormScanner s;
  EXPECT_TRUE(s.feed("a\n"));
  EXPECT_TRUE(s.feed("\n"));
  EXPECT_TRUE(s.feed("; ( comment\n"));
  EXPECT_TRUE(s.feed("(f) (g\n")) << "the first has ended";
  EXPECT_TRUE(s.inside());
  EXPECT_TRUE(s.feed("1)\n"));
}

TEST(FormScannerTest, AWrongBracketIsReportedAtOnce) {
  FormScanner s;
  EXPECT_FALSE(s.feed("(f [1\n"));
  EXPECT_TRUE(s.feed(")\n"));
  EXPECT_FALSE(s.inside());
}

TEST(FormScannerTest, AStringOverLines) {
  FormScanner s;
  EXPECT_FALSE(s.feed("\"one (\n"));
  EXPECT_FALSE(s.feed("two \\\" [\n"));
  EXPECT_TRUE(s.feed("three\"\n"));
  EXPECT_FALSE(s.inside());
}

}  // namespace
}  // namespace reops::repl
