#pragma once
// Where forms stood in their file.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// Lines and columns count from 1, in code points; `end` is one past the last character. line 0: unknown.
struct Span {
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t end_line = 0;
  uint32_t end_column = 0;
  bool known() const { return line != 0; }
};

/// Spans of one top-level form and everything inside, atoms included. Objects are found by identity; what has
/// none (nil, booleans, small integers, characters, keywords) by its parent and index.
class PositionTable {
 public:
  /// False for what has no place of its own: immediates, keywords, the shared empty collections.
  static bool has_identity(Value form);

  /// Text that is read as data has no use for positions: with `false` nothing is kept.
  void keep(bool positions) { keep_ = positions; }
  void add(Value form, Span span);
  void add_child(Value parent, size_t index, Span span);
  void add_children(Value parent, std::vector<Span> spans);
  bool keeps() const { return keep_; }
  /// Span of `form`; unknown when a macro made it.
  Span of(Value form) const;
  /// Span of child `index` of `parent` (forms of a list or vector; alternating keys and values of a map).
  Span of_child(Value parent, size_t index, Value child) const;
  void clear();

 private:
  bool keep_ = true;
  std::unordered_map<uint64_t, Span> spans_;
  std::unordered_map<uint64_t, std::vector<Span>> children_;
};

/// A source text, kept so that errors can show the line.
struct Source {
  std::string name;  ///< "my/ops.clj", "REPL-3"
  std::string text;
  /// Line `number` (from 1) without its end.
  std::string_view line(uint32_t number) const;
};

}  // namespace reops::lang
