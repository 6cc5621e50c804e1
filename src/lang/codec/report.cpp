#include "lang/codec/report.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <vector>

#include "base/surroundings.hpp"
#include "lang/codec/printer.hpp"
#include "lang/codec/terminal_text.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/sources.hpp"
#include "lang/reader/syntax_error.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

constexpr size_t k_most_causes = 10;
constexpr size_t k_widest_line = 160;  // of a snippet, in characters
constexpr size_t k_widest_data = 400;
constexpr size_t k_longest_message = 1500;

// At most `most` bytes of a text, never in the middle of a character.
std::string cut(const std::string& text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

struct Place {
  std::string file;
  Span span;
  bool known() const { return !file.empty() && span.line != 0; }
  std::string text() const {
    std::string out = terminal_text(file);
    if (span.line) out += ":" + std::to_string(span.line);
    if (span.line && span.column) out += ":" + std::to_string(span.column);
    return out;
  }
};

struct TraceLine {
  std::string name;
  Place place;
  bool operator==(const TraceLine& o) const { return name == o.name && place.text() == o.place.text(); }
};

uint32_t number_or_zero(Value v) { return is_int(v) && as_int(v) > 0 ? static_cast<uint32_t>(as_int(v)) : 0; }

std::string text_or_empty(Value v) { return is<String>(v) ? std::string(text_of(v)) : std::string(); }

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    width += static_cast<size_t>(
        std::max(0, utf8proc_charwidth(static_cast<utf8proc_int32_t>(next_code_point(text, at)))));
  }
  return width;
}

Ref field(Value data, std::string_view name) { return is_map(data) ? get(data, keyword(name)) : nil(); }

class Report {
 public:
  explicit Report(const ReportOptions& options) : options_(options) {}

  std::string render(Value value) {
    add_error(as<Error>(value), "");
    Value cause = as<Error>(value).cause;
    for (size_t n = 0; is<Error>(cause); cause = as<Error>(cause).cause, ++n) {
      if (n == k_most_causes) {
        out_ += "Caused by further errors\n";
        break;
      }
      add_error(as<Error>(cause), "Caused by: ");
    }
    return std::move(out_);
  }

 private:
  std::string styled(const char* code, std::string_view text) const {
    return options_.color ? "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m"
                          : std::string(text);
  }

  void add_error(const Error& e, std::string_view lead) {
    add_headline(e, lead);
    std::vector<TraceLine> trace = user_frames(e);
    Place place = place_of(e, trace);
    if (!place.file.empty()) {
      out_ += "  " + styled("2", "at " + place.text()) + "\n";
      add_snippet(place);
    }
    add_data(e);
    if (std::string hint = text_or_empty(field(e.data, "hint")); !hint.empty())
      out_ += "  " + terminal_text(hint) + "\n";
    add_trace(trace, place);
  }

  void add_headline(const Error& e, std::string_view lead) {
    std::string message = text_or_empty(e.message);
    if (message.empty()) message = error_class_name(e.error_class);
    message.insert(0, lead);
    message = terminal_text(cut(message, k_longest_message));
    std::string kind = terminal_text(kind_of(e));
    size_t end = std::min(message.find('\n'), message.size());
    std::string first = message.substr(0, end);
    size_t used = display_width(first), needed = display_width(kind);
    out_ += styled("1", first);
    if (used + 2 + needed <= options_.width) {
      out_ += std::string(options_.width - used - needed, ' ') + styled("31", kind) + "\n";
    } else {
      out_ += "\n" + std::string(options_.width > needed ? options_.width - needed : 0, ' ') +
              styled("31", kind) + "\n";
    }
    // Further lines of a message stay as they are, a little to the right.
    while (end < message.size()) {
      size_t next = std::min(message.find('\n', end + 1), message.size());
      if (next > end + 1) out_ += "  " + message.substr(end + 1, next - end - 1) + "\n";
      end = next;
    }
  }

  static std::string kind_of(const Error& e) {
    Ref type = field(e.data, "type");
    if (is<Keyword>(type)) return full_name(type);
    return std::string(error_class_name(e.error_class));
  }

  // The user's functions in the trace, innermost first.
  static std::vector<TraceLine> user_frames(const Error& e) {
    std::vector<TraceLine> lines;
    if (!is_vector(e.trace)) return lines;
    for (size_t i = 0; i < vector_count(e.trace); ++i) {
      Value frame = vector_at(e.trace, i);
      auto part = [&](size_t n) {
        return is_vector(frame) && n < vector_count(frame) ? vector_at(frame, n) : Value::nil();
      };
      TraceLine line;
      line.name = terminal_text(text_or_empty(part(0)));
      line.place.file = text_or_empty(part(1));
      line.place.span = {number_or_zero(part(2)), number_or_zero(part(3)), number_or_zero(part(4)),
                         number_or_zero(part(5))};
      if (line.place.file.empty() || !embedded_source(line.place.file).empty()) continue;
      lines.push_back(std::move(line));
    }
    return lines;
  }

  // A diagnostic of the reader or compiler says in its data where it belongs.
  static bool has_own_place(const Error& e) {
    return e.error_class == ErrorClass::compiler || is_syntax_error(e);
  }

