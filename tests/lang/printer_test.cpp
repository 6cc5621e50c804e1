// Printing: what Clojure prints, and what can be read back.

#include "lang/codec/printer.hpp"

#include <gtest/gtest.h>

#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "text_testing.hpp"

namespace reops::lang {
namespace {

using PrinterTest = TextTest;

std::string plainly(Value v) {
  std::string out;
  print(out, v, false);
  return out;
}

std::string str(Value v) {
  std::string out;
  append_str(out, v);
  return out;
}

std::string with(std::string_view text, const PrintOptions& options) {
  std::string out;
  print(out,
        read_one(text,
                 [] {
                   ReaderOptions o;
                   o.line_metadata = false;
                   return o;
                 }()),
        options);
  return out;
}

TEST_F(PrinterTest, WhatIsPrintedReadsBackEqual) {
  for (const char* text : {"nil",
                           "true",
                           "-5",
                           "1.5",
                           "1.0E10",
                           "12N",
                           "1/3",
                           "1.50M",
                           "##Inf",
                           "\"a\\n\\\"\\\\\"",
                           "\\newline",
                           "\\a",
                           "\\λ",
                           ":a/b",
                           "a/b",
                           "(1 (2) [3])",
                           "{:a {:b 1}, \"c\" [1 2]}",
                           "#{1}",
                           "()",
                           "[]",
                           "{}",
                           "#uuid \"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"",
                           "#inst \"2024-02-29T12:00:00.000-00:00\"",
                           "#bytes \"00ff\""}) {
    EXPECT_EQ(reread(text), text);
    EXPECT_TRUE(equal(read_one(text), read_one(pr_str(read_one(text))))) << text;
  }
}

TEST_F(PrinterTest, PlainlyMeansBareStrings) {
  Ref form = read_one("[\"a\" \\b {\"c\" \\newline} #\"x\"]");
  EXPECT_EQ(plainly(form), "[a b {c \n} #\"x\"]");
  EXPECT_EQ(plainly(make_string("a\"b")), "a\"b");
}

TEST_F(PrinterTest, StrIsLikeToString) {
  EXPECT_EQ(str(Value::nil()), "");
  EXPECT_EQ(str(Value::character(U'λ')), "λ");
  EXPECT_EQ(str(read_one("1N")), "1");
  EXPECT_EQ(str(read_one("1.50M")), "1.50");
  EXPECT_EQ(str(read_one("##-Inf")), "-Infinity");
  EXPECT_EQ(str(read_one("[##Inf 1M \"a\" nil]")), "[##Inf 1M \"a\" nil]");
  EXPECT_EQ(str(read_one("#\"a\\d\"")), "a\\d");
  EXPECT_EQ(str(make_error(ErrorClass::arithmetic, "Divide by zero")),
            "java.lang.ArithmeticException: Divide by zero");
  Ref data = make_map({keyword("a"), Value::fixnum(1)});
  EXPECT_EQ(str(make_error(ErrorClass::ex_info, "x", data)), "clojure.lang.ExceptionInfo: x {:a 1}");
}

TEST_F(PrinterTest, ErrorsShowTheirCauses) {
  Ref data = make_map({keyword("a"), Value::fixnum(1)});
  Ref inner = make_error(ErrorClass::arithmetic, "Divide by zero");
  Ref outer = make_error(ErrorClass::ex_info, "outer", data, inner);
  EXPECT_EQ(pr_str(outer),
            "#error {:cause \"Divide by zero\", :via [{:type clojure.lang.ExceptionInfo, :message \"outer\", "
            ":data {:a 1}} "
            "{:type java.lang.ArithmeticException, :message \"Divide by zero\"}]}");
}

TEST_F(PrinterTest, HonoursLengthAndLevel) {
  PrintOptions two;
  two.length = 2;
  EXPECT_EQ(with("[1 2 3]", two), "[1 2 ...]");
  EXPECT_EQ(with("[1 2]", two), "[1 2]");
  EXPECT_EQ(with("{:a 1 :b 2 :c 3}", two), "{:a 1, :b 2, ...}");
  PrintOptions shallow;
  shallow.level = 1;
  EXPECT_EQ(with("[1 [2] {3 4} #{5}]", shallow), "[1 # # #]");
  EXPECT_EQ(with("{:a {:b 1}}", shallow), "{:a #}");
}

TEST_F(PrinterTest, HonoursMetaAndNamespaceMaps) {
  PrintOptions meta;
  meta.meta = true;
  EXPECT_EQ(with("^{:x 1} [^String a]", meta), "^{:x 1} [^String a]");
  PrintOptions lifted;
  lifted.namespace_maps = true;
  EXPECT_EQ(with("{:a/b 1, :a/c 2}", lifted), "#:a{:b 1, :c 2}");
  EXPECT_EQ(with("{:a/b 1, :c 2}", lifted), "{:a/b 1, :c 2}");
  EXPECT_EQ(with("{}", lifted), "{}");
}

TEST_F(PrinterTest, References) {
  EXPECT_EQ(pr_str(make_atom(Ref(Value::fixnum(5)))), "#<Atom 5>");
  EXPECT_EQ(pr_str(make_promise()), "#<Promise pending>");
  EXPECT_EQ(pr_str(Value::object(&intern(find_ns("user"), "x"))), "#'user/x");
  EXPECT_EQ(pr_str(find_ns("user")), "#<Namespace user>");
  EXPECT_EQ(pr_str(make_tagged_literal(make_symbol("my/tag"), make_vector({Value::fixnum(1)}))),
            "#my/tag [1]");
}

TEST_F(PrinterTest, DeepValuesAreAnErrorNotACrash) {
  Ref deep(Value::nil());
  for (int i = 0; i < 1'000'000; ++i) deep = make_vector({deep});
  EXPECT_NE(thrown_message([&] { pr_str(deep); }).find("deep"), std::string::npos);
}

TEST_F(PrinterTest, LongOutputDrains) {
  std::vector<Value> numbers;
  for (int i = 0; i < 20000; ++i) numbers.push_back(Value::fixnum(i));
  Ref v = make_vector(numbers);
  std::string whole = pr_str(v), gathered;
  size_t times = 0;
  PrintOptions options;
  options.drain = [&](std::string& text) {
    gathered += text;
    text.clear();
    ++times;
  };
  std::string rest;
  print(rest, v, options);
  EXPECT_GT(times, 2u);
  EXPECT_EQ(gathered + rest, whole);
}

TEST_F(PrinterTest, InputsGiveFormsLinesAndCharacters) {
  StringInput input("(a\n b) 12 λ\nline two\r\nlast");
  ReaderOptions options;
  EXPECT_EQ(pr_str(input.read_form(options)), "(a b)");
  std::string text;
  EXPECT_EQ(pr_str(input.read_form(options, &text)), "12");
  EXPECT_EQ(text, " 12");
  EXPECT_EQ(input.read_character(), U' ');
  EXPECT_EQ(input.read_character(), U'λ');
  EXPECT_EQ(input.read_line(), "");
  EXPECT_EQ(input.read_line(), "line two");
  EXPECT_EQ(input.read_all(), "last");
  EXPECT_EQ(input.read_line(), std::nullopt);
  EXPECT_TRUE(input.read_form(options).get().is_none());
}

}  // namespace
}  // namespace reops::lang
