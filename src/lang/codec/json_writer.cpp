#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "lang/codec/json.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/iterator.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

[[noreturn]] void throw_unwritable(const std::string& message) {
  static const Value k_type = keyword("type"), k_unwritable = keyword("reops.json", "unwritable");
  throw_error(ErrorClass::ex_info, message, make_map({k_type, k_unwritable}));
}

class JsonWriter {
 public:
  JsonWriter(std::string& out, const JsonWriteOptions& options) : out_(out), options_(options) {}

  void write(Value v) {
    if (v.is_object()) return write_object(v);
    if (v.is_nil()) {
      out_ += "null";
    } else if (v.is_fixnum()) {
      append_number(out_, v);
    } else if (v.is_char()) {
      std::string text;
      append_utf8(text, v.as_char());
      write_json_string(out_, text);
    } else {
      out_ += v.truthy() ? "true" : "false";
    }
  }

 private:
  void write_object(Value v) {
    switch (v.as_object()->kind) {
      case Kind::String:
        return write_json_string(out_, text_of(v));
      case Kind::Keyword:
      case Kind::Symbol:
        return write_name(v);
      case Kind::Int64:
      case Kind::BigInt:
      case Kind::BigDecimal:
        return append_number(out_, v);
      case Kind::Double:
      case Kind::Ratio:
        return write_double(to_double(v));
      case Kind::Uuid:
      case Kind::Inst:
        return write_tagged(v);
      default:
        if (is_map(v)) return write_map(v);
        if (is_vector(v) || is_set(v) || is_seq(v)) return write_elements(v);
        write_other(v);
    }
  }

  void write_name(Value v) {
    if (has_ns(v)) {
      write_json_string(out_, full_name(v));
    } else {
      write_json_string(out_, name_of(v));
    }
  }

  void write_double(double d) {
    if (!std::isfinite(d)) throw_unwritable("JSON has no notation for " + double_text(d));
    out_ += double_text(d);
  }

  // A UUID or an instant is the text that its literal has after the tag.
  void write_tagged(Value v) {
    std::string literal = pr_str(v);
    out_ += literal.substr(literal.find('"'));
  }

  void write_other(Value v) {
    if (options_.fallback.is_nil()) {
      throw_unwritable("JSON has no notation for this value: " + describe(v) +
                       ". Convert it first, or give a :default function that does");
    }
    check_stack();
    Ref replaced = call(options_.fallback, {v});
    write(replaced);
  }

  void write_elements(Value v) {
    check_stack();
    out_ += '[';
    ++depth_;
    bool first = true;
    for (SeqIterator it(v); it.more(); it.step()) {
      between(first);
      write(it.value());
    }
    close(first, ']');
  }

  void write_map(Value v) {
    check_stack();
    out_ += '{';
    ++depth_;
    bool first = true;
    if (options_.sorted) {
      write_sorted(v, first);
    } else if (is_plain_map(v)) {
      for (MapCursor c(v); c.more(); c.step()) write_member(c.key(), c.value(), first);
    } else {
      for (SeqIterator it(v); it.more(); it.step())
        write_member(vector_at(it.value(), 0), vector_at(it.value(), 1), first);
    }
    close(first, '}');
  }

  void write_sorted(Value v, bool& first) {
    std::vector<std::pair<std::string, Ref>> members;
    for (SeqIterator it(v); it.more(); it.step())
      members.emplace_back(key_text(vector_at(it.value(), 0)), vector_at(it.value(), 1));
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [key, value] : members) {
      between(first);
      write_json_string(out_, key);
      after_key();
      write(value);
    }
  }

  void write_member(Value key, Value value, bool& first) {
    between(first);
    if (is<String>(key)) {
      write_json_string(out_, text_of(key));
    } else if (is<Keyword>(key) && !has_ns(key)) {
      write_json_string(out_, name_of(key));
    } else {
      write_json_string(out_, key_text(key));
    }
    after_key();
    write(value);
  }

  void after_key() { out_ += options_.pretty ? ": " : ":"; }

  static std::string key_text(Value key) {
    if (is<Keyword>(key) || is<Symbol>(key)) return full_name(key);
    if (key.is_nil() || is_seqable(key) != is<String>(key)) {
      throw_unwritable("A key in JSON is a string, and " + describe(key) + " cannot be one");
    }
    std::string text;
    append_str(text, key);
    return text;
  }

  void between(bool& first) {
    if (!first) out_ += ',';
    first = false;
    if (options_.pretty) new_line();
    if ((++written_ & 1023) == 0) {
      check_memory(out_.size());
      poll();
    }
  }

  void close(bool empty, char c) {
    --depth_;
    if (options_.pretty && !empty) new_line();
    out_ += c;
  }

  void new_line() {
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  std::string& out_;
  const JsonWriteOptions& options_;
  size_t depth_ = 0;
  size_t written_ = 0;
};

// How many bytes at the beginning need no escape.
size_t plain_length(std::string_view text) {
  constexpr uint64_t k_ones = 0x0101010101010101u, k_highs = 0x8080808080808080u;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t w;
    std::memcpy(&w, text.data() + i, 8);
    auto zero_in = [](uint64_t x) { return (x - k_ones) & ~x & k_highs; };
    if (zero_in(w ^ (k_ones * '"')) | zero_in(w ^ (k_ones * '\\')) | ((w - k_ones * 0x20) & ~w & k_highs))
      break;
  }
  while (i < text.size() && text[i] != '"' && text[i] != '\\' && static_cast<unsigned char>(text[i]) >= 0x20)
    ++i;
  return i;
}

}  // namespace

void write_json_string(std::string& out, std::string_view text) {
  static constexpr char k_hex[] = "0123456789abcdef";
  out += '"';
  for (;;) {
    size_t n = plain_length(text);
    out.append(text.data(), n);
    if (n == text.size()) break;
    char c = text[n];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        out += "\\u00";
        out += k_hex[static_cast<unsigned char>(c) >> 4];
        out += k_hex[c & 15];
    }
    text.remove_prefix(n + 1);
  }
  out += '"';
}

void write_json(std::string& out, Value v, const JsonWriteOptions& options) {
  JsonWriter(out, options).write(v);
}

}  // namespace reops::lang
