// The parser is our own, straight to values: what takes the time is making them, and a parser that builds a
// tree of its own first, or calls back for every event, would only come on top of that. Errors know their
// line and column, and depth is limited by the stack alone.

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <charconv>
#include <cstring>
#include <vector>

#include "lang/codec/json.hpp"
#include "lang/codec/pending.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/tokens.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

/// The keys met lately: objects of one text mostly have the same ones.
class KeyCache {
 public:
  explicit KeyCache(bool keywords) : keywords_(keywords) {}

  Ref of(std::string_view name) {
    if (name.size() > k_longest) return make(name);
    Ref& slot = slots_[index(name)];
    if (!slot.is_nil() && text(slot) == name) return slot;
    slot = make(name);
    return slot;
  }

 private:
  static constexpr size_t k_slots = 512, k_longest = 64;

  Ref make(std::string_view name) const { return keywords_ ? Ref(keyword(name)) : make_string(name); }
  std::string_view text(Value key) const {
    // A keyword is looked up by its whole text; one with a namespace never matches and is found by interning.
    return keywords_ ? name_of(key) : text_of(key);
  }
  static size_t index(std::string_view name) {
    uint64_t head = 0, tail = 0;
    size_t n = std::min<size_t>(name.size(), 8);
    if (n > 0) {
      std::memcpy(&head, name.data(), n);
      std::memcpy(&tail, name.data() + name.size() - n, n);
    }
    uint64_t mixed = (head ^ (tail << 1) ^ name.size()) * 0x9E3779B97F4A7C15u;
    return mixed >> 55;
  }

  bool keywords_;
  std::array<Ref, k_slots> slots_;
};

class JsonReader {
 public:
  JsonReader(std::string_view text, const JsonReadOptions& options, uint32_t first_line)
      : text_(text),
        at_(text.data()),
        end_(text.data() + text.size()),
        options_(options),
        first_line_(first_line),
        keys_(options.keywords) {}

  Ref read_whole() {
    skip_blank();
    Ref v = read();
    skip_blank();
    if (at_ != end_) fail("There is more text after the value: one value was expected");
    return v;
  }

 private:
  void skip_blank() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  Ref read() {
    if (at_ == end_) fail("The text ends where a value is expected");
    switch (*at_) {
      case '{':
        return read_object();
      case '[':
        return read_array();
      case '"':
        return read_string();
      case 't':
        return word("true", boolean(true));
      case 'f':
        return word("false", boolean(false));
      case 'n':
        return word("null", nil());
      default:
        return read_number();
    }
  }

  Ref word(std::string_view name, Ref value) {
    if (!std::string_view(at_, end_).starts_with(name)) fail_value();
    at_ += name.size();
    return value;
  }

  [[noreturn]] void fail_value() {
    size_t length = 1;
    while (at_ + length < end_ && std::isalpha(static_cast<unsigned char>(at_[length])) && length < 20)
      ++length;
    while (at_ + length < end_ && (at_[length] & 0xC0) == 0x80) ++length;
    fail("`" + std::string(at_, length) +
         "` is no JSON value: expected an object, an array, a string, a number, true, false or null");
  }

  Ref read_array() {
    check_stack();
    const char* opened = at_++;
    size_t base = pending_.size();
    skip_blank();
    if (at_ != end_ && *at_ == ']') {
      ++at_;
      return Ref(empty_vector());
    }
    for (;;) {
      pending_.push(read());
      if ((++read_ & 1023) == 0) poll();
      if (!more(']', opened, "array")) break;
    }
    Ref v = make_vector(pending_.from(base));
    pending_.drop_from(base);
    return v;
  }

  Ref read_object() {
    check_stack();
    const char* opened = at_++;
    size_t base = pending_.size();
    skip_blank();
    if (at_ != end_ && *at_ == '}') {
      ++at_;
      return Ref(empty_map());
    }
    for (;;) {
      if (at_ == end_) fail_unclosed(opened, "object");
      if (*at_ != '"') fail("A key of an object has to be a string, in double quotes");
      pending_.push(keys_.of(string_content()));
      skip_blank();
      if (at_ == end_ || *at_ != ':') fail("A colon is expected after the key of an object");
      ++at_;
      skip_blank();
      pending_.push(read());
      if ((++read_ & 1023) == 0) poll();
      if (!more('}', opened, "object")) break;
    }
    Ref m = make_map(pending_.from(base));
    pending_.drop_from(base);
    return m;
  }

  /// After an element: true when a comma says that another follows, false when `close` ends the collection.
  bool more(char close, const char* opened, std::string_view what) {
    skip_blank();
    if (at_ == end_) fail_unclosed(opened, what);
    if (*at_ == close) {
      ++at_;
      return false;
    }
    if (*at_ != ',') {
      fail("A comma or " + std::string(1, close) + " is expected in the " + std::string(what) +
           " that begins at " + place_text(opened));
    }
    ++at_;
    skip_blank();
    if (at_ != end_ && *at_ == close)
      fail("A value is expected after a comma: JSON has no comma before " + std::string(1, close));
    return true;
  }

  Ref read_string() { return make_string(string_content()); }

