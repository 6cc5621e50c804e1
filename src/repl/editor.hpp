#pragma once
// Line editing as a machine of keys: what each does to the form being typed, and how the result looks. Knows
// no terminal.

#include <optional>
#include <string>
#include <vector>

#include "repl/buffer.hpp"
#include "repl/frame.hpp"
#include "repl/history.hpp"
#include "repl/keys.hpp"
#include "repl/knowledge.hpp"

namespace reops::repl {

class Editor {
 public:
  enum class Outcome {
    editing,
    submitted,    ///< text() is whole
    interrupted,  ///< Ctrl-C: what was typed is given up
    ended,        ///< Ctrl-D on an empty line
    clear_screen,
    suspend,
  };

  Editor(History& history, Knowledge& knowledge, bool color)
      : history_(history), knowledge_(knowledge), color_(color) {}

  /// An empty form after `prompt`.
  void begin(std::string prompt);
  Outcome handle(const Key& key);
  const std::string& text() const { return buffer_.text(); }
  const Buffer& buffer() const { return buffer_; }
  /// `finished`: as it stays on the screen, without what helps while typing.
  Frame frame(size_t columns, size_t rows, bool finished = false);

 private:
  struct Search {
    std::string wanted;
    std::optional<size_t> found;  ///< in the history
    std::string before;           ///< the text to come back to
    bool failed = false;
  };
  struct Completion {
    std::vector<Candidate> candidates;
    size_t begin;       ///< of the word
    std::string typed;  ///< the word
    std::optional<size_t> chosen;
  };

  Outcome edit(const Key& key);
  Outcome control(char32_t letter);
  void alt(char32_t letter);
  Outcome enter();
  void new_line();
  void paste(std::string_view text);
  void older();
  void newer();
  void show_entry(size_t index);

  void begin_search();
  /// Whether the key was used up by the search.
  bool search_key(const Key& key);
  void search_from(size_t before);

  void complete();
  bool completion_key(const Key& key);
  void choose(size_t index);
  void put_word(std::string_view text);

  std::vector<HintLine> hints(size_t columns, size_t rows);
  std::string head_around_cursor() const;

  History& history_;
  Knowledge& knowledge_;
  bool color_;
  std::string prompt_;
  Buffer buffer_;
  size_t entry_ = 0;   ///< of the history; its size is what is being typed
  std::string draft_;  ///< that text, while an entry is shown
  std::optional<Search> search_;
  std::optional<Completion> completion_;
  std::string known_head_;  ///< whose signature was asked last
  std::string signature_;
};

}  // namespace reops::repl