  static Place place_of(const Error& e, const std::vector<TraceLine>& trace) {
    Place place;
    Ref file = field(e.data, "file"), line = field(e.data, "line");
    if (has_own_place(e) && is<String>(file) && is_int(line)) {
      place.file = text_of(file);
      place.span = {number_or_zero(line), number_or_zero(field(e.data, "column")),
                    number_or_zero(field(e.data, "end-line")), number_or_zero(field(e.data, "end-column"))};
      return place;
    }
    for (const TraceLine& t : trace) {
      if (t.place.known()) return t.place;
    }
    return place;
  }

  void add_snippet(const Place& place) {
    if (!place.known()) return;
    std::shared_ptr<const Source> source = find_source(place.file);
    if (!source) return;
    // The text may be the very thing that is wrong.
    Ref readable = make_string_lossy(source->line(place.span.line));
    std::string_view line = text_of(readable);
    if (line.empty()) return;
    size_t length = count_code_points(line);
    size_t column = std::clamp<size_t>(place.span.column, 1, length + 1);
    size_t end = place.span.end_line == place.span.line && place.span.end_column > column
                     ? place.span.end_column
                 : place.span.end_line > place.span.line ? length + 1
                                                         : column + 1;
    end = std::max(column + 1, std::min(end, length + 1));

    // A very long line is cut to a window in which the place stands.
    size_t from = 1, to = length + 1;
    if (length > k_widest_line) {
      from = column > k_widest_line / 2 ? column - k_widest_line / 2 : 1;
      to = std::min(length + 1, from + k_widest_line);
      end = std::min(end, std::max(to, column + 1));
    }
    std::string shown, before, marked;
    size_t index = 1;
    for (size_t at = 0; at < line.size(); ++index) {
      size_t begin = at;
      next_code_point(line, at);
      if (index < from || index >= to) continue;
      std::string c = terminal_text(line.substr(begin, at - begin));
      shown += c;
      if (index < column) before += c;
      if (index >= column && index < end) marked += c;
    }
    std::string prefix = from > 1 ? "…" : "", suffix = to <= length ? "…" : "";
    std::string number = std::to_string(place.span.line);
    out_ += "  " + styled("2", number + " │") + " " + prefix + shown + suffix + "\n";
    out_ += "  " + styled("2", std::string(number.size(), ' ') + " │") + " " +
            std::string(display_width(prefix), ' ') + padding_like(before) +
            styled("31", std::string(std::max<size_t>(1, display_width(marked)), '^')) + "\n";
  }

  // As wide as `text` on the screen: tabs stay tabs.
  static std::string padding_like(std::string_view text) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
      size_t begin = at;
      next_code_point(text, at);
      std::string_view c = text.substr(begin, at - begin);
      out += c == "\t" ? std::string("\t") : std::string(display_width(c), ' ');
    }
    return out;
  }

  // What the program put into its error; what the report says elsewhere is left out, and so is the pair of a
  // pipeline, which is long and which its output stages have shown.
  void add_data(const Error& e) {
    if (!is_map(e.data)) return;
    Ref data(e.data);
    for (const char* key : {"type", "hint", "pair"}) data = dissoc(std::move(data), keyword(key));
    if (has_own_place(e)) {
      for (const char* key : {"file", "line", "column", "end-line", "end-column"})
        data = dissoc(std::move(data), keyword(key));
    }
    if (count(data) == 0) return;
    PrintOptions options;
    options.length = 20;
    options.level = 6;
    std::string text;
    try {
      print(text, data, options);
    } catch (const Thrown&) {
      // An error's report must not fail with an error of what it reports.
      text = "{…}";
    }
    out_ += "  with " + terminal_text(cut(text, k_widest_data)) + "\n";
  }

  void add_trace(const std::vector<TraceLine>& trace, const Place& place) {
    // One frame at the place already shown says nothing new.
    if (trace.empty() || (trace.size() == 1 && trace[0].place.text() == place.text())) return;
    size_t widest = 0;
    for (const TraceLine& t : trace) widest = std::max(widest, std::min<size_t>(display_width(t.name), 40));
    out_ += "  " + styled("2", "in") + "\n";
    size_t shown = 0;
    for (size_t i = 0; i < trace.size();) {
      if (shown++ == options_.frames) {
        out_ += "    … and " + std::to_string(trace.size() - i) + " more\n";
        break;
      }
      size_t same = i + 1;
      while (same < trace.size() && trace[same] == trace[i]) ++same;
      size_t width = display_width(trace[i].name);
      out_ += "    " + trace[i].name + std::string(widest > width ? widest - width + 2 : 2, ' ') +
              styled("2", trace[i].place.text());
      if (same - i > 1) out_ += "  (" + std::to_string(same - i) + " times)";
      out_ += "\n";
      i = same;
    }
  }

  const ReportOptions& options_;
  std::string out_;
};

}  // namespace

std::string report(Value error, const ReportOptions& options) { return Report(options).render(error); }

std::string report(Value error, bool colour) {
  ReportOptions options;
  options.color = colour;
  return report(error, options);
}

std::string suggest(std::string_view name, const std::vector<std::string>& candidates) {
  // Of one or two letters everything short is near.
  if (name.size() < 3) return {};
  std::vector<std::string_view> views(candidates.begin(), candidates.end());
  return std::string(nearest_name(name, views));
}

ReportOptions report_options_for(int fd) {
  ReportOptions options;
  if (!isatty(fd)) return options;
  const char* term = base::variable("TERM");
  options.color = !base::variable("NO_COLOR") && term && std::string_view(term) != "dumb";
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
    options.width = std::min<size_t>(size.ws_col, 100);
  return options;
}

}  // namespace reops::lang
