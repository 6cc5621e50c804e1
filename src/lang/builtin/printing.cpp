// Printing values, onto *out* and into strings.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/codec/terminal_text.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

enum class Style { readable, plain };
enum class End { none, newline };

bool readably(Style style) { return style == Style::readable && deref(*core_vars().print_readably).truthy(); }

void print_all(std::string& out, Args args, const PrintOptions& options, End end) {
  bool first = true;
  for (Value v : args.from(0)) {
    if (!first) out += ' ';
    first = false;
    print(out, v, options);
  }
  if (end == End::newline) out += '\n';
}

Ref print_out(Args args, Style style, End end) {
  Ref writer = deref(*core_vars().out);
  TextWriter& target = writer_argument(writer);
  PrintOptions options = PrintOptions::current(readably(style));
  // What is long goes out piece by piece; what is short goes out as one.
  options.drain = [&](std::string& text) {
    target.write(text);
    text.clear();
  };
  std::string out;
  print_all(out, args, options, end);
  target.write(out);
  return nil();
}

Ref print_text(Args args, Style style, End end) {
  std::string out;
  print_all(out, args, PrintOptions::current(readably(style)), end);
  return make_string(out);
}

Ref pr(Args args) { return print_out(args, Style::readable, End::none); }
Ref prn(Args args) { return print_out(args, Style::readable, End::newline); }
Ref print(Args args) { return print_out(args, Style::plain, End::none); }
Ref println(Args args) { return print_out(args, Style::plain, End::newline); }
Ref pr_text(Args args) { return print_text(args, Style::readable, End::none); }
Ref prn_text(Args args) { return print_text(args, Style::readable, End::newline); }
Ref plain_text(Args args) { return print_text(args, Style::plain, End::none); }
Ref plain_line_text(Args args) { return print_text(args, Style::plain, End::newline); }

Ref newline(Args) {
  current_out().write("\n");
  return nil();
}
Ref flush(Args) {
  current_out().flush();
  return nil();
}

// The default of print-method: as if there were no methods, for this value; its parts ask again.
Ref print_value(Args args) {
  PrintOptions options = PrintOptions::current(readably(Style::readable));
  std::string out;
  print_without_method(out, args[0], options);
  writer_argument(args[1]).write(out);
  return nil();
}

Ref safe_text(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "a string");
  return make_string(terminal_text(text_of(args[0])));
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// What cells are shown as may have colours, and is as wide as their text all the same.
Ref table_text(Args args) {
  const size_t rows = vector_count(args[0]);
  std::vector<size_t> widths;
  for (size_t r = 0; r < rows; ++r) {
    Value row = vector_at(args[0], r);
    widths.resize(std::max(widths.size(), vector_count(row)));
    for (size_t i = 0; i < vector_count(row); ++i)
      widths[i] = std::max(widths[i], characters(text_of(vector_at(row, i))));
  }
  std::string out;
  for (size_t r = 0; r < rows; ++r) {
    Value row = vector_at(args[0], r);
    Value shown = vector_at(args[1], r);
    size_t blanks = 0;
    for (size_t i = 0; i < vector_count(row); ++i) {
      const std::string_view text = text_of(vector_at(row, i));
      if (!text.empty()) {
        out.append(blanks, ' ');
        blanks = 0;
        out += text_of(vector_at(shown, i));
      }
      blanks += widths[i] - characters(text) + 2;
    }
    out += '\n';
  }
  return make_string(out);
}

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "pr", pr, 0, k_variadic, k_borrow_all, "([& xs])",
     "Prints its arguments to *out* as they can be read back, with spaces between."},
    {k_core, "prn", prn, 0, k_variadic, k_borrow_all, "([& xs])", "Like pr, then a new line."},
    {k_core, "print", print, 0, k_variadic, k_borrow_all, "([& xs])",
     "Prints its arguments to *out* for people: strings and characters bare."},
    {k_core, "println", println, 0, k_variadic, k_borrow_all, "([& xs])", "Like print, then a new line."},
    {k_core, "pr-str", pr_text, 0, k_variadic, k_borrow_all, "([& xs])", "What pr would print, as a string."},
    {k_core, "prn-str", prn_text, 0, k_variadic, k_borrow_all, "([& xs])",
     "What prn would print, as a string."},
    {k_core, "print-str", plain_text, 0, k_variadic, k_borrow_all, "([& xs])",
     "What print would print, as a string."},
    {k_core, "println-str", plain_line_text, 0, k_variadic, k_borrow_all, "([& xs])",
     "What println would print, as a string."},
    {"reops.internal", "print-value", print_value, 2, 2, k_borrow_all, "([x writer])",
     "Writes x as pr does where print-method has no method for it."},
    {"reops.internal", "terminal-text", safe_text, 1, 1, k_borrow_all, "([text])",
     "The text without what a terminal would obey: control characters but new line and tab, and those that "
     "turn "
     "the\ndirection of writing, each written as \\uXXXX."},
    {"reops.internal", "table-text", table_text, 2, 2, k_borrow_all, "([texts shown])",
     "Rows of cells as lines of text, columns two blanks apart, each as wide as its widest text. Both are "
     "vectors of "
     "vectors of strings: the texts, and what they are shown as, which may have colours."},
    {k_core, "newline", newline, 0, 0, k_borrow_all, "([])", "Ends the line on *out*."},
    {k_core, "flush", flush, 0, 0, k_borrow_all, "([])",
     "Makes sure that everything printed to *out* has gone out."},
};

}  // namespace

extern const NativeModule k_natives_printing;
const NativeModule k_natives_printing = {"printing", k_defs};

}  // namespace reops::lang
