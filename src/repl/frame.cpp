#include "repl/frame.hpp"

#include <algorithm>

#include "lang/codec/terminal_text.hpp"
#include "repl/display.hpp"

namespace reops::repl {
namespace {

class RowBuilder {
 public:
  RowBuilder(size_t columns, bool color) : columns_(std::max<size_t>(columns, 2)), color_(color) {
    open_row();
  }

  void set_style(Style style) {
    if (!color_ || style == style_) return;
    close_style();
    style_ = style;
    frame_.rows.back() += style_code(style);
  }
  void put(std::string_view character, size_t width) {
    if (frame_.widths.back() + width > columns_) break_row();
    frame_.rows.back() += character;
    frame_.widths.back() += width;
  }
  void put_text(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      CodePoint c = code_point_at(text, at);
      put_character(c, text.substr(at, c.length));
      at += c.length;
    }
  }
  /// A character of the text; what is not printable is shown as its name.
  void put_character(CodePoint c, std::string_view bytes) {
    if (c.value == '\t') return put("  ", 2);
    if (c.value < 0x20 || c.value == 0x7f) {
      const char name[] = {'^', static_cast<char>(c.value ^ 0x40)};
      return put(std::string_view(name, 2), 2);
    }
    if (std::string safe = lang::terminal_text(bytes); safe != bytes) return put_text(safe);
    if (c.value == 0xfffd) bytes = "\xef\xbf\xbd";
    put(bytes, static_cast<size_t>(width_of(c.value)));
  }
  void mark_cursor() {
    if (frame_.widths.back() >= columns_) break_row();
    frame_.cursor_row = frame_.rows.size() - 1;
    frame_.cursor_column = frame_.widths.back();
  }
  void new_row() {
    close_style();
    style_ = Style::plain;
    open_row();
  }
  Frame take() {
    close_style();
    return std::move(frame_);
  }

 private:
  void open_row() {
    frame_.rows.emplace_back();
    frame_.widths.push_back(0);
  }
  void break_row() {
    Style style = style_;
    new_row();
    set_style(style);
  }
  void close_style() {
    if (color_ && !style_code(style_).empty()) frame_.rows.back() += k_style_end;
  }

  size_t columns_;
  bool color_;
  Style style_ = Style::plain;
  Frame frame_;
};

Frame text_rows(const FrameInput& in) {
  RowBuilder rows(in.columns, in.color);
  rows.put_text(in.prompt);
  std::string margin(continuation_width(in.prompt, in.columns), ' ');
  auto span = in.spans.begin();
  for (size_t at = 0; at < in.text.size();) {
    while (span != in.spans.end() && span->end <= at) ++span;
    if (at == in.cursor) rows.mark_cursor();
    CodePoint c = code_point_at(in.text, at);
    if (c.value == '\n') {
      rows.new_row();
      rows.put_text(margin);
    } else {
      rows.set_style(span != in.spans.end() && span->begin <= at ? span->style : Style::plain);
      rows.put_character(c, in.text.substr(at, c.length));
    }
    at += c.length;
  }
  rows.set_style(Style::plain);
  if (in.cursor >= in.text.size()) rows.mark_cursor();
  return rows.take();
}

void add_hint(Frame& frame, const HintLine& line, const FrameInput& in) {
  RowBuilder row(in.columns, in.color);
  size_t left = in.columns;
  for (const auto& [style, text] : line) {
    std::string part = cut_to_width(text, left);
    row.set_style(style);
    row.put_text(part);
    left -= std::min(left, width_of(part));
  }
  Frame made = row.take();
  frame.rows.push_back(std::move(made.rows.front()));
  frame.widths.push_back(made.widths.front());
}

void clip(Frame& frame, size_t most) {
  if (frame.rows.size() <= most) return;
  size_t first = frame.cursor_row < most ? 0 : frame.cursor_row - most + 1;
  auto keep = [&](auto& all) {
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(first + most), all.end());
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
  };
  keep(frame.rows);
  keep(frame.widths);
  frame.cursor_row -= first;
}

}  // namespace

size_t continuation_width(std::string_view prompt, size_t columns) {
  size_t width = width_of(prompt);
  return width <= columns / 3 ? width : 2;
}

Frame lay_out(const FrameInput& in) {
  Frame frame = text_rows(in);
  size_t most = std::max<size_t>(in.rows, 1);
  clip(frame, most);
  for (const HintLine& line : in.hints) {
    if (frame.rows.size() >= most) break;
    add_hint(frame, line, in);
  }
  return frame;
}

}  // namespace reops::repl
