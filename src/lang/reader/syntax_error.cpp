#include "lang/reader/syntax_error.hpp"

#include "lang/collection/map.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {

void throw_syntax_error(const Source& source, Span where, std::string_view type, std::string_view message,
                        std::string_view hint, Value cause, ErrorClass error_class) {
  Ref file = make_string_lossy(source.name);
  auto number = [](uint32_t n) { return Value::fixnum(n); };
  Ref data = make_map({keyword("type"), keyword(type), keyword("file"), file, keyword("line"),
                       number(where.line), keyword("column"), number(where.column), keyword("end-line"),
                       number(where.end_line), keyword("end-column"), number(where.end_column)});
  if (!hint.empty()) data = map_assoc(std::move(data), Ref(keyword("hint")), make_string_lossy(hint));
  throw Thrown(make_error(error_class, message, data, cause));
}

bool is_syntax_error(const Error& e) {
  if (!is_map(e.data) || is_record(e.data)) return false;
  Value type = map_get(e.data, keyword("type"));
  return is<Keyword>(type) && ns_of(type) == "reops" && !map_get(e.data, keyword("line")).is_none();
}

}  // namespace reops::lang
