// Strings, byte strings, symbols, keywords, and what is done with text.

#include "lang/value/string.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "lang/codec/printer.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/value/text.hpp"
#include "text_testing.hpp"

namespace reops::lang {
namespace {

TEST(Utf8, TellsValidFromInvalid) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("plain ascii that is longer than a word"));
  EXPECT_TRUE(valid_utf8("λ → 日本 😀"));
  EXPECT_FALSE(valid_utf8("\xC0\xAF")) << "overlong";
  EXPECT_FALSE(valid_utf8("\xE0\x80\x80")) << "overlong";
  EXPECT_FALSE(valid_utf8("\xED\xA0\x80")) << "surrogate";
  EXPECT_FALSE(valid_utf8("\xF4\x90\x80\x80")) << "beyond U+10FFFF";
  EXPECT_FALSE(valid_utf8("ab\xCE")) << "cut off";
  EXPECT_FALSE(valid_utf8("\x80")) << "continuation without lead";
  EXPECT_EQ(first_invalid_utf8("01234567 λ\xFFrest"), 11u);
}

TEST(Utf8, RoundTripsEveryLength) {
  for (char32_t c :
       {U'a', U'\x7F', U'\x80', U'ß', U'\x7FF', U'\x800', U'日', U'\xFFFF', U'\x10000', U'😀', U'\x10FFFF'}) {
    std::string text;
    append_utf8(text, c);
    size_t at = 0;
    EXPECT_EQ(next_code_point(text, at), c);
    EXPECT_EQ(at, text.size());
  }
}

TEST(String, CountsCodePointsAndFindsThem) {
  Ref s = make_string("aλ日😀z");
  const String& string = as<String>(s);
  EXPECT_EQ(string.code_points, 5u);
  const size_t offsets[] = {0, 1, 3, 6, 10, 11};
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(byte_offset(string, i), offsets[i]);
    EXPECT_EQ(code_point_index(string, offsets[i]), i);
  }
}

TEST(String, ReplacesWhatIsNotText) {
  EXPECT_EQ(text_of(make_string_lossy("a\xFF"
                                      "b\xE2\x82"
                                      "c")),
            "a�b�c");
  EXPECT_EQ(text_of(make_string_lossy("\xFF\x80")), "��");
  EXPECT_EQ(text_of(make_string_lossy("\xED\xA0\x80")), "���") << "a surrogate, byte by byte";
}

TEST(String, EqualContentIsEqualAndHashesEqually) {
  Ref a = make_string("hosts"), b = make_string("hosts"), c = make_string("host");
  EXPECT_TRUE(equal(a, b));
  EXPECT_EQ(hash(a), hash(b));
  EXPECT_FALSE(equal(a, c));
  EXPECT_FALSE(equal(a, make_symbol("hosts")));
}

TEST(Bytes, HexRoundTrips) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(parse_hex(to_hex(all)), all);
  EXPECT_EQ(parse_hex("abc"), std::nullopt);
  EXPECT_EQ(parse_hex("zz"), std::nullopt);
  EXPECT_FALSE(equal(make_bytes("a"), make_string("a")));
}

TEST(Keyword, IsInternedAcrossThreads) {
  std::vector<std::thread> threads;
  std::vector<std::vector<Value>> seen(4);
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) seen[t].push_back(keyword("race", "k" + std::to_string(i)));
    });
  }
  for (auto& t : threads) t.join();
  for (size_t t = 1; t < 4; ++t) EXPECT_EQ(seen[t], seen[0]);
}

TEST(Keyword, SplitsAtTheFirstSlash) {
  EXPECT_EQ(keyword("a/b"), keyword("a", "b"));
  EXPECT_EQ(name_of(keyword("a/b/c")), "b/c");
  EXPECT_EQ(name_of(keyword("/")), "/");
  EXPECT_FALSE(has_ns(keyword("/")));
  EXPECT_TRUE(find_keyword("", "surely-never-made-before").is_none());
}

TEST(Symbol, EachOneIsAnObjectOfItsOwn) {
  Ref a = make_symbol("clojure.core/map"), b = make_symbol("clojure.core/map");
  EXPECT_NE(a.get(), b.get());
  EXPECT_TRUE(equal(a, b));
  EXPECT_EQ(hash(a), hash(b));
  EXPECT_EQ(full_name(a), "clojure.core/map");
  EXPECT_EQ(name_of(make_symbol("/")), "/");
  EXPECT_EQ(full_name(make_symbol("clojure.core//")), "clojure.core//");
}

