#include "lang/runtime/print_method.hpp"

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/error.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

Value dispatch_value(Value v) {
  Ref m = meta(v);
  if (m.is_nil()) return type_of(v);
  Ref tag = get(m, keyword("type"));
  return is<Keyword>(tag) ? tag.get() : type_of(v);
}

}  // namespace

bool print_by_method(std::string& out, Value v) {
  static const Ref& name = *new Ref(make_symbol("clojure.core/print-method"));
  Ref multi = defined_value(name);
  if (!is<MultiFn>(multi)) return false;
  Value methods = load_table(as<MultiFn>(multi).methods);
  Ref fallback(map_get(methods, keyword("default")));
  if (map_count(methods) == (fallback.get().is_none() ? 0 : 1)) return false;
  Ref method = multi_method_for(as<MultiFn>(multi), dispatch_value(v));
  if (method.get().is_none() || method.get() == fallback.get()) return false;
  check_stack();
  Ref writer = make_handle(new StringWriter);
  call(method, {v, writer});
  out += resource_of<StringWriter>(writer)->text();
  return true;
}

}  // namespace reops::lang
