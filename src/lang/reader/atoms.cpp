// What a reader makes of one token: strings, characters, numbers, symbols and keywords.

#include "lang/reader/reader_impl.hpp"
#include "lang/reader/syntax_quote.hpp"
#include "lang/reader/tokens.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {

Ref Reader::Impl::read_string(const Mark& opened) {
  in_.advance();
  std::string out;
  std::string_view text = in_.text();
  for (;;) {
    size_t from = in_.mark().offset, end = from;
    while (end < text.size() && text[end] != '"' && text[end] != '\\') ++end;
    if (end == text.size()) {
      fail_incomplete(
          one_column(opened), k_unclosed,
          "The text ends too early: this string from " + at_position(opened) + " is never closed");
    }
    in_.advance_to(end);
    // The common case, no escapes at all, copies the characters once.
    if (text[end] == '"' && out.empty()) {
      in_.advance();
      return make_string(text.substr(from, end - from));
    }
    out.append(text.substr(from, end - from));
    if (text[end] == '"') break;
    read_escape(out);
  }
  in_.advance();
  return make_string(out);
}

// The cursor stands on the backslash.
void Reader::Impl::read_escape(std::string& out) {
  Mark start = in_.mark();
  in_.advance();
  if (in_.at_end()) return;  // the string is unclosed, which its reader says
  auto hex4 = [&]() -> int32_t {
    if (in_.mark().offset + 4 > in_.text().size()) return -1;
    int32_t value = parse_digits(in_.text().substr(in_.mark().offset, 4), 16);
    if (value >= 0) in_.advance_to(in_.mark().offset + 4);
    return value;
  };
  char c = in_.peek();
  switch (c) {
    case 't':
      out += '\t';
      break;
    case 'r':
      out += '\r';
      break;
    case 'n':
      out += '\n';
      break;
    case 'b':
      out += '\b';
      break;
    case 'f':
      out += '\f';
      break;
    case '\\':
      out += '\\';
      break;
    case '"':
      out += '"';
      break;
    case 'u': {
      in_.advance();
      int32_t unit = hex4();
      if (unit < 0)
        fail(in_.span_from(start), k_syntax, "\\u in a string takes exactly four hexadecimal digits");
      auto point = static_cast<char32_t>(unit);
      // Java's spelling of a character outside the basic plane: two halves.
      if (point >= 0xD800 && point <= 0xDBFF && in_.looking_at("\\u")) {
        in_.advance();
        in_.advance();
        int32_t low = hex4();
        if (low >= 0xDC00 && low <= 0xDFFF)
          point = 0x10000 + ((point - 0xD800) << 10) + static_cast<char32_t>(low - 0xDC00);
      }
      if (is_surrogate(point))
        fail(in_.span_from(start), k_syntax, "This \\u escape is half of a surrogate pair, not a character");
      append_utf8(out, point);
      return;
    }
    default: {
      if (c < '0' || c > '7') {
        in_.advance();
        fail(in_.span_from(start), k_syntax,
             "A string knows no escape " + quoted(in_.since(start)) +
                 ": only \\t \\r \\n \\b \\f \\\\ \\\" \\uXXXX and octal \\0 to \\377",
             "A backslash in a string is written \\\\.");
      }
      char32_t value = 0;
      for (int i = 0; i < 3 && in_.peek() >= '0' && in_.peek() <= '7'; ++i, in_.advance()) {
        value = value * 8 + static_cast<char32_t>(in_.peek() - '0');
      }
      if (value > 0377) fail(in_.span_from(start), k_syntax, "An octal escape goes up to \\377");
      append_utf8(out, value);
      return;
    }
  }
  in_.advance();
}

Ref Reader::Impl::read_character(const Mark& start) {
  in_.advance();
  if (in_.at_end())
    fail_incomplete(one_column(start), k_unclosed,
                    "The text ends after the backslash of a character literal");
  Mark first = in_.mark();
  in_.advance();  // whatever it is, even a delimiter
  in_.token();
  char32_t value = 0;
  std::string problem;
  if (!parse_character(in_.since(first), value, problem)) fail(in_.span_from(start), k_syntax, problem);
  return Ref::adopt(Value::character(value));
}

Ref Reader::Impl::read_number(const Mark& start) {
  std::string_view token = in_.token(true);
  Span where = in_.span_from(start);
  return reading(where, [&] {
    Ref number = parse_number(token);
    if (number.get().is_none()) {
      fail(where, "reops/invalid-number",
           "Invalid number: " + quoted(token) + " begins like a number but is none", {},
           ErrorClass::number_format);
    }
    return number;
  });
}

Ref Reader::Impl::read_name(const Mark& start) {
  std::string_view token = in_.token();
  if (token == "nil") return nil();
  if (token == "true") return boolean(true);
  if (token == "false") return boolean(false);
  if (!is_name(token)) {
    if (token.empty()) in_.advance();
    fail(in_.span_from(start), "reops/invalid-token",
         quoted(in_.since(start)) + " is no symbol, keyword or number");
  }
  return token[0] == ':' ? keyword_of_token(token, start) : make_symbol(token);
}

bool Reader::Impl::is_name(std::string_view token) const {
  // To Clojure these end a token, in EDN they are part of none.
  return is_name_token(token) && !(options_.edn && token.find_first_of("@~`") != std::string_view::npos);
}

Ref Reader::Impl::keyword_of_token(std::string_view token, const Mark& start) {
  if (!token.starts_with("::")) return Ref(keyword(token.substr(1)));
  if (options_.edn) fail_edn(start, "The keyword " + quoted(token));
  std::string_view rest = token.substr(2);
  if (suppressed_) return Ref(keyword(rest));
  Ref symbol = make_symbol(rest);
  Value here = current_ns();
  if (!has_ns(symbol)) return Ref(keyword(name_of(as<Namespace>(here).name), name_of(symbol)));
  Ref ns = namespace_for(here, ns_of(symbol));
  if (ns.is_nil()) {
    fail(in_.span_from(start), "reops/unknown-alias",
         quoted(token) + " needs a namespace or alias " + quoted(ns_of(symbol)) + ", and there is none in " +
             std::string(name_of(as<Namespace>(here).name)));
  }
  return Ref(keyword(name_of(as<Namespace>(ns).name), name_of(symbol)));
}

}  // namespace reops::lang