TEST(Text, ChangesCase) {
  EXPECT_EQ(upper_case("straße λ é"), "STRASSE Λ É");
  EXPECT_EQ(lower_case("ÀÉ ABC"), "àé abc");
}

TEST(Text, Trims) {
  EXPECT_EQ(trim(" \t a b\u2003\n", Side::both), "a b");
  EXPECT_EQ(trim("  a ", Side::left), "a ");
  EXPECT_EQ(trim("  a ", Side::right), "  a");
  EXPECT_EQ(trim(" \n ", Side::both), "");
  EXPECT_TRUE(is_blank(" \u2028 "));
  EXPECT_FALSE(is_blank("\u00a0")) << "a no-break space is no whitespace, as in Java";
}

// What java.lang.String.split answers, asked with JVM Clojure.
TEST(Text, SplitsAsJavaDoes) {
  struct Case {
    const char* text;
    const char* regex;
    int64_t limit;
    const char* expected;
  };
  const Case cases[] = {
      {"", ",", 0, R"([""])"},
      {",a,,b,,", ",", 0, R"(["" "a" "" "b"])"},
      {"abc", "", 0, R"(["a" "b" "c"])"},
      {"abc", "", -1, R"(["a" "b" "c" ""])"},
      {"a,b,,", ",", -1, R"(["a" "b" "" ""])"},
      {"a1b2c3", "\\d", 2, R"(["a" "b2c3"])"},
      {"abc", "", 2, R"(["a" "bc"])"},
      {",", ",", 0, R"([])"},
      {"a b", " ", 1, R"(["a b"])"},
      {" a", "^", 0, R"([" a"])"},
  };
  for (const Case& c : cases) {
    Ref regex = make_regex(c.regex);
    EXPECT_EQ(pr_str(split(c.text, regex, c.limit)), c.expected) << c.text << " by " << c.regex;
  }
}

TEST(Text, Replaces) {
  EXPECT_EQ(replace_all("aaa", "", "-"), "-a-a-a-");
  EXPECT_EQ(replace_all("a.b.c", ".", "--"), "a--b--c");
  Ref b = make_regex("b*"), pair = make_regex("(\\w)(?<second>\\w)");
  EXPECT_EQ(replace_regex("abc", b, "-", false), "-a--c-");
  EXPECT_EQ(replace_regex("abcd", pair, "$2$1", false), "badc");
  EXPECT_EQ(replace_regex("abcd", pair, "${second}\\$", true), "b$cd");
  EXPECT_NE(thrown_message([&] { replace_regex("ab", pair, "$7", false); }).find("no group 7"),
            std::string::npos);
  EXPECT_NE(thrown_message([&] { replace_regex("ab", pair, "a$", false); }).find("\\$"), std::string::npos);
}

TEST(Tagged, UuidsRoundTrip) {
  Ref u = parse_uuid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  ASSERT_TRUE(is<Uuid>(u));
  EXPECT_EQ(uuid_text(as<Uuid>(u)), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  for (const char* bad : {"", "f81d4fae", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6-",
                          "f81d4fae-7dec-11d0-a765-00a0c91e6bg6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6a"}) {
    EXPECT_TRUE(parse_uuid(bad).is_nil()) << bad;
  }
  Ref r = random_uuid();
  EXPECT_EQ(uuid_text(as<Uuid>(r))[14], '4') << "version";
  EXPECT_TRUE(equal(r, parse_uuid(uuid_text(as<Uuid>(r)))));
}

TEST(Tagged, InstantsAreMilliseconds) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00.000Z"), 0);
  EXPECT_EQ(parse_instant("1970"), 0);
  EXPECT_EQ(parse_instant("2024-02-29T12:30:45.678+02:00"), 1709202645678);
  EXPECT_EQ(parse_instant("1969-12-31T23:59:59.999-00:00"), -1);
  EXPECT_EQ(parse_instant("2023-02-29"), std::nullopt) << "no leap year";
  EXPECT_EQ(parse_instant("2024-13-01"), std::nullopt);
  EXPECT_EQ(parse_instant("2024-01-01T25:00"), std::nullopt);
  EXPECT_EQ(parse_instant("yesterday"), std::nullopt);
  for (int64_t ms : {int64_t{0}, int64_t{-1}, int64_t{1709202645678}, int64_t{-62135596800000},
                     int64_t{253402300799999}}) {
    EXPECT_EQ(parse_instant(instant_text(ms)), ms) << instant_text(ms);
  }
}

}  // namespace
}  // namespace reops::lang
