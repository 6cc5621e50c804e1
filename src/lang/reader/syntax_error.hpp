#pragma once
// How the reader reports what it cannot read.

#include <string_view>

#include "lang/reader/position.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {

/// Throws an error of `error_class` (Clojure's readers throw several) whose data is {:type :reops/… :file
/// :line :column :end-line :end-column :hint}.
[[noreturn]] void throw_syntax_error(const Source& source, Span where, std::string_view type,
                                     std::string_view message, std::string_view hint = {},
                                     Value cause = Value::nil(), ErrorClass error_class = ErrorClass::reader);
/// Whether `e` was thrown by throw_syntax_error: it knows its place.
bool is_syntax_error(const Error& e);

}  // namespace reops::lang
