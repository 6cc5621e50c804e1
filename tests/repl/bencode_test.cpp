// Bencode: what is written reads back, however it is cut into pieces, and hostile bytes are refused early.

#include "repl/nrepl/bencode.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace reops::repl {
namespace {

std::string encoded(const Bencode& value) {
  std::string out;
  encode_bencode(out, value);
  return out;
}

struct Decoded {
  std::vector<Bencode> values;
  std::string error;
};

Decoded decode(std::string_view bytes, size_t piece = std::string::npos, BencodeLimits limits = {}) {
  BencodeDecoder decoder(limits);
  Decoded result;
  for (size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
    decoder.feed(bytes.substr(at, piece));
    for (;;) {
      auto next = decoder.next();
      if (!next) {
        result.error = next.error().message;
        return result;
      }
      if (!next.value()) break;
      result.values.push_back(*next.value());
    }
  }
  return result;
}

TEST(Bencode, WritesTheOneEncoding) {
  EXPECT_EQ("3:abc", encoded("abc"));
  EXPECT_EQ("0:", encoded(""));
  EXPECT_EQ("i-42e", encoded(std::int64_t{-42}));
  EXPECT_EQ("li1e1:ae", encoded(Bencode::List{std::int64_t{1}, "a"}));
  EXPECT_EQ("d1:ai1e1:b0:e", encoded(Bencode::Dict{{"b", ""}, {"a", std::int64_t{1}}}));
  EXPECT_EQ("d2:op4:eval3:\xC3\xA9!lee",
            encoded(Bencode::Dict{{"op", "eval"}, {"\xC3\xA9!", Bencode::List()}}));
}

TEST(Bencode, ReadsMessagesOneAfterAnother) {
  Decoded d = decode("d2:op5:clonee3:abci0e");
  ASSERT_EQ("", d.error);
  ASSERT_EQ(3u, d.values.size());
  EXPECT_EQ((Bencode(Bencode::Dict{{"op", "clone"}})), d.values[0]);
  EXPECT_EQ(Bencode("abc"), d.values[1]);
  EXPECT_EQ(Bencode(std::int64_t{0}), d.values[2]);
}

TEST(Bencode, ADictionaryMayComeUnsortedAndTheLastOfEqualKeysCounts) {
  Decoded d = decode("d1:b1:x1:a1:y1:b1:ze");
  ASSERT_EQ(1u, d.values.size());
  EXPECT_EQ((Bencode(Bencode::Dict{{"a", "y"}, {"b", "z"}})), d.values[0]);
}

// Containers of a few elements, or what is nested three deep would be a million.
rc::Gen<Bencode> any_bencode(int depth) {
  using Pairs = std::vector<std::pair<std::string, Bencode>>;
  auto name = rc::gen::resize(12, rc::gen::arbitrary<std::string>());
  auto text = rc::gen::map(name, [](std::string s) { return Bencode(std::move(s)); });
  auto number = rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return Bencode(n); });
  if (depth == 0) return rc::gen::oneOf(text, number);
  auto inner = any_bencode(depth - 1);
  auto list = rc::gen::map(rc::gen::resize(5, rc::gen::container<Bencode::List>(inner)),
                           [](Bencode::List l) { return Bencode(std::move(l)); });
  auto dict = rc::gen::map(rc::gen::resize(5, rc::gen::container<Pairs>(rc::gen::pair(name, inner))),
                           [](const Pairs& pairs) {
                             Bencode::Dict made;
                             for (const auto& [key, value] : pairs) made.insert_or_assign(key, value);
                             return Bencode(std::move(made));
                           });
  return rc::gen::oneOf(text, number, list, dict);
}

TEST(Bencode, ReadsBackWhatItWrote) {
  EXPECT_TRUE(rc::check("in pieces of any size", [] {
    Bencode value = *any_bencode(3);
    size_t piece = *rc::gen::inRange<size_t>(1, 20);
    Decoded d = decode(encoded(value) + encoded("end"), piece);
    RC_ASSERT(d.error == "");
    RC_ASSERT(d.values.size() == 2u);
    RC_ASSERT(d.values[0] == value);
  }));
}

TEST(Bencode, RefusesWhatIsNoBencode) {
  for (const char* bytes : {"x", "-1:a", "GET / HTTP/1.1\r\n", "e", "ie", "i1.5e", "i--1e",
                            "i99999999999999999999e", "12345678901:", "1x", "di1ei2ee", "d1:ae", "dlee"}) {
    Decoded d = decode(bytes);
    EXPECT_TRUE(d.error.starts_with("Not understood as bencode: ")) << bytes << " gave " << d.error;
  }
}

TEST(Bencode, AnErrorStays) {
  BencodeDecoder decoder;
  decoder.feed("x3:abc");
  EXPECT_FALSE(decoder.next().ok());
  decoder.feed("3:abc");
  EXPECT_FALSE(decoder.next().ok());
}

TEST(Bencode, WaitsForTheRestOfAMessage) {
  for (const char* bytes : {"1", "3:ab", "i12", "d", "d2:op", "d2:op4:eva", "ll", "i"}) {
    Decoded d = decode(bytes);
    EXPECT_EQ("", d.error) << bytes;
    EXPECT_TRUE(d.values.empty()) << bytes;
  }
}

TEST(Bencode, RefusesAGiantBeforeItHasCome) {
  BencodeLimits limits;
  limits.message_bytes = 1000;
  EXPECT_NE("", decode("2000:", 1, limits).error);
  EXPECT_NE("", decode("9999999999:a", 1, limits).error);
  EXPECT_NE("", decode("l900:" + std::string(900, 'x') + "200:", 7, limits).error);
  EXPECT_EQ(1u, decode("900:" + std::string(900, 'x'), 7, limits).values.size());
  // Each message has the whole limit.
  EXPECT_EQ(3u, decode("600:" + std::string(600, 'x') + "600:" + std::string(600, 'x') + "1:a", 100, limits)
                    .values.size());
}

TEST(Bencode, RefusesNestingAndCountsPastTheLimits) {
  BencodeLimits limits;
  limits.depth = 5;
  limits.message_items = 50;
  EXPECT_NE("", decode("llllll", std::string::npos, limits).error);
  EXPECT_EQ(1u, decode("llllleeeee", std::string::npos, limits).values.size());
  std::string many = "l";
  for (int i = 0; i < 60; ++i) many += "i1e";
  EXPECT_NE("", decode(many, 10, limits).error);
  EXPECT_NE("", decode(std::string(1 << 20, 'l')).error);
}

TEST(Bencode, AMessageInTinyPiecesCostsNoMoreThanItsLength) {
  // Quadratic work over so many bytes would take minutes.
  std::string text = "d4:code" + std::to_string(1 << 20) + ":" + std::string(1 << 20, 'x') + "e";
  EXPECT_EQ(1u, decode(text, 1).values.size());
}

}  // namespace
}  // namespace reops::repl
