#include "lang/reader/syntax_error.hpp"

#include "lang/collection/map.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {

void throw_syntax_error(const Source& source, Span where, std::string_view type, std::string_view message,
                        std::string_view hint, Value cause) {
  Ref file = make_string_lossy(source.name);
  auto number = [](uint32_t n) { return Value::fixnum(n); };
  Ref data = make_map({keyword("type"), keyword(type), keyword("file"), file, keyword("line"), number(where.line),
                       keyword("column"), number(where.column), keyword("end-line"), number(where.end_line),
                       keyword("end-column"), number(where.end_column)});
  if (!hint.empty()) data = map_assoc(std::move(data), Ref(keyword("hint")), make_string_lossy(hint));
  throw Thrown(make_error(ErrorClass::reader, message, data, cause));
}

}  // namespace reops::lang
