#include "lang/builtin/system_arguments.hpp"

#include <vector>

#include "base/errors.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {

std::string path_argument(Value v, std::string_view what) {
  std::string path;
  if (is<String>(v)) {
    path = text_of(v);
  } else if (const ByteString* bytes = try_as<ByteString>(v)) {
    path = bytes->view();
  } else if (is<Record>(v) && type_name(v) == "java.io.File") {
    Ref text = own_answer(v, "getPath");
    path = text_of(text);
  } else {
    throw_class_cast(v, "a path (a string or a java.io.File) for " + std::string(what));
  }
  if (path.empty())
    throw_illegal_argument(std::string(what) + " needs a path, and was given an empty string");
  if (path.find('\0') != path.npos)
    throw_illegal_argument("A path for " + std::string(what) + " contains a zero byte");
  return path;
}

Ref path_value(std::string_view path) { return valid_utf8(path) ? make_string(path) : make_bytes(path); }

void throw_result(const base::Error& error) {
  std::vector<Ref> owned;
  std::vector<Value> entries{keyword("type"), keyword(error.type)};
  for (const auto& [name, text] : error.data) {
    owned.push_back(path_value(text));
    entries.push_back(keyword(name));
    entries.push_back(owned.back());
  }
  Ref data = make_map(entries);
  ErrorClass c = error.type == "file/not-found" ? ErrorClass::file_not_found : ErrorClass::io;
  throw_error(c, error.message, data);
}

void throw_file_error(std::string_view what, std::string_view path, int error) {
  base::Error made =
      base::errno_error("file", "Cannot " + std::string(what) + " " + std::string(path), error);
  made.data["path"] = path;
  throw_result(made);
}

}  // namespace reops::lang
