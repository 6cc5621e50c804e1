// A person's forms, typed in the editor.

#include <limits>

#include "lang/runtime/streams.hpp"
#include "lang/vm/thread.hpp"
#include "repl/editor.hpp"
#include "repl/language_knowledge.hpp"
#include "repl/line_source.hpp"
#include "repl/terminal.hpp"

namespace reops::repl {
namespace {

// An escape after which nothing has come for so long is the key itself, not the beginning of another.
constexpr int k_escape_pause_ms = 50;

class TerminalLines : public LineSource {
 public:
  TerminalLines(PersonTerminal& terminal, const std::string& history_path)
      : terminal_(terminal),
        history_(history_path),
        editor_(history_, knowledge_, terminal.shows_colors()),
        screen_(terminal) {}

  std::optional<std::string> read(const std::string& prompt) override {
    interrupted_ = false;
    // One that came after the evaluation had ended.
    lang::clear_interrupt(lang::this_thread());
    RawTerminal raw(terminal_);
    editor_.begin(prompt);
    draw();
    for (;;) {
      switch (next_outcome(raw)) {
        case Editor::Outcome::submitted:
          finish();
          history_.add(without_blank_end(editor_.text()));
          return editor_.text() + '\n';
        case Editor::Outcome::interrupted:
          finish();
          interrupted_ = true;
          return std::nullopt;
        case Editor::Outcome::ended:
          finish();
          return std::nullopt;
        case Editor::Outcome::clear_screen:
          screen_.clear();
          break;
        case Editor::Outcome::suspend:
          finish();
          raw.suspend();
          break;
        case Editor::Outcome::editing:
          break;
      }
      // What is typed faster than it can be drawn is drawn once.
      if (!keys_waiting_ && !terminal_.more_typed()) draw();
    }
  }
  bool interrupted() const override { return interrupted_; }
  bool interactive() const override { return true; }

 private:
  static std::string without_blank_end(const std::string& text) {
    return text.substr(0, text.find_last_not_of(" \n\t") + 1);
  }

  // What became of the next key, or of what else happened.
  Editor::Outcome next_outcome(RawTerminal& raw) {
    for (;;) {
      if (auto key = keys_.next()) {
        keys_waiting_ = keys_.pending();
        return editor_.handle(*key);
      }
      keys_waiting_ = false;
      std::string bytes;
      switch (terminal_.wait(bytes, keys_.pending() ? k_escape_pause_ms : -1)) {
        case PersonTerminal::Event::bytes:
          keys_.feed(bytes);
          break;
        case PersonTerminal::Event::pause:
          if (auto key = keys_.next_after_pause()) return editor_.handle(*key);
          break;
        case PersonTerminal::Event::returned:
          raw.resume();
          draw();
          break;
        case PersonTerminal::Event::resized:
          draw();
          break;
        case PersonTerminal::Event::printed:
          screen_.print_above(terminal_.take_printed());
          draw();
          break;
        case PersonTerminal::Event::interrupted:
          return Editor::Outcome::interrupted;
        case PersonTerminal::Event::closed:
          return Editor::Outcome::ended;
      }
    }
  }

  void draw() {
    TerminalSize size = terminal_.size();
    screen_.draw(editor_.frame(size.columns, size.rows), size.columns);
  }
  void finish() {
    size_t columns = terminal_.size().columns;
    screen_.finish(editor_.frame(columns, std::numeric_limits<size_t>::max(), true), columns);
  }

  PersonTerminal& terminal_;
  History history_;
  LanguageKnowledge knowledge_;
  Editor editor_;
  KeyDecoder keys_;
  Screen screen_;
  bool keys_waiting_ = false;
  bool interrupted_ = false;
};

}  // namespace

std::unique_ptr<LineSource> terminal_lines(PersonTerminal& terminal, const std::string& history_path) {
  return std::make_unique<TerminalLines>(terminal, history_path);
}

}  // namespace reops::repl
