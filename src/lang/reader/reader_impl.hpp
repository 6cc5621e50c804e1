#pragma once
// The inside of Reader. What begins with # is in dispatch.cpp, what is one token in atoms.cpp, everything
// else in reader.cpp.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/reader/reader.hpp"
#include "lang/reader/scanner.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {

inline constexpr std::string_view k_unclosed = "reops/unclosed";
inline constexpr std::string_view k_syntax = "reops/syntax";

inline std::string at_position(const Mark& m) {
  return "line " + std::to_string(m.line) + " column " + std::to_string(m.column);
}

inline Span one_column(const Mark& m) { return {m.line, m.column, m.line, m.column + 1}; }

inline std::string quoted(std::string_view s) { return "`" + std::string(s) + "`"; }

class Reader::Impl {
 public:
  Impl(std::shared_ptr<const Source> source, ReaderOptions options);

  Ref read();
  const PositionTable& positions() const { return positions_; }
  const std::shared_ptr<const Source>& source() const { return source_; }
  size_t offset() const { return in_.mark().offset; }
  bool incomplete() const { return incomplete_; }

 private:
  struct Item {
    Ref form;
    Span span;
  };
  /// What one step over the text met: a form, something that yields none (a discarded form, a conditional
  /// without a matching branch), a closing delimiter (not consumed), or the end.
  enum class Got { form, nothing, closer, end };

  /// Open `#()`: which parameters its body has named so far.
  struct FnLiteral {
    std::map<int, std::string> parameters;  // by number; k_rest for %&
  };
  static constexpr int k_rest = -1;
  static constexpr int k_most_parameters = 20;
  static constexpr int k_most_syntax_quotes = 5;

  // `splice`: forms of #?@ may be pushed on items_.
  Got step(Item& out, bool splice);
  Ref read_form(const Mark& start, char c, Span& span);
  /// The form that must follow a prefix such as ' or #_.
  Item required(const Mark& prefix, std::string_view what);
  /// Skips one form: after #_, or in a branch not taken.
  void discard(const Mark& prefix, std::string_view what);
  /// Pushes everything up to `close` on items_; the cursor stands after the opening delimiter.
  void read_items(const Mark& opened, std::string_view opening, char close);

  Ref read_list(const Mark& opened);
  Ref read_vector(const Mark& opened);
  Ref read_map(const Mark& opened, std::string_view key_ns);
  Ref read_set(const Mark& opened);
  Ref read_string(const Mark& opened);
  void read_escape(std::string& out);
  Ref read_character(const Mark& start);
  Ref read_number(const Mark& start);
  Ref read_name(const Mark& start);
  Ref read_wrapped(const Mark& start, size_t prefix, std::string_view ns, std::string_view symbol);
  Item read_meta(const Mark& start);
  Ref read_parameter(const Mark& start);
  bool is_name(std::string_view token) const;
  Ref keyword_of_token(std::string_view token, const Mark& start);

  // dispatch.cpp
  Got read_dispatch(const Mark& start, Item& out, bool splice);
  Ref read_fn_literal(const Mark& start);
  Ref read_regex(const Mark& start);
  Ref read_symbolic(const Mark& start);
  Ref read_namespaced_map(const Mark& start);
  Got read_conditional(const Mark& start, Item& out, bool splice);
  void splice_items(const Item& item);
  Ref read_tagged(const Mark& start);
  Ref interpret_tag(Value tag, const Item& form, Span where);
  Ref read_record(Value tag, const Item& form, Span where);
  bool has_feature(Value keyword) const;

  /// Values of items_ from `base` on, borrowed.
  std::vector<Value> values_from(size_t base) const;
  /// Notes where the forms from `base` on stood, as children of `parent`, and takes them off items_.
  void adopt_children(Value parent, size_t base);
  /// Puts the forms from `base` on, keys and values, into the order that the map made of them has.
  void order_as_in(Value map, size_t base);
  Ref list_of(std::vector<Value> items, const Mark& start);
  Ref with_line(Ref list, const Mark& start);
  std::string parameter_name(int number);

  [[noreturn]] void fail(Span where, std::string_view type, std::string_view message,
                         std::string_view hint = {}, ErrorClass error_class = ErrorClass::reader);
  [[noreturn]] void fail_incomplete(Span where, std::string_view type, std::string_view message);
  [[noreturn]] void fail_unmatched();
  [[noreturn]] void fail_edn(const Mark& start, std::string_view what);
  void refuse_in_edn(const Mark& start, std::string_view what) {
    if (options_.edn) fail_edn(start, what);
  }
  /// check_stack(), as an error of the reader.
  void check_depth();
  /// Runs `f`; an error it throws becomes a reader error at `where`.
  Ref reading(Span where, const std::function<Ref()>& f);

  std::shared_ptr<const Source> source_;
  ReaderOptions options_;
  Scanner in_;
  PositionTable positions_;
  std::vector<Item> items_;
  // What the form just read no longer contains but positions_ knows by its address.
  std::vector<Ref> kept_;
  std::unique_ptr<FnLiteral> fn_literal_;
  int suppressed_ = 0;     // depth of branches that are read only to be skipped
  int syntax_quotes_ = 0;  // open around the cursor
  bool incomplete_ = false;
  size_t invalid_at_;  // offset of the first byte that is no UTF-8
};

/// `with-meta` that writes in place what the reader has just made.
Ref attach_meta(Ref form, Ref meta);
bool can_carry_meta(Value form);

}  // namespace reops::lang
