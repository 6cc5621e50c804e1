#include "repl/buffer.hpp"

#include <gtest/gtest.h>

#include "repl/display.hpp"
#include "repl/indent.hpp"

namespace reops::repl {
namespace {

// A buffer of `text`, in which | stands for the cursor.
Buffer at(std::string text) {
  size_t cursor = text.find('|');
  text.erase(cursor, 1);
  Buffer buffer;
  buffer.reset(text);
  buffer.move_to(cursor);
  return buffer;
}

std::string shown(const Buffer& buffer) {
  std::string text = buffer.text();
  return text.insert(buffer.cursor(), "|");
}

TEST(BufferTest, TypingAndErasing) {
  Buffer b;
  for (const char* c : {"a", "λ", "b"}) b.insert(c);
  EXPECT_EQ(shown(b), "aλb|");
  b.erase_before();
  b.erase_before();
  EXPECT_EQ(shown(b), "a|");
  b.line_start();
  b.erase_after();
  b.erase_after();
  EXPECT_EQ(shown(b), "|");
}

TEST(BufferTest, WhatCombinesStaysWithItsCharacter) {
  Buffer b;
  b.insert("e\u0301x");
  b.left();
  b.left();
  EXPECT_EQ(b.cursor(), 0u);
  b.right();
  b.erase_before();
  EXPECT_EQ(b.text(), "x");
}

TEST(BufferTest, Words) {
  Buffer b = at("(map-indexed inc| [1])");
  b.word_left();
  EXPECT_EQ(shown(b), "(map-indexed |inc [1])");
  b.word_left();
  EXPECT_EQ(shown(b), "(|map-indexed inc [1])");
  b.word_right();
  EXPECT_EQ(shown(b), "(map-indexed| inc [1])");
  b.kill_word_before();
  EXPECT_EQ(shown(b), "(| inc [1])");
  b.kill_word_after();
  b.yank();
  EXPECT_EQ(shown(b), "( inc| [1])");
}

TEST(BufferTest, Forms) {
  Buffer b = at("(a |(b [c]) '(d) e)");
  b.form_right();
  EXPECT_EQ(shown(b), "(a (b [c])| '(d) e)");
  b.form_right();
  EXPECT_EQ(shown(b), "(a (b [c]) '(d)| e)");
  b.form_left();
  EXPECT_EQ(shown(b), "(a (b [c]) |'(d) e)");
  b.form_left();
  EXPECT_EQ(shown(b), "(a |(b [c]) '(d) e)");
}

TEST(BufferTest, LinesKeepTheColumn) {
  Buffer b = at("a long line\nsh|\nanother one");
  EXPECT_TRUE(b.up());
  EXPECT_EQ(shown(b), "a |long line\nsh\nanother one");
  EXPECT_FALSE(b.up());
  b.line_end();
  EXPECT_TRUE(b.down());
  EXPECT_EQ(shown(b), "a long line\nsh|\nanother one");
  EXPECT_TRUE(b.down());
  EXPECT_EQ(shown(b), "a long line\nsh\nanother one|");
  EXPECT_FALSE(b.down());
}

TEST(BufferTest, KillsLines) {
  Buffer b = at("one| two\nthree");
  b.kill_to_line_end();
  EXPECT_EQ(shown(b), "one|\nthree");
  b.kill_to_line_end();
  EXPECT_EQ(shown(b), "one|three");
  b.kill_to_line_start();
  EXPECT_EQ(shown(b), "|three");
}

TEST(BufferTest, UndoTakesWordsBack) {
  Buffer b;
  for (char c : std::string("one two")) b.insert(std::string(1, c));
  b.undo();
  EXPECT_EQ(b.text(), "one ");
  b.undo();
  b.undo();
  EXPECT_EQ(b.text(), "");
  b.undo();
  EXPECT_EQ(b.text(), "");
}

TEST(BufferTest, Transposes) {
  Buffer b = at("ab|");
  b.transpose();
  EXPECT_EQ(shown(b), "ba|");
}

TEST(DisplayTest, Widths) {
  EXPECT_EQ(width_of("abc"), 3u);
  EXPECT_EQ(width_of("世界"), 4u);
  EXPECT_EQ(width_of("e\u0301"), 1u);
  EXPECT_EQ(cut_to_width("世界人", 5), "世界…");
  EXPECT_EQ(cut_to_width("abc", 3), "abc");
}

size_t indentation_after(const std::string& text) { return indentation(text + "\n", text.size() + 1); }

TEST(IndentTest, FollowsTheCustomsOfTheLanguage) {
  EXPECT_EQ(indentation_after("(let [a 1"), 6u);
  EXPECT_EQ(indentation_after("(let [a 1]"), 2u);
  EXPECT_EQ(indentation_after("(defn f [x]"), 2u);
  EXPECT_EQ(indentation_after("(defrecord R [a]"), 2u);
  EXPECT_EQ(indentation_after("(with-open [f x]"), 2u);
  EXPECT_EQ(indentation_after("(map inc"), 5u);
  EXPECT_EQ(indentation_after("(map"), 1u);
  EXPECT_EQ(indentation_after("  (foo (bar 1)"), 7u);
  EXPECT_EQ(indentation_after("[1 2"), 1u);
  EXPECT_EQ(indentation_after("{:a 1"), 1u);
  EXPECT_EQ(indentation_after("((f) x"), 1u);
  EXPECT_EQ(indentation_after("(f)"), 0u);
  EXPECT_EQ(indentation_after("(str \"two"), 0u) << "a string's lines are its content";
  EXPECT_EQ(indentation_after("(世界 x"), 6u) << "columns, not bytes";
}

TEST(IndentTest, MovesALineWithItsCursor) {
  std::string text = "(when a\nb)";
  size_t cursor = 9;
  EXPECT_EQ(indented(text, 8, cursor), "(when a\n  b)");
  EXPECT_EQ(cursor, 11u);
}

}  // namespace
}  // namespace reops::repl
