// Reports of errors, as STYLE shows them.

#include "lang/codec/report.hpp"

#include <gtest/gtest.h>

#include "lang/codec/terminal_text.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/sources.hpp"
#include "lang/value/symbol.hpp"
#include "text_testing.hpp"

namespace reops::lang {
namespace {

using ReportTest = TextTest;

Ref diagnostic(std::string_view message, std::string_view type, uint32_t line, uint32_t column,
               uint32_t end_column, std::string_view hint) {
  Ref file = make_string("my/ops.clj"), text = make_string(hint);
  auto number = [](uint32_t n) { return Value::fixnum(n); };
  Ref data = make_map({keyword("type"), keyword(type), keyword("file"), file, keyword("line"), number(line),
                       keyword("column"), number(column), keyword("end-line"), number(line),
                       keyword("end-column"), number(end_column), keyword("hint"), text});
  return make_error(ErrorClass::compiler, message, data);
}

Ref frame(std::string_view name, std::string_view file, uint32_t line, uint32_t column) {
  Ref n = make_string(name), f = make_string(file);
  return make_vector(
      {n, f, Value::fixnum(line), Value::fixnum(column), Value::fixnum(line), Value::fixnum(column + 3)});
}

TEST_F(ReportTest, ShowsPlaceCaretsAndHint) {
  std::string source;
  for (int i = 1; i < 12; ++i) source += "\n";
  source += "(run (ls hs \"/\" \"-la\") | (pick sucessful) | (pretty))\n";
  remember_source(source_of(source, "my/ops.clj"));
  Ref e = diagnostic("Unresolved symbol: sucessful", "reops/unresolved-symbol", 12, 32, 41,
                     "Did you mean `successful`?");
  EXPECT_EQ(report(e),
            "Unresolved symbol: sucessful                                       reops/unresolved-symbol\n"
            "  at my/ops.clj:12:32\n"
            "  12 │ (run (ls hs \"/\" \"-la\") | (pick sucessful) | (pretty))\n"
            "     │                                ^^^^^^^^^\n"
            "  Did you mean `successful`?\n");
}

TEST_F(ReportTest, CaretsStandUnderWideCharactersAndTabs) {
  remember_source(source_of("\t(日本 x)", "my/ops.clj"));
  std::string text = report(diagnostic("m", "reops/x", 1, 6, 7, ""));
  EXPECT_NE(text.find("\n    │ \t      ^\n"), std::string::npos) << text;
}

TEST_F(ReportTest, LongLinesAreCutAroundThePlace) {
  remember_source(source_of(std::string(1000, 'a') + "(boom)" + std::string(1000, 'b'), "my/ops.clj"));
  std::string text = report(diagnostic("m", "reops/x", 1, 1001, 1007, ""));
  EXPECT_NE(text.find("(boom)"), std::string::npos);
  EXPECT_NE(text.find("^^^^^^\n"), std::string::npos);
  for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    EXPECT_LT(end - begin, 200u);
}

TEST_F(ReportTest, TraceNamesTheUsersFunctionsAndFoldsRepeats) {
  Ref e = make_error(ErrorClass::arithmetic, "Divide by zero");
  std::vector<Ref> frames;
  frames.push_back(frame("user/inner", "my/ops.clj", 3, 5));
  for (int i = 0; i < 50; ++i) frames.push_back(frame("user/loop", "my/ops.clj", 7, 1));
  frames.push_back(frame("user/main", "my/ops.clj", 9, 1));
  as<Error>(e).trace = make_vector(std::vector<Value>(frames.begin(), frames.end())).take();
  std::string text = report(e);
  EXPECT_NE(text.find("ArithmeticException\n  at my/ops.clj:3:5\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    user/loop   my/ops.clj:7:1  (50 times)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    user/main   my/ops.clj:9:1\n"), std::string::npos) << text;
}

TEST_F(ReportTest, CausesAndDataAreShown) {
  Ref inner = make_error(ErrorClass::io, "no route to host");
  Ref host = make_string("web7");
  Ref data = make_map({keyword("type"), keyword("ssh/unreachable"), keyword("host"), host});
  std::string text = report(make_error(ErrorClass::ex_info, "Cannot reach web7", data, inner));
  EXPECT_NE(text.find("ssh/unreachable\n  with {:host \"web7\"}\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Caused by: no route to host"), std::string::npos) << text;
}

TEST_F(ReportTest, ColoursOnlyWhenAsked) {
  Ref e = make_error(ErrorClass::runtime, "x");
  EXPECT_EQ(report(e).find('\x1b'), std::string::npos);
  ReportOptions colourful;
  colourful.color = true;
  EXPECT_NE(report(e, colourful).find('\x1b'), std::string::npos);
}

TEST_F(ReportTest, NothingInItDrivesATerminal) {
  Ref key = make_string("\x07");
  Ref inner = diagnostic("in\x1b[2Jner", "my/kind", 1, 1, 2, "try \u202e");
  Ref data = make_map({key, keyword("k")});
  std::string text = report(make_error(ErrorClass::ex_info, "out\x9b\x1b]0;er", data, inner));
  for (const char* part : {"\\u001b]0;er", "with {\"\\u0007\" :k}", "in\\u001b[2Jner", "try \\u202e"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  for (char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << text;
}

TEST(TerminalText, EscapesWhatIsObeyedAndKeepsTheRest) {
  EXPECT_EQ(terminal_text("plain λ 世界 \t\n"), "plain λ 世界 \t\n");
  EXPECT_EQ(terminal_text("a\x1b[31m\r\x7f\u009b\u200f\u2066"),
            "a\\u001b[31m\\u000d\\u007f\\u009b\\u200f\\u2066");
  EXPECT_EQ(terminal_text("\xff"), "\xef\xbf\xbd");
}

TEST(Suggest, NearNamesOnly) {
  std::vector<std::string> names = {"successful", "println", "map", "filter"};
  EXPECT_EQ(suggest("sucessful", names), "successful");
  EXPECT_EQ(suggest("pritnln", names), "println");
  EXPECT_EQ(suggest("zzz", names), "");
}

}  // namespace
}  // namespace reops::lang
