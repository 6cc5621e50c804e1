#include "lang/codec/shipping/shared_names.hpp"

#include <algorithm>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/builtin/natives.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/code.hpp"

namespace reops::lang {
namespace {

// Of ours, what code on another machine is written with. The rest is about this program, its prompt and its
// files.
constexpr std::string_view k_shared_namespaces[] = {
    "reops.ansi",    "reops.bytes",  "reops.cbor",     "reops.csv",      "reops.facts",
    "reops.fs",      "reops.host",   "reops.http",     "reops.internal", "reops.json",
    "reops.process", "reops.strint", "reops.template", "reops.time"};

// What came with the image.
bool of_image(Value v) { return !v.is_object() || (v.as_object()->flags & k_immortal) != 0; }

Var* var_called(std::string_view full) {
  size_t slash = full.find('/');
  if (slash == full.npos || slash == 0) return nullptr;
  Value ns = find_ns(full.substr(0, slash));
  if (ns.is_nil()) return nullptr;
  return try_as<Var>(resolve(ns, make_symbol({}, full.substr(slash + 1))));
}

Value root_of(std::string_view var) {
  Var* v = var_called(var);
  return v ? v->load_root() : Value::none();
}

Value name_in(Value v) {
  switch (v.as_object()->kind) {
    case Kind::Native:
      return as<Native>(v).name;
    case Kind::Function:
      return as<Proto>(as<Function>(v).proto).name;
    case Kind::Type:
      return as<Type>(v).name;
    case Kind::Protocol:
      return as<Protocol>(v).name;
    default:
      return as<MultiFn>(v).name;
  }
}

bool found_by_name(Value v) {
  Value name = name_in(v);
  return is<Symbol>(name) && is_shared_namespace(ns_of(name)) && root_of(full_name(name)) == v;
}

// A type's name has its namespace as a package: my_ns.Found.
bool is_shared_type(const Type& type) {
  if (type.form == Type::host || type.form == Type::error) return true;
  std::string name = full_name(type.name);
  std::string package = name.substr(0, name.rfind('.'));
  std::replace(package.begin(), package.end(), '_', '-');
  return is_shared_namespace(package);
}

std::vector<Value> all_of_image(Kind kind) {
  std::vector<Value> found;
  Ref namespaces = all_namespaces();
  map_each(namespaces, [&](Value, Value ns) {
    if (!is_shared_namespace(ns_name(ns))) return;
    Ref names = ns_names(ns);
    map_each(vector_at(names, 0), [&](Value, Value mapped) {
      Var* var = try_as<Var>(mapped);
      if (var == nullptr || var->ns != ns || !of_image(mapped)) return;
      Value root = var->load_root();
      if (is_kind(root, kind) && of_image(root)) found.push_back(root);
    });
  });
  return found;
}

}  // namespace

bool is_shared_namespace(std::string_view ns) {
  // Static members of a host class are vars of a namespace of its name: Thread/sleep.
  bool of_class = !ns.empty() && ns[0] >= 'A' && ns[0] <= 'Z';
  return of_class || ns.starts_with("clojure.") || ns.starts_with("java.") ||
         std::find(std::begin(k_shared_namespaces), std::end(k_shared_namespaces), ns) !=
             std::end(k_shared_namespaces);
}

std::optional<SharedName> shared_name_of(Value v) {
  switch (v.as_object()->kind) {
    case Kind::Native:
      if (of_image(v) && found_by_name(v)) return SharedName::native;
      break;
    case Kind::Function:
      if (of_image(v) && found_by_name(v)) return SharedName::function;
      break;
    case Kind::Var: {
      const Var& var = as<Var>(v);
      // A dynamic one is there to be bound: what it holds belongs to where code runs.
      bool as_it_came = of_image(v) && is<Namespace>(var.ns) && is_shared_namespace(ns_name(var.ns)) &&
                        (var.dynamic_state() != Var::not_dynamic || of_image(var.load_root()));
      if (as_it_came) return SharedName::variable;
      break;
    }
    case Kind::Type:
      if (of_image(v) && is_shared_type(as<Type>(v))) return SharedName::type;
      break;
    case Kind::Protocol:
      if (of_image(v) && found_by_name(v)) return SharedName::protocol;
      break;
    case Kind::MultiFn:
      if (of_image(v) && found_by_name(v)) return SharedName::multimethod;
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::string name_of_shared(Value v) { return is<Var>(v) ? var_name(as<Var>(v)) : full_name(name_in(v)); }

Value find_shared(SharedName as_what, std::string_view name) {
  auto of_kind = [](Value v, Kind kind) { return is_kind(v, kind) ? v : Value::none(); };
  switch (as_what) {
    case SharedName::native:
      return of_kind(root_of(name), Kind::Native);
    case SharedName::function:
      return of_kind(root_of(name), Kind::Function);
    case SharedName::variable: {
      Var* var = var_called(name);
      return var ? Value::object(var) : Value::none();
    }
    case SharedName::type:
      return of_kind(resolve_host_class(name), Kind::Type);
    case SharedName::protocol:
      return of_kind(root_of(name), Kind::Protocol);
    case SharedName::multimethod:
      return of_kind(root_of(name), Kind::MultiFn);
  }
  return Value::none();
}

std::span<const Value> shared_protocols() {
  // They never change, nor go away.
  static const std::vector<Value> found = all_of_image(Kind::Protocol);
  return found;
}

std::span<const Value> shared_multimethods() {
  static const std::vector<Value> found = all_of_image(Kind::MultiFn);
  return found;
}

}  // namespace reops::lang
