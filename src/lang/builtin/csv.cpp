// reops.csv: the native beneath lib/reops/csv.clj.

#include <algorithm>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

/// RFC 4180: fields between separators, records between line ends, both inside of quotes being text.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator, char quote)
      : text_(text), separator_(separator), quote_(quote) {
    constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(k_byte_order_mark)) text_.remove_prefix(k_byte_order_mark.size());
  }

  Ref rows() {
    Ref all(empty_vector());
    size_t count = 0;
    while (at_ < text_.size()) {
      vector_push(all, row());
      if (++count % 1000 == 0) poll();
    }
    return all;
  }

 private:
  Ref row() {
    Ref fields(empty_vector());
    for (;;) {
      vector_push(fields, at_ < text_.size() && text_[at_] == quote_ ? quoted() : plain());
      if (at_ >= text_.size()) return fields;
      char c = text_[at_++];
      if (c == separator_) continue;
      if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      return fields;
    }
  }

  bool ends_field(char c) const { return c == separator_ || c == '\n' || c == '\r'; }

  Ref plain() {
    size_t from = at_;
    while (at_ < text_.size() && !ends_field(text_[at_])) ++at_;
    return make_string(text_.substr(from, at_ - from));
  }

  Ref quoted() {
    size_t opened = at_++;
    std::string content;
    for (;;) {
      size_t end = text_.find(quote_, at_);
      if (end == std::string_view::npos) fail(opened, "A quoted field is not closed before the text ends");
      content += text_.substr(at_, end - at_);
      at_ = end + 1;
      if (at_ < text_.size() && text_[at_] == quote_) {
        content += quote_;
        ++at_;
        continue;
      }
      if (at_ < text_.size() && !ends_field(text_[at_]))
        fail(at_,
             "A quoted field has to end at a separator or a line end: a quote inside of it is written twice");
      return make_string(content);
    }
  }

  [[noreturn]] void fail(size_t at, std::string_view message) const {
    static const Value k_type = keyword("type"), k_syntax = keyword("reops.csv", "syntax"),
                       k_line = keyword("line"), k_column = keyword("column");
    std::string_view before = text_.substr(0, at);
    size_t line_start = before.rfind('\n');
    auto line = std::count(before.begin(), before.end(), '\n') + 1;
    auto column = static_cast<int64_t>(
        count_code_points(before.substr(line_start == std::string_view::npos ? 0 : line_start + 1)) + 1);
    Ref data = make_map({k_type, k_syntax, k_line, Value::fixnum(line), k_column, Value::fixnum(column)});
    throw_error(ErrorClass::ex_info,
                "CSV, line " + std::to_string(line) + " column " + std::to_string(column) + ": " +
                    std::string(message),
                data);
  }

  std::string_view text_;
  char separator_;
  char quote_;
  size_t at_ = 0;
};

char ascii_character(Value v, std::string_view what) {
  if (!v.is_char() || v.as_char() >= 0x80 || v.as_char() == '\n' || v.as_char() == '\r')
    throw_class_cast(v, "an ASCII character as the " + std::string(what) + " of CSV");
  return static_cast<char>(v.as_char());
}

Ref read(Args args) {
  std::string_view text = string_argument(args[0], "CSV");
  return CsvReader(text, ascii_character(args[1], "separator"), ascii_character(args[2], "quote")).rows();
}

constexpr NativeDef k_defs[] = {
    {"reops.internal", "read-csv", read, 3, 3, k_borrow_all, "([text separator quote])",
     "A vector of the rows of a CSV text, each a vector of strings."},
};

}  // namespace

extern const NativeModule k_natives_csv;
const NativeModule k_natives_csv = {"csv", k_defs};

}  // namespace reops::lang
