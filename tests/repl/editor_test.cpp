#include "repl/editor.hpp"

#include <gtest/gtest.h>

#include "repl/completion_menu.hpp"
#include "repl/display.hpp"

namespace reops::repl {
namespace {

using Outcome = Editor::Outcome;

class FakeKnowledge : public Knowledge {
 public:
  std::vector<Candidate> completions(std::string_view prefix, std::string_view before) override {
    asked = prefix;
    asked_before = before;
    std::vector<Candidate> found;
    for (const Candidate& c : all) {
      if (c.text.starts_with(prefix)) found.push_back(c);
    }
    return found;
  }
  std::string signature(std::string_view symbol) override {
    return symbol == "map" ? "clojure.core/map [f] [f coll]" : "";
  }

  std::vector<Candidate> all = {{"reduce", "function", "[f coll]", "Combines the elements."},
                                {"reduced", "function", "[x]", "Ends a reduction."},
                                {"map", "function", "[f coll]", "The lazy sequence."}};
  std::string asked, asked_before;
};

class EditorTest : public testing::Test {
 protected:
  EditorTest() { editor_.begin("λ: "); }

  // Types keys as a terminal sends them; the outcome of the last.
  Outcome type(std::string_view bytes) {
    keys_.feed(bytes);
    Outcome outcome = Outcome::editing;
    while (auto key = keys_.next()) outcome = editor_.handle(*key);
    if (auto key = keys_.next_after_pause()) outcome = editor_.handle(*key);
    return outcome;
  }
  std::string shown() const {
    std::string text = editor_.text();
    return text.insert(editor_.buffer().cursor(), "|");
  }
  std::string screen(size_t columns = 40, size_t rows = 10) {
    std::string text;
    for (const std::string& row : editor_.frame(columns, rows).rows) text += row + "\n";
    return text;
  }

