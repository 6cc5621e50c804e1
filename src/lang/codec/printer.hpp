#pragma once
// Values to text.

#include <functional>
#include <string>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// What the *print-…* vars say; negative lengths and levels mean no limit.
struct PrintOptions {
  bool readably = true;
  bool meta = false;
  bool namespace_maps = false;
  int64_t length = -1;
  int64_t level = -1;
  /// `print-method`, or under *print-dup* `print-dup`, when the program has given it methods of its own; else
  /// nil. Borrowed from its var.
  Value custom;
  /// Called now and then with what was printed so far, which it takes out: lets an endless sequence flow on.
  std::function<void(std::string&)> drain;

  /// As this thread's bindings of the vars have it.
  static PrintOptions current(bool readably);
};

/// As `pr` prints it (readably) or as `print` does. Honours *print-length*, *print-level*, *print-meta* and
/// *print-namespace-maps* of this thread. Recursive, stack-checked; realises lazy sequences.
void print(std::string& out, Value v, bool readably);
void print(std::string& out, Value v, const PrintOptions& options);
/// The same without asking print-method about `v` itself.
void print_without_method(std::string& out, Value v, const PrintOptions& options);
std::string pr_str(Value v);
/// As `str` does with one argument: nil is empty, strings raw, a lazy sequence its elements.
void append_str(std::string& out, Value v);

/// A string literal, and a character literal, of that content.
void print_string_literal(std::string& out, std::string_view text);
void print_character_literal(std::string& out, char32_t c);

}  // namespace reops::lang
