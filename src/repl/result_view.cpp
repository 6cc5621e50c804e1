#include "repl/result_view.hpp"

#include <algorithm>

#include "lang/codec/printer.hpp"
#include "lang/codec/terminal_text.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "repl/highlight.hpp"
#include "repl/scanner.hpp"

namespace reops::repl {
namespace {

using namespace lang;

constexpr int64_t k_most_elements = 1000;
// Some two hundred lines of a terminal.
constexpr size_t k_most_bytes = 16 << 10;

// A library may have a shorter way to show some values at the prompt: *prompt-text* is a function from a
// value to a string, or to nil for what is printed as it is.
bool shown_by_library(Value value, std::string& text) {
  Ref symbol = make_symbol("reops.internal", "*prompt-text*");
  Value var = resolve(current_ns(), symbol);
  if (!is<Var>(var) || as<Var>(var).load_root().is_none()) return false;
  Ref shown = call(var, {value});
  if (!is<String>(shown)) return false;
  text = text_of(shown);
  return true;
}

// Prints no more than `most` bytes. True when that was not all.
bool print_some(std::string& text, Value value, const PrintOptions& as_told, size_t most) {
  PrintOptions options = as_told;
  bool enough = false;
  options.drain = [&](std::string& printed) {
    text += printed;
    printed.clear();
    if (text.size() <= most) return;
    enough = true;
    // Ends the printing; nobody else sees it.
    throw_error(ErrorClass::exception, "enough is printed");
  };
  std::string rest;
  try {
    print(rest, value, options);
  } catch (const Thrown&) {
    if (!enough) throw;
  }
  text += rest;
  if (text.size() <= most) return false;
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return true;
}

// Did *print-length* leave something out?
bool elements_left_out(std::string_view text) {
  std::vector<Token> tokens = tokenize(text);
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].kind == TokenKind::symbol && tokens[i + 1].kind == TokenKind::close &&
        text.substr(tokens[i].begin, tokens[i].end - tokens[i].begin) == "...")
      return true;
  }
  return false;
}

std::string in_style(Style style, const std::string& text, bool color) {
  return color ? std::string(style_code(style)) + text + std::string(k_style_end) : text;
}

}  // namespace

std::string shown_result(Value value, const ResultStyle& style) {
  std::string text;
  if (shown_by_library(value, text)) return (style.terminal ? terminal_text(text) : text) + '\n';
  Ref length = deref(*core_vars().print_length);
  bool told = !length.is_nil();
  ScopedBindings shown(make_map(
      {Value::object(core_vars().print_length), told ? length.get() : Value::fixnum(k_most_elements)}));
  PrintOptions options = PrintOptions::current(true);
  if (!style.terminal) {
    print(text, value, options);
    return text += '\n';
  }
  bool cut = print_some(text, value, options, told ? ~size_t{0} >> 1 : k_most_bytes);
  bool short_of_elements = !told && !cut && elements_left_out(text);
  text = terminal_text(text);
  text = style.color && text.size() <= 2 * k_most_bytes ? colored(text) : text;
  if (cut) {
    text +=
        " …\n" +
        in_style(Style::dim,
                 ";; Cut here. *1 is the whole value: (take 20 *1), (pr *1), or (set! *print-length* 50).",
                 style.color);
  } else if (short_of_elements) {
    text += "\n" + in_style(Style::dim,
                            ";; Of each collection the first " + std::to_string(k_most_elements) +
                                " elements; (set! *print-length* n) shows n.",
                            style.color);
  }
  return text += '\n';
}

}  // namespace reops::repl
