#include "repl/editor.hpp"

#include "repl/completion_menu.hpp"
#include "repl/display.hpp"
#include "repl/indent.hpp"
#include "repl/scanner.hpp"

namespace reops::repl {

void Editor::begin(std::string prompt) {
  prompt_ = std::move(prompt);
  buffer_.reset();
  entry_ = history_.size();
  draft_.clear();
  search_.reset();
  completion_.reset();
  // What was just evaluated may have changed it.
  known_head_.clear();
  signature_.clear();
}

Editor::Outcome Editor::handle(const Key& key) {
  if (search_ && search_key(key)) return Outcome::editing;
  if (completion_ && completion_key(key)) return Outcome::editing;
  return edit(key);
}

Editor::Outcome Editor::edit(const Key& key) {
  switch (key.name) {
    case KeyName::character:
      if (key.ctrl && key.alt) {
        if (key.value == 'f') buffer_.form_right();
        if (key.value == 'b') buffer_.form_left();
      } else if (key.ctrl) {
        return control(key.value);
      } else if (key.alt) {
        alt(key.value);
      } else {
        std::string typed;
        append_utf8(typed, key.value);
        buffer_.insert(typed);
      }
      break;
    case KeyName::paste:
      paste(key.text);
      break;
    case KeyName::enter:
      if (!key.alt) return enter();
      new_line();
      break;
    case KeyName::tab:
      complete();
      break;
    case KeyName::backspace:
      key.alt ? buffer_.kill_word_before() : buffer_.erase_before();
      break;
    case KeyName::remove:
      buffer_.erase_after();
      break;
    case KeyName::left:
      key.ctrl || key.alt ? buffer_.word_left() : buffer_.left();
      break;
    case KeyName::right:
      key.ctrl || key.alt ? buffer_.word_right() : buffer_.right();
      break;
    case KeyName::up:
      if (!buffer_.up()) older();
      break;
    case KeyName::down:
      if (!buffer_.down()) newer();
      break;
    case KeyName::page_up:
      older();
      break;
    case KeyName::page_down:
      newer();
      break;
    case KeyName::home:
      buffer_.line_start();
      break;
    case KeyName::end:
      buffer_.line_end();
      break;
    case KeyName::back_tab:
    case KeyName::escape:
    case KeyName::unknown:
      break;
  }
  return Outcome::editing;
}

Editor::Outcome Editor::control(char32_t letter) {
  switch (letter) {
    case 'a':
      buffer_.line_start();
      break;
    case 'b':
      buffer_.left();
      break;
    case 'c':
      return Outcome::interrupted;
    case 'd':
      if (buffer_.empty()) return Outcome::ended;
      buffer_.erase_after();
      break;
    case 'e':
      buffer_.line_end();
      break;
    case 'f':
      buffer_.right();
      break;
    case 'k':
      buffer_.kill_to_line_end();
      break;
    case 'l':
      return Outcome::clear_screen;
    case 'n':
      if (!buffer_.down()) newer();
      break;
    case 'p':
      if (!buffer_.up()) older();
      break;
    case 'r':
      begin_search();
      break;
    case 't':
      buffer_.transpose();
      break;
    case 'u':
      buffer_.kill_to_line_start();
      break;
    case 'w':
      buffer_.kill_word_before();
      break;
    case 'y':
      buffer_.yank();
      break;
    case 'z':
      return Outcome::suspend;
    case '_':
      buffer_.undo();
      break;
    default:
      break;
  }
  return Outcome::editing;
}

void Editor::alt(char32_t letter) {
  switch (letter) {
    case 'b':
      buffer_.word_left();
      break;
    case 'd':
      buffer_.kill_word_after();
      break;
    case 'f':
      buffer_.word_right();
      break;
    case '<':
      buffer_.move_to(0);
      break;
    case '>':
      buffer_.move_to(buffer_.text().size());
      break;
    default:
      break;
  }
}

Editor::Outcome Editor::enter() {
  if (!is_incomplete(buffer_.text())) return Outcome::submitted;
  new_line();
  return Outcome::editing;
}

void Editor::new_line() {
  const std::string& text = buffer_.text();
  size_t at = buffer_.cursor();
  // Spaces around the break go; inside a string they are its content.
  std::vector<Token> before = tokenize(std::string_view(text).substr(0, at));
  bool in_string = !before.empty() && !before.back().closed;
  size_t begin = at, end = at;
  if (!in_string) {
    while (begin > 0 && text[begin - 1] == ' ') --begin;
    while (end < text.size() && text[end] == ' ') ++end;
  }
  buffer_.replace(begin, end, "\n" + std::string(indentation(text, at), ' '));
}

void Editor::paste(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') plain += '\n';
    } else if (c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x20) {
      plain += c;
    }
  }
  buffer_.insert(plain);
}

// History

void Editor::show_entry(size_t index) {
  if (entry_ == history_.size()) draft_ = buffer_.text();
  entry_ = index;
  buffer_.reset(index == history_.size() ? draft_ : history_[index]);
}

void Editor::older() {
  if (entry_ > 0) show_entry(entry_ - 1);
}

void Editor::newer() {
  if (entry_ < history_.size()) show_entry(entry_ + 1);
}

void Editor::begin_search() { search_ = Search{.wanted = {}, .found = {}, .before = buffer_.text()}; }

void Editor::search_from(size_t before) {
  auto found = search_->wanted.empty() ? std::nullopt : history_.find_before(before, search_->wanted);
  search_->failed = !found && !search_->wanted.empty();
  if (!found) return;
  search_->found = found;
  const std::string& entry = history_[*found];
  buffer_.reset(entry);
  buffer_.move_to(entry.find(search_->wanted));
}

