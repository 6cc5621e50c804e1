// Protocols: `extend`, `satisfies?`, and what defprotocol is made of (core/dispatch.clj).

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/protocol.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

Protocol& protocol_argument(Value v) {
  if (!is<Protocol>(v)) throw_class_cast(v, "a protocol");
  return as<Protocol>(v);
}

Ref define_protocol(Args args) {
  Ref existing = defined_value(args[0]);
  if (is<Protocol>(existing) && full_name(as<Protocol>(existing).name) == full_name(args[0])) {
    // The same protocol with other methods: what is extended to it stays so, and instances keep working.
    Protocol& p = as<Protocol>(existing);
    p.via_metadata = args[2].truthy();
    while (!replace_table(p.methods, load_table(p.methods), Ref(args[1]))) {
    }
    return existing;
  }
  return make_protocol(args[0], Ref(args[1]), args[2].truthy());
}

Ref protocol_fn(Args args) {
  protocol_argument(args[0]);
  return make_protocol_fn(args[0], name_of(args[1]));
}

Ref is_protocol(Args args) { return boolean(is<Protocol>(args[0])); }
Ref protocol_name(Args args) { return Ref(protocol_argument(args[0]).name); }
Ref protocol_methods(Args args) { return Ref(load_table(protocol_argument(args[0]).methods)); }
Ref method_key(Args args) { return Ref(qualified_method(protocol_argument(args[0]).name, name_of(args[1]))); }

Ref extend(Args args) {
  Value type = args[0];
  if (!type.is_nil() && !is<Type>(type))
    throw_illegal_argument("extend takes a class, a record type or nil, not " + describe(type));
  if (args.size() % 2 == 0) {
    throw_illegal_argument(
        "extend takes a protocol and a map of functions in turn, but the last protocol has no map");
  }
  for (size_t i = 1; i + 1 < args.size(); i += 2) {
    if (!is<Protocol>(args[i]))
      throw_illegal_argument("Only protocols can be extended, not " + describe(args[i]));
    if (!is_map(args[i + 1])) throw_class_cast(args[i + 1], "a map from method keywords to functions");
    extend_protocol(as<Protocol>(args[i]), type, Ref(args[i + 1]));
  }
  return nil();
}

Ref does_satisfy(Args args) { return boolean(satisfies(protocol_argument(args[0]), args[1])); }

Ref does_extend(Args args) {
  Protocol& protocol = protocol_argument(args[0]);
  Value type = args[1];
  if (!type.is_nil() && !is<Type>(type)) throw_class_cast(type, "a class or nil");
  if (is<Type>(type) && !set_get(load_table(as<Type>(type).implements), protocol.name).is_none())
    return boolean(true);
  return boolean(!map_get(load_table(protocol.impls), type).is_none());
}

Ref extenders(Args args) {
  Ref types(nil());
  map_each(load_table(protocol_argument(args[0]).impls),
           [&](Value type, Value) { types = cons(type, types); });
  return types;
}

constexpr const char* k_core = "clojure.core";
constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_core, "extend", extend, 1, k_variadic, k_borrow_all, "([type & proto+mmaps])",
     "Implements protocols for a type (or nil): each protocol is followed by a map from method keyword to "
     "function, which "
     "replaces what the protocol had for that type."},
    {k_core, "satisfies?", does_satisfy, 2, 2, k_borrow_all, "([protocol x])",
     "True if x implements the protocol."},
    {k_core, "extends?", does_extend, 2, 2, k_borrow_all, "([protocol type])",
     "True if the protocol is extended to exactly that type, or its definition implements it."},
    {k_core, "extenders", extenders, 1, 1, k_borrow_all, "([protocol])",
     "The types that the protocol was extended to, or nil."},
    {k_internal, "make-protocol", define_protocol, 3, 3, k_borrow_all, "([name methods via-metadata])",
     "The protocol of that qualified name with these methods (keyword to {:name :arglists :doc}). One that "
     "its var holds "
     "already is changed, and keeps its implementations."},
    {k_internal, "protocol-fn", protocol_fn, 2, 2, k_borrow_all, "([protocol name])",
     "The function that dispatches a method of the protocol on its first argument."},
    {k_internal, "protocol?", is_protocol, 1, 1, k_borrow_all, "([x])", "True if x is a protocol."},
    {k_internal, "protocol-name", protocol_name, 1, 1, k_borrow_all, "([protocol])",
     "Its qualified name, a symbol."},
    {k_internal, "protocol-methods", protocol_methods, 1, 1, k_borrow_all, "([protocol])",
     "Its methods: keyword to {:name :arglists :doc}."},
    {k_internal, "method-key", method_key, 2, 2, k_borrow_all, "([protocol name])",
     "Keyword under which a type holds its inline implementation of a method of the protocol."},
};

}  // namespace

extern const NativeModule k_natives_protocols;
const NativeModule k_natives_protocols = {"protocols", k_defs};

}  // namespace reops::lang