  /// The content of the string at the cursor, in the text or in buffer_.
  std::string_view string_content() {
    const char* opened = at_++;
    const char* from = at_;
    skip_plain();
    if (at_ != end_ && *at_ == '"') {
      return {from, at_++};
    }
    buffer_.assign(from, at_);
    for (;;) {
      if (at_ == end_) fail_unclosed(opened, "string");
      if (*at_ == '"') break;
      if (*at_ == '\\') {
        read_escape(opened);
      } else {
        fail("A string has to have its control characters written as \\n, \\t or \\u00XX");
      }
      from = at_;
      skip_plain();
      buffer_.append(from, at_);
    }
    ++at_;
    return buffer_;
  }

  // To the next quote, backslash or control character, eight bytes at a time.
  void skip_plain() {
    constexpr uint64_t k_ones = 0x0101010101010101u, k_highs = 0x8080808080808080u;
    while (end_ - at_ >= 8) {
      uint64_t w;
      std::memcpy(&w, at_, 8);
      auto zero_in = [](uint64_t x) { return (x - k_ones) & ~x & k_highs; };
      uint64_t hit =
          zero_in(w ^ (k_ones * '"')) | zero_in(w ^ (k_ones * '\\')) | ((w - k_ones * 0x20) & ~w & k_highs);
      if (hit) {
        at_ += std::countr_zero(hit) / 8;
        return;
      }
      at_ += 8;
    }
    while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
  }

  int32_t hex4() {
    int32_t value = end_ - at_ >= 4 ? parse_digits({at_, 4}, 16) : -1;
    if (value < 0) fail("\\u takes four hexadecimal digits");
    at_ += 4;
    return value;
  }

  void read_escape(const char* opened) {
    ++at_;
    if (at_ == end_) fail_unclosed(opened, "string");
    char c = *at_++;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        buffer_ += c;
        return;
      case 'b':
        buffer_ += '\b';
        return;
      case 'f':
        buffer_ += '\f';
        return;
      case 'n':
        buffer_ += '\n';
        return;
      case 'r':
        buffer_ += '\r';
        return;
      case 't':
        buffer_ += '\t';
        return;
      case 'u': {
        auto unit = static_cast<char32_t>(hex4());
        bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
        if (high && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
          const char* before = at_;
          at_ += 2;
          auto second = static_cast<char32_t>(hex4());
          if (second >= 0xDC00 && second < 0xE000) {
            append_utf8(buffer_, 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
            return;
          }
          at_ = before;
        }
        // Half a pair is no character.
        append_utf8(buffer_, high || low ? 0xFFFD : unit);
        return;
      }
      default:
        at_ -= 2;
        fail("JSON's escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX");
    }
  }

  Ref read_number() {
    const char* from = at_;
    const char* p = at_;
    if (p != end_ && *p == '-') ++p;
    const char* digits = p;
    uint64_t value = 0;
    while (p != end_ && is_digit(*p)) value = value * 10 + static_cast<uint64_t>(*p++ - '0');
    if (p == digits) fail_value();
    if (*digits == '0' && p - digits > 1) fail("A number does not begin with a zero that says nothing");
    bool whole = p == end_ || (*p != '.' && *p != 'e' && *p != 'E');
    if (whole) {
      at_ = p;
      auto n = static_cast<int64_t>(value);
      if (p - digits <= 18) return integer(*from == '-' ? -n : n);
      return parse_number({from, p});
    }
    if (*p == '.') {
      const char* fraction = ++p;
      while (p != end_ && is_digit(*p)) ++p;
      if (p == fraction) fail("A digit is expected after the point of a number");
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
      ++p;
      if (p != end_ && (*p == '+' || *p == '-')) ++p;
      const char* exponent = p;
      while (p != end_ && is_digit(*p)) ++p;
      if (p == exponent) fail("A digit is expected in the exponent of a number");
    }
    at_ = p;
    if (options_.decimals) return parse_number(std::string(from, p) + "M");
    double d = 0;
    if (std::from_chars(from, p, d).ec == std::errc()) return real(d);
    // Out of a double's range: infinite, or zero.
    return parse_double({from, p});
  }

  struct Place {
    uint32_t line, column;
  };
  Place place(const char* at) const {
    std::string_view before(text_.data(), at);
    size_t line_start = before.rfind('\n');
    size_t from = line_start == std::string_view::npos ? 0 : line_start + 1;
    return {first_line_ + static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n')),
            static_cast<uint32_t>(count_code_points(before.substr(from)) + 1)};
  }
  std::string place_text(const char* at) const {
    Place p = place(at);
    return "line " + std::to_string(p.line) + " column " + std::to_string(p.column);
  }

  [[noreturn]] void fail_unclosed(const char* opened, std::string_view what) {
    fail("The text ends too early: the " + std::string(what) + " that begins at " + place_text(opened) +
         " is not closed");
  }

  [[noreturn]] void fail(const std::string& message) {
    static const Value k_type = keyword("type"), k_syntax = keyword("reops.json", "syntax"),
                       k_line = keyword("line"), k_column = keyword("column");
    Place p = place(at_);
    Ref data = make_map({k_type, k_syntax, k_line, Value::fixnum(p.line), k_column, Value::fixnum(p.column)});
    throw_error(ErrorClass::ex_info, "JSON, " + place_text(at_) + ": " + message, data);
  }

  std::string_view text_;
  const char* at_;
  const char* end_;
  JsonReadOptions options_;
  uint32_t first_line_;
  KeyCache keys_;
  Pending pending_;
  std::string buffer_;
  size_t read_ = 0;
};

}  // namespace

Ref read_json(std::string_view text, const JsonReadOptions& options, uint32_t first_line) {
  constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  return JsonReader(text, options, first_line).read_whole();
}

}  // namespace reops::lang