bool Editor::search_key(const Key& key) {
  if (key.is_ctrl('r')) {
    search_from(search_->found.value_or(history_.size()));
    return true;
  }
  if (key.is_ctrl('g') || key.is_ctrl('c') || key.name == KeyName::escape) {
    buffer_.reset(search_->before);
    search_.reset();
    return true;
  }
  if (key.name == KeyName::backspace) {
    size_t shorter = previous_place(search_->wanted, search_->wanted.size());
    search_->wanted.resize(shorter);
    search_from(history_.size());
    return true;
  }
  if (key.name == KeyName::character && !key.ctrl && !key.alt) {
    append_utf8(search_->wanted, key.value);
    search_from(search_->found ? *search_->found + 1 : history_.size());
    return true;
  }
  // Any other key takes what was found, and acts on it.
  if (search_->found) entry_ = *search_->found;
  search_.reset();
  return false;
}

// Completion

void Editor::complete() {
  size_t cursor = buffer_.cursor();
  std::string_view before = std::string_view(buffer_.text()).substr(0, cursor);
  std::vector<Token> tokens = tokenize(before);
  Completion found{{}, cursor, "", std::nullopt};
  if (!tokens.empty()) {
    const Token& last = tokens.back();
    if (last.kind == TokenKind::string && !last.closed) {
      found.begin = last.begin + 1;
    } else if (last.end == cursor && (last.kind == TokenKind::symbol || last.kind == TokenKind::keyword)) {
      found.begin = last.begin;
    }
  }
  found.typed = before.substr(found.begin);
  if (found.typed.empty() && before.substr(buffer_.start_of_line()).find_first_not_of(' ') == before.npos) {
    if (buffer_.on_first_line()) return;
    std::string text = indented(buffer_.text(), buffer_.start_of_line(), cursor);
    buffer_.replace_all(std::move(text), cursor);
    return;
  }
  found.candidates = knowledge_.completions(found.typed, before.substr(0, found.begin));
  if (found.candidates.empty()) return;
  completion_ = std::move(found);
  if (completion_->candidates.size() == 1) {
    put_word(completion_->candidates.front().text);
    completion_.reset();
    return;
  }
  std::string common = common_beginning(completion_->candidates);
  if (common.size() > completion_->typed.size() && common.starts_with(completion_->typed)) {
    completion_->typed = common;
    put_word(common);
  }
}

void Editor::put_word(std::string_view text) { buffer_.replace(completion_->begin, buffer_.cursor(), text); }

void Editor::choose(size_t index) {
  completion_->chosen = index;
  put_word(completion_->candidates[index].text);
}

bool Editor::completion_key(const Key& key) {
  size_t count = completion_->candidates.size();
  auto chosen = completion_->chosen;
  if (key.name == KeyName::tab || (chosen && key.name == KeyName::down)) {
    choose(chosen ? (*chosen + 1) % count : 0);
    return true;
  }
  if (key.name == KeyName::back_tab || (chosen && key.name == KeyName::up)) {
    choose(chosen ? (*chosen + count - 1) % count : count - 1);
    return true;
  }
  if (key.name == KeyName::escape || key.is_ctrl('g')) {
    put_word(completion_->typed);
    completion_.reset();
    return true;
  }
  completion_.reset();
  // Enter takes the choice; the form goes off with the next.
  return chosen && key.name == KeyName::enter && !key.alt;
}

// The picture

// The name at the head of the list that the cursor is in.
std::string Editor::head_around_cursor() const {
  std::string_view before = std::string_view(buffer_.text()).substr(0, buffer_.cursor());
  std::vector<Token> tokens = tokenize(before);
  if (!tokens.empty() && !tokens.back().closed) tokens.pop_back();
  Brackets brackets = pair_brackets(before, tokens);
  for (size_t i = brackets.open.size(); i-- > 0;) {
    size_t open = brackets.open[i];
    if (before[tokens[open].begin] != '(') continue;
    if (open + 1 >= tokens.size() || tokens[open + 1].kind != TokenKind::symbol) return "";
    // While the name is still being typed, nothing is said about it.
    const Token& head = tokens[open + 1];
    if (head.end == before.size()) return "";
    return std::string(before.substr(head.begin, head.end - head.begin));
  }
  return "";
}

std::vector<HintLine> Editor::hints(size_t columns, size_t rows) {
  if (search_) {
    HintLine line = {
        {search_->failed ? Style::wrong : Style::head, search_->failed ? "not found: " : "search: "},
        {Style::plain, search_->wanted}};
    if (search_->wanted.empty())
      line.emplace_back(Style::dim, "type what to look for; Ctrl-R again for older");
    return {line};
  }
  if (completion_) return menu_lines(completion_->candidates, completion_->chosen, columns, rows);
  std::string head = head_around_cursor();
  if (head != known_head_) {
    known_head_ = head;
    signature_ = head.empty() ? "" : knowledge_.signature(head);
  }
  if (signature_.empty()) return {};
  return {{{Style::dim, signature_}}};
}

Frame Editor::frame(size_t columns, size_t rows, bool finished) {
  FrameInput in;
  in.prompt = prompt_;
  in.text = buffer_.text();
  in.cursor = finished ? buffer_.text().size() : buffer_.cursor();
  in.columns = columns;
  in.rows = rows;
  in.color = color_;
  if (color_) in.spans = highlight(in.text, finished ? std::nullopt : std::optional(buffer_.cursor()));
  if (!finished) {
    size_t below = rows > 2 ? rows - 2 : 1;
    in.hints = hints(columns, below);
  }
  return lay_out(in);
}

}  // namespace reops::repl
