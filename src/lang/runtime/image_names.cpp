// What an image names instead of containing it.

#include "lang/builtin/natives.hpp"
#include "lang/runtime/image_format.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/error.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang::image {
namespace {

constexpr StandardStream k_streams[] = {StandardStream::in, StandardStream::out, StandardStream::err};

}  // namespace

uint64_t count_natives() {
  uint64_t count = 0;
  for (size_t i = 0, modules = native_module_count(); i < modules; ++i) count += native_module(i).defs.size();
  return count;
}

std::string external_name(const Object& o, ImageScope scope) {
  if (o.kind == Kind::Handle) {
    for (StandardStream stream : k_streams) {
      if (standard_stream(stream) == Value::object(&o))
        return std::string("s") + static_cast<char>('0' + static_cast<int>(stream));
    }
  }
  if (scope == ImageScope::whole) return {};
  if (o.kind == Kind::Keyword) return "k" + full_name(Value::object(&o));
  if (o.kind == Kind::Type) {
    const Type& t = static_cast<const Type&>(o);
    if (t.form == Type::host || t.form == Type::error) return "t" + full_name(t.name);
  }
  return {};
}

Value find_external(std::string_view name) {
  std::string_view rest = name.substr(1);
  if (name[0] == 's') return standard_stream(k_streams[rest[0] - '0']);
  if (name[0] == 'k') {
    size_t slash = rest.size() > 1 ? rest.find('/') : std::string_view::npos;
    if (slash == std::string_view::npos) return keyword("", rest);
    return keyword(rest.substr(0, slash), rest.substr(slash + 1));
  }
  Value type = resolve_host_class(rest);
  if (type.is_nil())
    throw_illegal_argument("The image names a class that this build does not have: " + std::string(rest));
  return type;
}

}  // namespace reops::lang::image