  History history_;
  FakeKnowledge knowledge_;
  Editor editor_{history_, knowledge_, false};
  KeyDecoder keys_;
};

TEST_F(EditorTest, EnterSubmitsAWholeForm) {
  EXPECT_EQ(type("(+ 1 2)"), Outcome::editing);
  EXPECT_EQ(type("\r"), Outcome::submitted);
  EXPECT_EQ(editor_.text(), "(+ 1 2)");
}

TEST_F(EditorTest, EnterGoesOnWithAnOpenOne) {
  EXPECT_EQ(type("(defn f [x]\r"), Outcome::editing);
  EXPECT_EQ(shown(), "(defn f [x]\n  |");
  EXPECT_EQ(type("x)\r"), Outcome::submitted);
  EXPECT_EQ(editor_.text(), "(defn f [x]\n  x)");
}

TEST_F(EditorTest, AltEnterBreaksALineAnywhere) {
  type("(f)\x1b\r(g)");
  EXPECT_EQ(editor_.text(), "(f)\n(g)");
  editor_.begin("λ: ");
  type("(map inc   xs)\x1b[D\x1b[D\x1b[D\x1b[D\x1b\r");
  EXPECT_EQ(shown(), "(map inc\n     |xs)");
}

TEST_F(EditorTest, ArrowsMoveInAFormThenInTheHistory) {
  history_.add("old");
  history_.add("(two\n lines)");
  editor_.begin("λ: ");
  type("draft");
  type("\x1b[A");
  EXPECT_EQ(shown(), "(two\n lines)|");
  type("\x1b[A");
  EXPECT_EQ(shown(), "(two|\n lines)");
  type("\x1b[A");
  EXPECT_EQ(shown(), "old|");
  type("\x1b[A");
  EXPECT_EQ(shown(), "old|");
  type("\x1b[B\x1b[B");
  EXPECT_EQ(shown(), "draft|");
}

TEST_F(EditorTest, CtrlCAndCtrlD) {
  EXPECT_EQ(type("\x04"), Outcome::ended);
  EXPECT_EQ(type("ab\x1b[D\x04"), Outcome::editing);
  EXPECT_EQ(editor_.text(), "a") << "Ctrl-D in a text erases";
  EXPECT_EQ(type("\x03"), Outcome::interrupted);
  EXPECT_EQ(type("\x0c"), Outcome::clear_screen);
}

TEST_F(EditorTest, PastedTextIsTakenAsItIs) {
  EXPECT_EQ(type("\x1b[200~(f\r\n  1)\r\n\x1b[2J(g)\n\x1b[201~"), Outcome::editing) << "nothing is submitted";
  EXPECT_EQ(editor_.text(), "(f\n  1)\n[2J(g)\n");
}

TEST_F(EditorTest, SearchesTheHistory) {
  for (const char* entry : {"(map inc)", "(filter odd?)", "(map dec)"}) history_.add(entry);
  editor_.begin("λ: ");
  type(
      "mine\x12"
      "map");
  EXPECT_EQ(shown(), "(|map dec)");
  EXPECT_NE(screen().find("search: map"), std::string::npos);
  type("\x12");
  EXPECT_EQ(shown(), "(|map inc)");
  type("\x12");
  EXPECT_NE(screen().find("not found: map"), std::string::npos);
  type("\x07");
  EXPECT_EQ(shown(), "mine|");
  EXPECT_EQ(type("\x12"
                 "odd\r"),
            Outcome::submitted)
      << "Enter takes it and runs it";
  EXPECT_EQ(editor_.text(), "(filter odd?)");
}

TEST_F(EditorTest, CompletesTheOnlyCandidate) {
  type("(ma\t");
  EXPECT_EQ(shown(), "(map|");
  EXPECT_EQ(knowledge_.asked, "ma");
  EXPECT_EQ(knowledge_.asked_before, "(");
}

TEST_F(EditorTest, CompletesWhatAllHaveInCommonThenCycles) {
  type("(re\t");
  EXPECT_EQ(shown(), "(reduce|");
  EXPECT_NE(screen().find("reduce   reduced"), std::string::npos) << screen();
  type("\t\t");
  EXPECT_EQ(shown(), "(reduced|");
  EXPECT_NE(screen().find("reduced [x]"), std::string::npos) << screen();
  EXPECT_NE(screen().find("Ends a reduction."), std::string::npos) << screen();
  type("\x1b[Z");
  EXPECT_EQ(shown(), "(reduce|");
  EXPECT_EQ(type("\r"), Outcome::editing) << "Enter takes the choice";
  EXPECT_EQ(screen().find("reduced"), std::string::npos);
  type(" + xs)");
  EXPECT_EQ(editor_.text(), "(reduce + xs)");
}

TEST_F(EditorTest, EscapeGivesUpAChoice) {
  type("(re\t\t\t\x1b");
  EXPECT_EQ(shown(), "(reduce|");
  EXPECT_EQ(screen().find("reduced"), std::string::npos);
}

TEST_F(EditorTest, CompletesInStringsWithTheWholeContent) {
  type("(slurp \"/etc/ho\t");
  EXPECT_EQ(knowledge_.asked, "/etc/ho");
  EXPECT_EQ(knowledge_.asked_before, "(slurp \"");
}

TEST_F(EditorTest, TabIndentsABlankLine) {
  type("\x1b[200~(when a\n\x1b[201~\t");
  EXPECT_EQ(shown(), "(when a\n  |");
}

TEST_F(EditorTest, ShowsHowAFunctionIsCalled) {
  type("(map");
  EXPECT_EQ(screen().find("clojure.core/map"), std::string::npos);
  type(" inc ");
  EXPECT_NE(screen().find("clojure.core/map [f] [f coll]"), std::string::npos) << screen();
}

TEST_F(EditorTest, TheFrameStandsBehindThePrompt) {
  type("(let [a 1]\ra");
  Frame frame = editor_.frame(40, 10);
  ASSERT_GE(frame.rows.size(), 2u);
  EXPECT_EQ(frame.rows[0], "λ: (let [a 1]");
  EXPECT_EQ(frame.rows[1], "     a");
  EXPECT_EQ(frame.cursor_row, 1u);
  EXPECT_EQ(frame.cursor_column, 6u);
}

TEST_F(EditorTest, LongLinesAreWrappedAtTheEdge) {
  type("0123456789");
  Frame frame = editor_.frame(8, 10);
  ASSERT_EQ(frame.rows.size(), 2u);
  EXPECT_EQ(frame.rows[0], "λ: 01234");
  EXPECT_EQ(frame.rows[1], "56789");
  EXPECT_EQ(frame.cursor_column, 5u);
  type("\x01");
  EXPECT_EQ(editor_.frame(8, 10).cursor_column, 3u);
  type(
      "\x05"
      "abc");
  frame = editor_.frame(8, 10);
  EXPECT_EQ(frame.cursor_row, 2u) << "a cursor behind a full row stands on the next";
  EXPECT_EQ(frame.cursor_column, 0u);
}

TEST_F(EditorTest, WideCharactersDoNotCrossTheEdge) {
  type("世界世界");
  Frame frame = editor_.frame(8, 10);
  EXPECT_EQ(frame.rows[0], "λ: 世界");
  EXPECT_EQ(frame.rows[1], "世界");
  EXPECT_EQ(frame.cursor_column, 4u);
}

TEST_F(EditorTest, AFormLongerThanTheScreenShowsTheCursor) {
  for (int i = 0; i < 30; ++i) type("(f" + std::to_string(i) + "\r");
  Frame frame = editor_.frame(80, 5);
  EXPECT_EQ(frame.rows.size(), 5u);
  EXPECT_LT(frame.cursor_row, 5u);
  EXPECT_EQ(editor_.frame(80, 5, true).rows.size(), 5u);
}

TEST_F(EditorTest, WhatATerminalWouldObeyIsShownAsItsName) {
  history_.add("\"\x1b[31m\u202e\"");
  editor_.begin("λ: ");
  type("\x1b[A");
  std::string row = editor_.frame(80, 5).rows[0];
  EXPECT_EQ(row, "λ: \"^[[31m\\u202e\"");
}

TEST_F(EditorTest, ColoursAndMatchingBrackets) {
  Editor colored_editor(history_, knowledge_, true);
  colored_editor.begin("λ: ");
  Key paste;
  paste.name = KeyName::paste;
  paste.text = "(def a :b)";
  colored_editor.handle(paste);
  std::string row = colored_editor.frame(80, 5).rows[0];
  EXPECT_NE(row.find("\x1b[1;34mdef"), std::string::npos) << row;
  EXPECT_NE(row.find("\x1b[36m:b"), std::string::npos) << row;
  EXPECT_NE(row.find("\x1b[1;4m("), std::string::npos)
      << "the bracket that the cursor stands behind, and its partner";
  row = colored_editor.frame(80, 5, true).rows[0];
  EXPECT_EQ(row.find("\x1b[1;4m"), std::string::npos);
}

TEST(CompletionMenuTest, FitsNarrowTerminals) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 50; ++i)
    candidates.push_back({"name-" + std::to_string(i), "function", "[x]", std::string(300, 'd')});
  for (size_t columns : {80, 40, 12, 4}) {
    for (std::optional<size_t> chosen : {std::optional<size_t>(), std::optional<size_t>(49)}) {
      std::vector<HintLine> lines = menu_lines(candidates, chosen, columns, 10);
      EXPECT_LE(lines.size(), 20u);
      FrameInput in;
      in.columns = columns;
      in.rows = 30;
      in.hints = lines;
      for (size_t width : lay_out(in).widths) EXPECT_LE(width, columns);
    }
  }
}

TEST(CompletionMenuTest, TheChosenOneIsInSight) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 200; ++i) candidates.push_back({"name-" + std::to_string(100 + i), "", "", ""});
  std::string text;
  for (const HintLine& line : menu_lines(candidates, 150, 40, 12)) {
    for (const auto& [style, part] : line) text += style == Style::chosen ? "[" + part + "]" : part;
  }
  EXPECT_NE(text.find("[name-250]"), std::string::npos) << text;
}

TEST(CompletionMenuTest, CommonBeginning) {
  EXPECT_EQ(common_beginning({{"reduce", "", "", ""}, {"reduced", "", "", ""}}), "reduce");
  EXPECT_EQ(common_beginning({{"é", "", "", ""}, {"è", "", "", ""}}), "") << "never half a character";
  EXPECT_EQ(common_beginning({}), "");
}

}  // namespace
}  // namespace reops::repl
