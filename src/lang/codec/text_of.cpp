// What `str` makes of values, and literals of text.

#include <cstdio>

#include "lang/codec/printer.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"

namespace reops::lang {
namespace {

// A record's or deftype's own toString. What has none is its name and hash, except that a record is its
// content. Neither asks print-method, which is for pr and print.
void append_record(std::string& out, Value v) {
  if (Ref text = call_inline(v, "toString", {}); is<String>(text)) {
    out += text_of(text);
  } else if (is_record(v)) {
    print_without_method(out, v, PrintOptions::current(true));
  } else {
    char hash_text[16];
    std::snprintf(hash_text, sizeof hash_text, "@%x", hash(v));
    out += type_name(v) + hash_text;
  }
}

}  // namespace

void append_str(std::string& out, Value v) {
  if (v.is_nil()) return;
  if (v.is_char()) {
    append_utf8(out, v.as_char());
    return;
  }
  if (!v.is_object()) {
    print(out, v, PrintOptions());
    return;
  }
  switch (v.as_object()->kind) {
    case Kind::String:
      out += text_of(v);
      return;
    case Kind::Symbol:
      out += full_name(v);
      return;
    case Kind::Regex:
      out += text_of(as<Regex>(v).pattern);
      return;
    case Kind::Uuid:
      out += uuid_text(as<Uuid>(v));
      return;
    case Kind::Inst:
      out += instant_text(as<Inst>(v).milliseconds);
      return;
    case Kind::Namespace:
      out += name_of(as<Namespace>(v).name);
      return;
    case Kind::Int64:
    case Kind::Double:
    case Kind::BigInt:
    case Kind::Ratio:
    case Kind::BigDecimal:
      append_number(out, v);
      return;
    case Kind::Record:
      append_record(out, v);
      return;
    case Kind::Handle:
      if (const StringWriter* writer = resource_of<StringWriter>(v)) {
        out += writer->text();
        return;
      }
      print(out, v, true);
      return;
    case Kind::Error: {
      const Error& e = as<Error>(v);
      out += error_class_full_name(e.error_class);
      if (!e.message.is_nil()) {
        out += ": ";
        out += text_of(e.message);
      }
      if (e.error_class == ErrorClass::ex_info && !e.data.is_nil()) {
        out += ' ';
        print(out, e.data, true);
      }
      return;
    }
    default:
      print(out, v, true);
  }
}

void print_string_literal(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    size_t plain = text.find_first_of("\"\\\n\t\r\f\b");
    out += text.substr(0, plain);
    if (plain == std::string_view::npos) break;
    out += '\\';
    switch (text[plain]) {
      case '\n':
        out += 'n';
        break;
      case '\t':
        out += 't';
        break;
      case '\r':
        out += 'r';
        break;
      case '\f':
        out += 'f';
        break;
      case '\b':
        out += 'b';
        break;
      default:
        out += text[plain];
    }
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

void print_character_literal(std::string& out, char32_t c) {
  out += '\\';
  switch (c) {
    case '\n':
      out += "newline";
      break;
    case ' ':
      out += "space";
      break;
    case '\t':
      out += "tab";
      break;
    case '\b':
      out += "backspace";
      break;
    case '\f':
      out += "formfeed";
      break;
    case '\r':
      out += "return";
      break;
    default:
      append_utf8(out, c);
  }
}

}  // namespace reops::lang
