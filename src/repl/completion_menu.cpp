#include "repl/completion_menu.hpp"

#include <algorithm>

#include "repl/display.hpp"

namespace reops::repl {
namespace {

constexpr size_t k_most_name_rows = 8;
constexpr size_t k_least_name_rows = 3;
constexpr size_t k_most_doc_rows = 6;

// A docstring's lines, without the margin that its lines after the first have in the source.
std::vector<std::string> doc_rows(std::string_view doc, size_t columns) {
  std::vector<std::string> rows;
  while (!doc.empty() && rows.size() <= k_most_doc_rows) {
    size_t end = std::min(doc.find('\n'), doc.size());
    std::string_view line = doc.substr(0, end);
    size_t blank = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(std::min<size_t>(blank, 2));
    // Wrapped between words.
    do {
      size_t fits = cut_to_width(line, columns - 2).size() >= line.size() ? line.size() : 0;
      if (fits == 0) {
        size_t width = 0, at = 0, space = 0;
        while (at < line.size()) {
          CodePoint c = code_point_at(line, at);
          width += static_cast<size_t>(width_of(c.value));
          if (width > columns - 2) break;
          if (c.value == ' ') space = at;
          at += c.length;
        }
        fits = space > 0 ? space : std::max<size_t>(at, 1);
      }
      rows.emplace_back(line.substr(0, fits));
      line.remove_prefix(fits);
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    } while (!line.empty());
    doc.remove_prefix(std::min(end + 1, doc.size()));
  }
  if (rows.size() > k_most_doc_rows) {
    rows.resize(k_most_doc_rows);
    rows.back() = cut_to_width(rows.back(), columns - 4) + " …";
  }
  return rows;
}

void add_names(std::vector<HintLine>& lines, const std::vector<Candidate>& candidates,
               std::optional<size_t> chosen, size_t columns, size_t most_rows) {
  size_t widest = 0;
  for (const Candidate& c : candidates) widest = std::max(widest, width_of(c.text));
  size_t cell = std::min(widest + 2, columns);
  size_t across = std::max<size_t>(1, columns / cell);
  size_t rows = (candidates.size() + across - 1) / across;
  size_t shown = std::min(rows, std::max<size_t>(most_rows, 1));
  size_t chosen_row = chosen.value_or(0) / across;
  size_t first = chosen_row < shown ? 0 : chosen_row - shown + 1;
  for (size_t row = first; row < first + shown; ++row) {
    HintLine line;
    for (size_t i = row * across; i < std::min((row + 1) * across, candidates.size()); ++i) {
      std::string name = cut_to_width(candidates[i].text, cell > 2 ? cell - 2 : cell);
      size_t width = width_of(name);
      line.emplace_back(chosen == i ? Style::chosen : Style::plain, name);
      line.emplace_back(Style::plain, std::string(cell - std::min(cell, width), ' '));
    }
    lines.push_back(std::move(line));
  }
  if (shown < rows)
    lines.push_back({{Style::dim, "… " + std::to_string(candidates.size()) + " names; Tab goes on"}});
}

void add_documentation(std::vector<HintLine>& lines, const Candidate& c, size_t columns) {
  HintLine head = {{Style::head, c.text}};
  if (!c.signature.empty()) head.emplace_back(Style::plain, " " + c.signature);
  if (!c.type.empty()) head.emplace_back(Style::dim, "  " + c.type);
  lines.push_back(std::move(head));
  for (std::string& row : doc_rows(c.doc, columns)) lines.push_back({{Style::dim, "  " + row}});
}

}  // namespace

std::vector<HintLine> menu_lines(const std::vector<Candidate>& candidates, std::optional<size_t> chosen,
                                 size_t columns, size_t most_rows) {
  std::vector<HintLine> lines;
  if (candidates.empty()) return lines;
  size_t documentation = chosen ? k_most_doc_rows + 2 : 1;
  // Where there is little room, the documentation has what the names leave.
  size_t name_rows = std::max(most_rows - std::min(documentation, most_rows), k_least_name_rows);
  add_names(lines, candidates, chosen, std::max<size_t>(columns, 4), std::min(name_rows, k_most_name_rows));
  if (chosen) add_documentation(lines, candidates[*chosen], std::max<size_t>(columns, 8));
  return lines;
}

std::string common_beginning(const std::vector<Candidate>& candidates) {
  if (candidates.empty()) return "";
  std::string_view common = candidates.front().text;
  for (const Candidate& c : candidates) {
    size_t same = 0;
    while (same < common.size() && same < c.text.size() && common[same] == c.text[same]) ++same;
    common = common.substr(0, same);
  }
  // Never a part of a character.
  size_t end = common.size();
  while (end > 0 && end < candidates.front().text.size() &&
         (static_cast<unsigned char>(candidates.front().text[end]) & 0xc0) == 0x80)
    --end;
  return std::string(common.substr(0, end));
}

}  // namespace reops::repl
