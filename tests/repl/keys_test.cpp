#include "repl/keys.hpp"

#include <gtest/gtest.h>

namespace reops::repl {
namespace {

Key only(std::string_view bytes) {
  KeyDecoder decoder;
  decoder.feed(bytes);
  auto key = decoder.next();
  EXPECT_TRUE(key) << bytes;
  EXPECT_FALSE(decoder.pending());
  return key.value_or(Key{});
}

TEST(KeysTest, Characters) {
  EXPECT_EQ(only("a").value, U'a');
  EXPECT_EQ(only("λ").value, U'λ');
  EXPECT_EQ(only("界").value, U'界');
  EXPECT_TRUE(only("\x01").is_ctrl('a'));
  EXPECT_TRUE(only("\x12").is_ctrl('r'));
  EXPECT_TRUE(only("\x1f").is_ctrl('_'));
  EXPECT_TRUE(only("\x1b"
                   "f")
                  .is_alt('f'));
  EXPECT_TRUE(only(std::string_view("\0", 1)).is_ctrl('d')) << "Ctrl-D typed during an evaluation";
}

TEST(KeysTest, Names) {
  EXPECT_EQ(only("\r").name, KeyName::enter);
  EXPECT_EQ(only("\n").name, KeyName::enter);
  EXPECT_EQ(only("\t").name, KeyName::tab);
  EXPECT_EQ(only("\x7f").name, KeyName::backspace);
  for (const char* up : {"\x1b[A", "\x1bOA"}) EXPECT_EQ(only(up).name, KeyName::up);
  for (const char* home : {"\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"})
    EXPECT_EQ(only(home).name, KeyName::home);
  EXPECT_EQ(only("\x1b[3~").name, KeyName::remove);
  EXPECT_EQ(only("\x1b[Z").name, KeyName::back_tab);
  EXPECT_EQ(only("\x1b[5~").name, KeyName::page_up);
}

TEST(KeysTest, WithModifiers) {
  Key key = only("\x1b[1;5C");
  EXPECT_EQ(key.name, KeyName::right);
  EXPECT_TRUE(key.ctrl);
  EXPECT_FALSE(key.alt);
  EXPECT_TRUE(only("\x1b[1;3D").alt);
  key = only("\x1b\r");
  EXPECT_EQ(key.name, KeyName::enter);
  EXPECT_TRUE(key.alt);
  key = only("\x1b\x06");
  EXPECT_TRUE(key.alt && key.ctrl && key.value == 'f');
}

TEST(KeysTest, SequencesArriveInPieces) {
  KeyDecoder decoder;
  for (char c : std::string("\x1b[1;5")) {
    decoder.feed(std::string_view(&c, 1));
    EXPECT_FALSE(decoder.next());
  }
  decoder.feed("C");
  EXPECT_EQ(decoder.next()->name, KeyName::right);
  decoder.feed("\xce");
  EXPECT_FALSE(decoder.next());
  decoder.feed(
      "\xbb"
      "x");
  EXPECT_EQ(decoder.next()->value, U'λ');
  EXPECT_EQ(decoder.next()->value, U'x');
  EXPECT_FALSE(decoder.next());
}

TEST(KeysTest, ALoneEscapeIsAKeyAfterAPause) {
  KeyDecoder decoder;
  decoder.feed("\x1b");
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.next_after_pause()->name, KeyName::escape);
  EXPECT_FALSE(decoder.pending());
}

TEST(KeysTest, PastedTextComesInOnePiece) {
  KeyDecoder decoder;
  decoder.feed("\x1b[200~(a\nb");
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.next_after_pause());
  decoder.feed(")\x1b[20");
  EXPECT_FALSE(decoder.next());
  decoder.feed("1~x");
  Key key = *decoder.next();
  EXPECT_EQ(key.name, KeyName::paste);
  EXPECT_EQ(key.text, "(a\nb)");
  EXPECT_EQ(decoder.next()->value, U'x');
}

TEST(KeysTest, NothingCrashesOnNonsense) {
  KeyDecoder decoder;
  decoder.feed("\xff\xc0\x1b[999999999999;99q\x1b[\x1b\x1bO!");
  int keys = 0;
  while (decoder.next() || decoder.next_after_pause()) ++keys;
  EXPECT_GT(keys, 3);
  EXPECT_FALSE(decoder.pending());
}

}  // namespace
}  // namespace reops::repl
