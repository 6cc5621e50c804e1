// The reader: all of Clojure's syntax, and one clear error for what is none.

#include "lang/reader/reader.hpp"

#include <gtest/gtest.h>

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/sources.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"
#include "text_testing.hpp"

namespace reops::lang {
namespace {

using ReaderTest = TextTest;

struct Read {
  const char* text;
  const char* printed;
};

class Reads : public TextTest, public ::testing::WithParamInterface<Read> {};

// The printed forms are JVM Clojure's.
TEST_P(Reads, AsClojureDoes) { EXPECT_EQ(reread(GetParam().text), GetParam().printed) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(
    Atoms, Reads,
    ::testing::Values(Read{"nil true false", "nil true false"},
                      Read{"42 -7 +3 0x1F 017 36rZZ 2r101", "42 -7 3 31 15 1295 5"},
                      Read{"1N 3/4 -6/4 1.5 1e3 2.5M", "1N 3/4 -3/2 1.5 1000.0 2.5M"},
                      Read{"9223372036854775807 9223372036854775808",
                           "9223372036854775807 9223372036854775808N"},
                      Read{"##Inf ##-Inf ##NaN", "##Inf ##-Inf ##NaN"},
                      Read{":a :a/b :a.b/c :/ :1 :+'/x", ":a :a/b :a.b/c :/ :1 :+'/x"},
                      Read{"| run> +' a'b % a# foo.bar/baz a/b/c / a// -> .. .method Class. &",
                           "| run> +' a'b % a# foo.bar/baz a/b/c / a// -> .. .method Class. &"},
                      Read{"\\a \\newline \\space \\tab \\u03bb \\o377 \\( \\\\ \\; \\\"",
                           "\\a \\newline \\space \\tab \\λ \\ÿ \\( \\\\ \\; \\\""},
                      Read{R"("a\tb\n\"\\\u03bb\101\7")", "\"a\\tb\\n\\\"\\\\λA\a\""},
                      Read{R"("😀")", "\"😀\""}, Read{"\"\\ud83d\\ude00\"", "\"😀\""},
                      Read{"1;comment\n2,,3", "1 2 3"}, Read{"-  + -a", "- + -a"}));

INSTANTIATE_TEST_SUITE_P(
    Collections, Reads,
    ::testing::Values(Read{"() (a) (a (b))", "() (a) (a (b))"}, Read{"[] [1 [2]]", "[] [1 [2]]"},
                      Read{"{} {:a 1, :b {2 3}}", "{} {:a 1, :b {2 3}}"}, Read{"#{} #{1}", "#{} #{1}"},
                      Read{"#:a{:b 1 :c/d 2 :_/e 3 f 4}", "{:a/b 1, :c/d 2, :e 3, a/f 4}"},
                      Read{"#::{:b 1}", "{:user/b 1}"}, Read{"::k", ":user/k"},
                      Read{"[1 #_ 2 3 #_#_4 5]", "[1 3]"}, Read{"#!/usr/bin/reops\n1", "1"},
                      Read{"\xEF\xBB\xBF(a)", "(a)"}, Read{"(a\r\nb)\r\n", "(a b)"}));

INSTANTIATE_TEST_SUITE_P(
    Macros, Reads,
    ::testing::Values(Read{"'a '(b)", "(quote a) (quote (b))"}, Read{"@a", "(clojure.core/deref a)"},
                      Read{"#'a/b", "(var a/b)"},
                      Read{"~a ~@b", "(clojure.core/unquote a) (clojure.core/unquote-splicing b)"},
                      Read{"#\"a\\\"b\\d\"", "#\"a\\\"b\\d\""}, Read{"#?(:clj 1 :default 2)", "1"},
                      Read{"#?(:cljs 1 :default 2)", "2"}, Read{"#?(:default 2 :reops 1)", "2"},
                      Read{"#?(:reops 1 :clj 2)", "1"}, Read{"[#?(:cljs 1) 2]", "[2]"},
                      Read{"[0 #?@(:clj [1 2]) 3]", "[0 1 2 3]"},
                      Read{"#?(:cljs #unknown {:a 1} :clj 1)", "1"},
                      Read{"[#?(:cljs ::no/alias :clj 1)]", "[1]"},
                      Read{"#uuid \"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"",
                           "#uuid \"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\""},
                      Read{"#inst \"2024-02-29T12:00:00Z\"", "#inst \"2024-02-29T12:00:00.000-00:00\""},
                      Read{"#bytes \"c0ffee\"", "#bytes \"c0ffee\""}));

TEST_F(ReaderTest, FunctionLiterals) {
  Ref form = read_one("#(+ %3 % %&)");
  Ref parameters = first(rest(form));
  ASSERT_EQ(vector_count(parameters), 5u);
  EXPECT_TRUE(name_of(vector_at(parameters, 0)).starts_with("p1__"));
  EXPECT_TRUE(name_of(vector_at(parameters, 1)).starts_with("p2__")) << "a gap is filled";
  EXPECT_EQ(name_of(vector_at(parameters, 3)), "&");
  Ref body = first(rest(rest(form)));
  EXPECT_TRUE(equal(nth(body, 1), vector_at(parameters, 2)));
  EXPECT_TRUE(equal(nth(body, 2), vector_at(parameters, 0)));
  EXPECT_TRUE(equal(nth(body, 3), vector_at(parameters, 4)));
  EXPECT_TRUE(name_of(first(form)) == "fn*");
}

TEST_F(ReaderTest, EveryOccurrenceIsAnObjectOfItsOwn) {
  Ref form = read_one("(a a \"s\" \"s\" (b) (b))");
  for (int64_t i = 0; i < 6; i += 2) EXPECT_NE(nth(form, i).get(), nth(form, i + 1).get()) << i;
}

TEST_F(ReaderTest, SyntaxQuote) {
  EXPECT_EQ(
      reread("`(a ~b ~@c)"),
      "(clojure.core/seq (clojure.core/concat (clojure.core/list (quote user/a)) (clojure.core/list b) c))");
  EXPECT_EQ(reread("`[~a]"),
            "(clojure.core/apply clojure.core/vector (clojure.core/seq (clojure.core/concat "
            "(clojure.core/list a))))");
  EXPECT_EQ(reread("`{}"),
            "(clojure.core/apply clojure.core/hash-map (clojure.core/seq (clojure.core/concat)))");
  EXPECT_EQ(reread("`()"), "(clojure.core/list)");
  EXPECT_EQ(reread("`if `& `.foo `a.b `:k `\"s\" `1 `user/x `.."),
            "(quote if) (quote &) (quote .foo) (quote a.b) :k \"s\" 1 (quote user/x) (quote ..)");
  EXPECT_EQ(reread("`~a"), "a");
  EXPECT_EQ(reread("``a"),
            "(clojure.core/seq (clojure.core/concat (clojure.core/list (quote quote)) (clojure.core/list "
            "(quote user/a))))");
  EXPECT_EQ(reread("`^:private x"),
            "(clojure.core/with-meta (quote user/x) (clojure.core/apply clojure.core/hash-map "
            "(clojure.core/seq (clojure.core/concat "
            "(clojure.core/list :private) (clojure.core/list true)))))");
  EXPECT_NE(read_error("`~@a").find("~@"), std::string::npos);
}

TEST_F(ReaderTest, SyntaxQuoteResolvesVarsAndAliases) {
  Value core = find_ns("clojure.core");
  intern(core, "shared-name");
  Value user = find_ns("user");
  refer(user, make_symbol("shared-name"), Value::object(&intern(core, "shared-name")));
  add_alias(user, make_symbol("c"), core);
  EXPECT_EQ(reread("`shared-name"), "(quote clojure.core/shared-name)");
  EXPECT_EQ(reread("`c/anything"), "(quote clojure.core/anything)");
  EXPECT_EQ(reread("::c/k #::c{:k 1}"), ":clojure.core/k {:clojure.core/k 1}");
  EXPECT_NE(read_error("::nobody/k").find("alias"), std::string::npos);
}

TEST_F(ReaderTest, GensymsAreOneSymbolWithinATemplate) {
  Ref form = read_one("`[x# x#]");
  std::string printed = pr_str(form);
  size_t first = printed.find("x__"), last = printed.rfind("x__");
  ASSERT_NE(first, last);
  EXPECT_EQ(printed.substr(first, printed.find(')', first) - first),
            printed.substr(last, printed.find(')', last) - last));
  EXPECT_NE(pr_str(read_one("`x#")), pr_str(read_one("`x#")));
}

TEST_F(ReaderTest, Metadata) {
  auto meta_of = [](std::string_view text) {
    ReaderOptions options;
    options.line_metadata = false;
    return pr_str(meta(read_one(text, options)));
  };
  EXPECT_EQ(meta_of("^:a x"), "{:a true}");
  EXPECT_EQ(meta_of("^String x"), "{:tag String}");
  EXPECT_EQ(meta_of("^\"s\" x"), "{:tag \"s\"}");
  EXPECT_EQ(meta_of("#^{:b 1} [x]"), "{:b 1}");
  EXPECT_EQ(meta_of("^:a ^{:a 2 :b 3} x"), "{:a true, :b 3}");
  EXPECT_EQ(meta_of("^:a {}"), "{:a true}");
  EXPECT_EQ(meta_of("^:a ()"), "{:a true}");
  EXPECT_EQ(pr_str(meta(read_one("\n  (a)"))), "{:line 2, :column 3}");
  EXPECT_EQ(pr_str(meta(read_one("^:a (b)"))), "{:line 1, :column 5, :a true}");
  EXPECT_NE(read_error("^:a 1").find("Metadata"), std::string::npos);
  EXPECT_NE(read_error("^1 a").find("Metadata"), std::string::npos);
}

TEST_F(ReaderTest, PositionsOfFormsAndAtoms) {
  Reader reader(source_of("(foo :k 12\n  [λλ \"s\"] {a 1})"));
  Ref form = reader.read();
  const PositionTable& at = reader.positions();
  auto check = [](Span s, uint32_t line, uint32_t column, uint32_t end_line, uint32_t end_column) {
    EXPECT_EQ(s.line, line);
    EXPECT_EQ(s.column, column);
    EXPECT_EQ(s.end_line, end_line);
    EXPECT_EQ(s.end_column, end_column);
  };
  check(at.of(form), 1, 1, 2, 18);
  check(at.of(first(form)), 1, 2, 1, 5);
  check(at.of_child(form, 1, nth(form, 1)), 1, 6, 1, 8);
  check(at.of_child(form, 2, nth(form, 2)), 1, 9, 1, 11);
  Ref vector = nth(form, 3);
  check(at.of(vector), 2, 3, 2, 11);
  check(at.of(vector_at(vector, 0)), 2, 4, 2, 6);
  check(at.of(vector_at(vector, 1)), 2, 7, 2, 10);
  Ref map = nth(form, 4);
  check(at.of_child(map, 1, Value::fixnum(1)), 2, 15, 2, 16);
}

TEST_F(ReaderTest, PositionsSurviveMetadata) {
  Reader reader(source_of("(def ^{:doc \"d\"} name [1])"));
  Ref form = reader.read();
  EXPECT_EQ(reader.positions().of(nth(form, 1)).column, 18u);
  EXPECT_EQ(reader.positions().of_child(nth(form, 2), 0, Value::fixnum(1)).column, 24u);
}

TEST_F(ReaderTest, ReadsOneFormAfterAnother) {
  Reader reader(source_of("a (b) ; c\n"));
  EXPECT_EQ(pr_str(reader.read()), "a");
  EXPECT_EQ(reader.offset(), 1u);
  EXPECT_EQ(pr_str(reader.read()), "(b)");
  EXPECT_TRUE(reader.read().get().is_none());
  EXPECT_TRUE(reader.read().get().is_none());
}

TEST_F(ReaderTest, ErrorsNameTheOpeningDelimiter) {
  EXPECT_EQ(read_error("\n\n    (a [b]"),
            "The text ends too early: this ( from line 3 column 5 is never closed");
  EXPECT_EQ(read_error("(a ]"), "Unmatched delimiter ]: the ( from line 1 column 1 is closed by )");
  EXPECT_EQ(read_error("a )"), "Unmatched delimiter: nothing is open that this ) could close");
  EXPECT_EQ(read_error(" \"abc"),
            "The text ends too early: this string from line 1 column 2 is never closed");
}

TEST_F(ReaderTest, ErrorsCarryTheirPlace) {
  try {
    read_one("(a\n  1b)");
    FAIL();
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    EXPECT_EQ(e.error_class, ErrorClass::number_format);
    EXPECT_EQ(
        pr_str(e.data),
        "{:type :reops/invalid-number, :file \"test.clj\", :line 2, :column 3, :end-line 2, :end-column 5}");
  }
}

TEST_F(ReaderTest, TellsWhatMoreTextCouldMend) {
  for (const char* open : {"(", "[1", "{:a", "#{", "\"abc", "#\"a", "'", "^:a", "#_", "(a '", "#?(:clj",
                           "#(a", "@", "#'", "#inst", "\"a\\"}) {
    Reader reader(source_of(open));
    EXPECT_THROW(reader.read(), Thrown) << open;
    EXPECT_TRUE(reader.incomplete()) << open;
  }
  for (const char* wrong : {")", "(]", "1b", "{:a}", "\"\\x\"", "##Foo", "(a ')", "#{1 1}"}) {
    Reader reader(source_of(wrong));
    EXPECT_THROW(reader.read(), Thrown) << wrong;
    EXPECT_FALSE(reader.incomplete()) << wrong;
  }
}

TEST_F(ReaderTest, RefusesWhatClojureRefuses) {
  for (const char* bad : {"{:a 1 :a 2}",
                          "#{1 1}",
                          "{:a}",
                          "a:",
                          ":",
                          "::",
                          ":a:",
                          "a::b",
                          "a/",
                          "/a",
                          ":a/1",
                          "foo/1",
                          "08",
                          "1/0",
                          "1a",
                          "\\foo",
                          "\\u12",
                          "\\ud800",
                          "\\o400",
                          "\"\\q\"",
                          "\"\\u12\"",
                          "\"\\400\"",
                          "\"\\ud800\"",
                          "##Foo",
                          "#=(+ 1 2)",
                          "#<x>",
                          "#(#())",
                          "#(%a)",
                          "#(%21)",
                          "#foo 1",
                          "#1",
                          "#:a",
                          "#:a/b{:c 1}",
                          "#: {:a 1}",
                          "#?1",
                          "#?(1 2)",
                          "#?@(:clj [1])",
                          "[#?@(:clj 1)]",
                          "#inst \"no\"",
                          "#uuid \"1\"",
                          "#bytes \"1\"",
                          "#\"(\"",
                          "^:a",
                          "#my.Record{:a 1}"}) {
    EXPECT_THROW(reread(bad), Thrown) << bad;
  }
}

TEST_F(ReaderTest, InvalidUtf8IsReportedWithItsPlace) {
  try {
    read_one("(a\n \xFF)");
    FAIL();
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    EXPECT_EQ(pr_str(get(e.data, keyword("line"))), "2");
    EXPECT_EQ(pr_str(get(e.data, keyword("column"))), "2");
  }
}

TEST_F(ReaderTest, EdnIsDataOnly) {
  ReaderOptions edn;
  edn.edn = true;
  EXPECT_EQ(reread("{:a [1 #{b}] \"c\" (d)} #uuid \"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\" ^:m x", edn),
            "{:a [1 #{b}], \"c\" (d)} #uuid \"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\" x");
  EXPECT_EQ(reread("'a %", edn), "'a %") << "characters of symbols, as EDN has them";
  for (const char* code :
       {"@a", "a@b", "a~b", "a`b", "`a", "~a", "#(a)", "#\"a\"", "#'a", "::a", "#?(:clj 1)"})
    EXPECT_THROW(reread(code, edn), Thrown) << code;
}

TEST_F(ReaderTest, ConditionalsCanBeRefusedOrKept) {
  ReaderOptions refuse;
  refuse.conditionals = ReaderOptions::Conditionals::refuse;
  EXPECT_NE(read_error("#?(:clj 1)", refuse).find("not allowed"), std::string::npos);
  ReaderOptions keep;
  keep.conditionals = ReaderOptions::Conditionals::preserve;
  EXPECT_EQ(reread("#?(:clj 1 :cljs #x y) [#?@(:clj [1])]", keep), "#?(:clj 1 :cljs #x y) [#?@(:clj [1])]");
  ReaderOptions more;
  more.features = make_set(std::vector<Value>{keyword("cljs")});
  EXPECT_EQ(reread("#?(:cljs 1 :clj 2)", more), "1");
}

Ref twice(Args args) { return make_vector({args[0], args[0]}); }
Ref show_tag(Args args) { return make_vector({args[0], args[1]}); }

Ref native(NativeFn fn) {
  Native* n = allocate<Native>();
  *n = Native{};
  static_cast<Object&>(*n) = Object{1, Kind::Native, 0, 0};
  n->max_args = k_variadic;
  n->borrowed = k_borrow_all;
  n->fn = fn;
  n->name = make_symbol("test/f").take();
  return Ref::adopt(n);
}

TEST_F(ReaderTest, TagsAskTheirReaders) {
  ReaderOptions options;
  Ref tag = make_symbol("my/twice"), f = native(twice);
  options.data_readers = make_map({tag, f});
  EXPECT_EQ(reread("#my/twice 1", options), "[1 1]");
  EXPECT_NE(read_error("#my/other 1", options).find("#my/other"), std::string::npos);
  options.default_reader = native(show_tag);
  EXPECT_EQ(reread("#my/other 1", options), "[my/other 1]");
}

TEST_F(ReaderTest, DeepNestingIsOneClearError) {
  for (const char* open : {"(", "[", "'", "{:a ", "#(", "^:a [", "#_ [", "`(", "#x "}) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += open;
    EXPECT_THROW(read_one(text), Thrown) << open;
  }
  std::string text(1'000'000, '(');
  EXPECT_EQ(read_error(text + std::string(1'000'000, ')')), "Forms are nested too deeply to be read");
}

TEST_F(ReaderTest, NestedSyntaxQuotesDoNotExplode) {
  EXPECT_NE(read_error(std::string(40, '`') + "a").find("nested too deeply"), std::string::npos);
  EXPECT_FALSE(reread("````a").empty());
}

TEST_F(ReaderTest, ReadsALongStringInOneGo) {
  std::string text = "\"" + std::string(100'000'000, 'x') + "\"";
  Ref s = read_one(text);
  EXPECT_EQ(as<String>(s).bytes, 100'000'000u);
}

TEST_F(ReaderTest, RemembersSourcesOfFilesOnly) {
  Reader(source_of("(a)\nline two", "remembered.clj")).read();
  ASSERT_NE(find_source("remembered.clj"), nullptr);
  EXPECT_EQ(find_source("remembered.clj")->line(2), "line two");
  ReaderOptions from_string;
  from_string.line_metadata = false;
  Reader(source_of("a", "passing.clj"), from_string).read();
  EXPECT_EQ(find_source("passing.clj"), nullptr);
}

TEST(Sources, AreBounded) {
  for (int i = 0; i < 5000; ++i) remember_source(source_of("x", "many-" + std::to_string(i)));
  EXPECT_EQ(find_source("many-0"), nullptr);
  EXPECT_NE(find_source("many-4999"), nullptr);
}

}  // namespace
}  // namespace reops::lang
