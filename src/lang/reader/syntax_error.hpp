#pragma once
// How the reader reports what it cannot read.

#include <string_view>

#include "lang/reader/position.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// Throws a reader error whose data is {:type :reops/… :file :line :column :end-line :end-column :hint}.
[[noreturn]] void throw_syntax_error(const Source& source, Span where, std::string_view type, std::string_view message,
                                     std::string_view hint = {}, Value cause = Value::nil());

}  // namespace reops::lang
