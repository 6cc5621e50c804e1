// Protocols: finding the function that a method runs for a value.

#include "lang/runtime/protocol.hpp"

#include <cstddef>

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

Value method_in(Value table, Value method) {
  return table.is_none() ? Value::none() : map_get(table, method);
}

Value lookup(const ProtocolFn& fn, Value target) {
  const Protocol& protocol = as<Protocol>(fn.protocol);
  if (is<Record>(target)) {
    Value found = map_get(load_table(type_of_record(as<Record>(target)).methods), fn.qualified);
    if (!found.is_none()) return found;
  }
  return method_in(implementation_table(protocol, target), fn.method);
}

Value from_metadata(const ProtocolFn& fn, Value target) {
  Ref m = meta(target);
  if (m.is_nil()) return Value::none();
  Ref found = get(m, fn.symbol, Value::none());
  // The map belongs to target, so what it holds outlives our count of it.
  return found.get();
}

std::string list_types(Value impls) {
  std::string out;
  int n = 0;
  map_each(impls, [&](Value type, Value) {
    if (++n <= 8) out += (out.empty() ? "" : ", ") + type_name(type);
  });
  return n > 8 ? out + " …" : out;
}

}  // namespace

const KindInfo k_info_Protocol = {
    .name = "Protocol", .slots_at = offsetof(Protocol, name), .slots = 4, .cell = true};
const KindInfo k_info_ProtocolFn = {
    .name = "ProtocolFn", .slots_at = offsetof(ProtocolFn, protocol), .slots = 4};

Value implementation_table(const Protocol& protocol, Value target) {
  Value impls = load_table(protocol.impls);
  if (target.is_nil()) return map_get(impls, target);
  Value found = Value::none();
  for_each_type_of(target, [&](Value type) {
    found = map_get(impls, type);
    return !found.is_none();
  });
  return found;
}

bool satisfies(const Protocol& protocol, Value target) {
  if (is<Record>(target) && implements_inline(protocol, target)) return true;
  if (!implementation_table(protocol, target).is_none()) return true;
  if (!protocol.via_metadata) return false;
  Ref m = meta(target);
  if (m.is_nil()) return false;
  bool found = false;
  map_each(load_table(protocol.methods), [&](Value method, Value) {
    Ref symbol = make_symbol(ns_of(protocol.name), name_of(method));
    found = found || contains(m, symbol);
  });
  return found;
}

bool implements_inline(const Protocol& protocol, Value record) {
  Value names = load_table(type_of_record(as<Record>(record)).implements);
  return !set_get(names, protocol.name).is_none();
}

Ref make_protocol(Value name, Ref methods, bool via_metadata) {
  Protocol* p = allocate<Protocol>();
  p->via_metadata = via_metadata;
  p->pad = 0;
  p->name = Ref(name).take();
  p->methods = methods.take();
  p->impls = Ref(empty_map()).take();
  p->meta = Value::nil();
  advance_dispatch_epoch();
  return Ref::adopt(p);
}

Ref make_protocol_fn(Value protocol, std::string_view name) {
  const Protocol& p = as<Protocol>(protocol);
  Ref symbol = make_symbol(ns_of(p.name), name);
  ProtocolFn* fn = allocate<ProtocolFn>();
  fn->pad[0] = fn->pad[1] = 0;
  fn->protocol = Ref(protocol).take();
  fn->method = keyword({}, name);
  fn->qualified = qualified_method(p.name, name);
  fn->symbol = symbol.take();
  advance_dispatch_epoch();
  return Ref::adopt(fn);
}

Value qualified_method(Value protocol_name, std::string_view method) {
  return keyword(std::string(ns_of(protocol_name)) + "." + std::string(name_of(protocol_name)), method);
}

void extend_protocol(Protocol& protocol, Value type, Ref methods) {
  Ref old, impls;
  do {
    old = Ref(load_table(protocol.impls));
    impls = map_assoc(old, Ref(type), methods);
  } while (!replace_table(protocol.impls, old, std::move(impls)));
}

Value protocol_lookup(const ProtocolFn& fn, Value target) {
  uint64_t key = dispatch_key(target);
  // Calls must not find these: they have to look at the metadata first.
  if (as<Protocol>(fn.protocol).via_metadata) key |= uint64_t{1} << 63;
  // Read before looking, so that a change in between leaves an entry that is void, not one that is wrong.
  uint32_t epoch = dispatch_epoch();
  MethodCache& cache = this_thread().method_cache(&fn, key);
  if (cache.key == key && cache.method == &fn && cache.epoch == epoch) return cache.found;
  Value found = lookup(fn, target);
  cache = {&fn, key, epoch, found};
  return found;
}

Value protocol_method(const ProtocolFn& fn, Value target) {
  const Protocol& protocol = as<Protocol>(fn.protocol);
  if (protocol.via_metadata && !(is<Record>(target) && implements_inline(protocol, target))) {
    Value found = from_metadata(fn, target);
    if (!found.is_none()) return found;
  }
  Value found = protocol_lookup(fn, target);
  if (found.is_none()) throw_not_implemented(fn, target);
  return found.is_fixnum() ? as<Record>(target).fields[found.as_fixnum()] : found;
}

void throw_not_implemented(const ProtocolFn& fn, Value target) {
  const Protocol& protocol = as<Protocol>(fn.protocol);
  std::string name = full_name(protocol.name);
  std::string method(name_of(fn.method));
  if (satisfies(protocol, target)) {
    throw_diagnostic(
        ErrorClass::illegal_argument, "reops/protocol-method-missing",
        type_name(target) + " extends protocol " + name + " but has no method " + method + " of it");
  }
  std::string types = list_types(load_table(protocol.impls));
  throw_diagnostic(
      ErrorClass::illegal_argument, "reops/protocol-not-implemented",
      "No implementation of method " + method + " of protocol " + name + " for " + describe(target),
      types.empty() ? "Nothing extends " + name + " yet." : "It is extended to " + types + ".");
}

}  // namespace reops::lang
