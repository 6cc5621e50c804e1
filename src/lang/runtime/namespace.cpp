// Namespaces: the registry, what each maps its names to, and how a symbol is looked up.
//
// Mappings are persistent maps in cells, replaced by compare-and-set: readers never wait, and interning from
// two threads makes one var. What a map no longer holds is retired, because others may be reading it
// borrowed.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <utility>

#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/census.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/handshake.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {

/// runtime/host.hpp's.
Value resolve_host_class(std::string_view name);

const KindInfo k_info_Namespace = {
    .name = "Namespace", .slots_at = offsetof(Namespace, name), .slots = 4, .cell = true};

namespace {

/// The one root from which every namespace is reached.
Value& registry_slot() {
  static Value root = [] {
    Ref box = make_box(Ref(empty_map()));
    publish(box);
    return box.take();
  }();
  return root;
}
Box& registry() { return as<Box>(registry_slot()); }

/// Replaces the map in `slot` by what `change` makes of it, again and again until no other thread was faster.
/// `change` may return its argument, for no change.
template <class Change>
void update_map(Object& cell, Value& slot, Change&& change) {
  for (;;) {
    Ref before = cell_load(cell, slot);
    Ref after = change(before);
    if (after.get() == before.get()) return;
    if (cell_compare_and_set(cell, slot, before, std::move(after))) return;
  }
}

Value lookup(Object& cell, const Value& slot, Value key) {
  Ref map = cell_load(cell, slot);
  Value found = map_get(map, key);
  return found.is_none() ? Value::nil() : found;
}

bool is_core(Value ns) { return name_of(as<Namespace>(ns).name) == "clojure.core"; }

std::string describe_mapping(Value mapped) {
  if (const Var* var = try_as<Var>(mapped)) return "#'" + var_name(*var);
  return type_name(mapped);
}

/// Whether `now` may take the place of `before` in `ns`: with a warning where that hides something, false to
/// leave what is there, an error where two namespaces fight over one name.
bool may_replace(Value ns, Value symbol, Value before, Value now) {
  if (const Var* var = try_as<Var>(before)) {
    const Var* other = try_as<Var>(now);
    if (var->ns == ns || (other && is_core(other->ns))) return false;
    // Core shares some names of libraries (`<<`): whoever refers them from there means the same.
    if (other && !var->load_root().is_none() && var->load_root() == other->load_root()) return true;
    // In `user` every verb is at hand without being asked for, so there any may be given a new meaning, as
    // core's may.
    if (!is_core(var->ns) && ns_name(ns) != "user") {
      throw_diagnostic(ErrorClass::illegal_state, "reops/name-clash",
                       full_name(symbol) + " already refers to " + describe_mapping(before) +
                           " in namespace " + std::string(ns_name(ns)),
                       "Refer one of the two under another name (:rename), or leave it out (:exclude).");
    }
  } else if (is<Type>(before) && is<Type>(now) && type_name(before) == type_name(now)) {
    return true;  // a record defined anew
  }
  warn(full_name(symbol) + " already refers to: " + describe_mapping(before) +
       " in namespace: " + std::string(ns_name(ns)) + ", being replaced by: " + describe_mapping(now));
  return true;
}

Ref make_namespace(Value name) {
  auto* ns = allocate<Namespace>();
  ns->pad[0] = ns->pad[1] = 0;
  ns->name = Ref(name).take();
  ns->mappings = Ref(empty_map()).take();
  ns->aliases = Ref(empty_map()).take();
  ns->meta = Value::nil();
  return Ref::adopt(ns);
}

Ref make_var(Value ns, Value name) {
  auto* var = allocate<Var>();
  var->dynamic = Var::not_dynamic;
  var->macro = 0;
  var->root = Value::none();
  var->ns = Ref(ns).take();
  var->name = Ref(name).take();
  var->meta = Value::nil();
  var->watches = Value::nil();
  var->validator = Value::nil();
  // Roots are stored without cell_swap, and a function that calls itself by name is a cycle.
  note_cell(*var);
  Ref made = Ref::adopt(var);
  set_definition_meta(*var, nil());
  return made;
}

/// A type that a program defined, by its full name: the last dot parts namespace (dashes written as _) and
/// type.
Value resolve_defined_type(std::string_view full) {
  size_t dot = full.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == full.size()) return Value::nil();
  std::string ns_text(full.substr(0, dot));
  Value ns = find_ns(ns_text);
  if (ns.is_nil()) {
    std::replace(ns_text.begin(), ns_text.end(), '_', '-');
    ns = find_ns(ns_text);
  }
  if (ns.is_nil()) return ns;
  Namespace& n = as<Namespace>(ns);
  Value found = lookup(n, n.mappings, make_symbol("", full.substr(dot + 1)));
  return is<Type>(found) ? found : Value::nil();
}

/// What of clojure.core others see. Made anew only when core has changed, so that a new namespace starts in
/// one step.
Ref core_publics() {
  static std::mutex lock;
  static Ref& made_from = *new Ref;
  static Ref& publics = *new Ref;
  Value core = find_ns("clojure.core");
  Namespace& n = as<Namespace>(core);
  Ref mappings = cell_load(n, n.mappings);
  std::lock_guard held(lock);
  if (mappings.get() == made_from.get()) return publics;
  Ref result(empty_map());
  map_each(mappings, [&](Value symbol, Value mapped) {
    const Var* var = try_as<Var>(mapped);
    if (var && var->ns == core && !is_private(*var))
      result = map_assoc(std::move(result), Ref(symbol), Ref(mapped));
  });
  publish(result);
  made_from = std::move(mappings);
  publics = result;
  return result;
}

}  // namespace

Value find_ns(std::string_view name) {
  Box& all = registry();
  return lookup(all, all.value, make_symbol("", name));
}

Value find_or_create_ns(std::string_view name) {
  Value found = find_ns(name);
  if (!found.is_nil()) return found;
  Ref symbol = make_symbol("", name);
  Ref fresh = make_namespace(symbol);
  Box& all = registry();
  update_map(all, all.value, [&](const Ref& map) {
    return map_get(map, symbol).is_none() ? map_assoc(map, symbol, fresh) : map;
  });
  return find_ns(name);
}

void remove_ns(std::string_view name) {
  Ref symbol = make_symbol("", name);
  Box& all = registry();
  Ref gone(lookup(all, all.value, symbol));
  update_map(all, all.value, [&](const Ref& map) { return map_dissoc(map, symbol); });
  retire(std::move(gone));
}

Value namespace_registry() { return registry_slot(); }
void adopt_namespace_registry(Value registry) { release(std::exchange(registry_slot(), registry)); }

Ref all_namespaces() {
  Box& all = registry();
  return cell_load(all, all.value);
}

std::string_view ns_name(Value ns) { return name_of(as<Namespace>(ns).name); }

Var& intern(Value ns, std::string_view name) {
  Namespace& n = as<Namespace>(ns);
  Ref symbol = make_symbol("", name);
  Ref fresh;
  for (;;) {
    Ref before = cell_load(n, n.mappings);
    Value mapped = map_get(before, symbol);
    if (is<Var>(mapped) && as<Var>(mapped).ns == ns) return as<Var>(mapped);
    if (fresh.is_nil()) fresh = make_var(ns, symbol);
    if (!mapped.is_none()) may_replace(ns, symbol, mapped, fresh);
    Ref replaced = mapped.is_none() ? Ref() : Ref(mapped);
    if (!cell_compare_and_set(n, n.mappings, before, map_assoc(before, symbol, fresh))) continue;
    retire(std::move(replaced));
    return as<Var>(fresh);
  }
}

Var& define(std::string_view ns, std::string_view name, Ref value, Ref meta) {
  Var& var = intern(find_or_create_ns(ns), name);
  if (!meta.is_nil()) set_definition_meta(var, std::move(meta));
  set_root(var, std::move(value));
  return var;
}

void refer(Value ns, Value symbol, Value var_or_type) {
  Namespace& n = as<Namespace>(ns);
  Ref name = has_ns(symbol) ? make_symbol("", name_of(symbol)) : Ref(symbol);
  for (;;) {
    Ref before = cell_load(n, n.mappings);
    Value mapped = map_get(before, name);
    if (mapped == var_or_type) return;
    if (!mapped.is_none() && !may_replace(ns, name, mapped, var_or_type)) return;
    Ref replaced = mapped.is_none() ? Ref() : Ref(mapped);
    if (!cell_compare_and_set(n, n.mappings, before, map_assoc(before, name, Ref(var_or_type)))) continue;
    retire(std::move(replaced));
    return;
  }
}

void refer_core(Value ns) {
  if (is_core(ns)) return;
  Ref publics = core_publics();
  Namespace& n = as<Namespace>(ns);
  update_map(n, n.mappings, [&](const Ref& map) -> Ref {
    if (map_count(map) == 0) return publics;
    Ref merged = map;
    map_each(publics, [&](Value symbol, Value var) {
      if (map_get(map, symbol).is_none()) merged = map_assoc(std::move(merged), Ref(symbol), Ref(var));
    });
    return merged;
  });
}

void unmap(Value ns, Value symbol) {
  Namespace& n = as<Namespace>(ns);
  Ref gone(lookup(n, n.mappings, symbol));
  update_map(n, n.mappings, [&](const Ref& map) { return map_dissoc(map, symbol); });
  retire(std::move(gone));
}

void add_alias(Value ns, Value alias, Value target) {
  Namespace& n = as<Namespace>(ns);
  update_map(n, n.aliases, [&](const Ref& map) -> Ref {
    Value known = map_get(map, alias);
    if (known == target) return map;
    if (!known.is_none()) {
      throw_diagnostic(ErrorClass::illegal_state, "reops/alias-clash",
                       "Alias " + full_name(alias) + " already stands for " + std::string(ns_name(known)) +
                           " in namespace " + std::string(ns_name(ns)),
                       "Choose another alias, or (ns-unalias *ns* '" + full_name(alias) + ") first.");
    }
    return map_assoc(map, Ref(alias), Ref(target));
  });
}

void remove_alias(Value ns, Value alias) {
  Namespace& n = as<Namespace>(ns);
  update_map(n, n.aliases, [&](const Ref& map) { return map_dissoc(map, alias); });
}

Ref ns_names(Value ns) {
  Namespace& n = as<Namespace>(ns);
  Ref mappings = cell_load(n, n.mappings), aliases = cell_load(n, n.aliases);
  return make_vector({mappings, aliases});
}

void set_ns_names(Value ns, Ref mappings, Ref aliases) {
  Namespace& n = as<Namespace>(ns);
  retire(cell_swap(n, n.mappings, std::move(mappings)));
  retire(cell_swap(n, n.aliases, std::move(aliases)));
}

Value resolve_ns(Value ns, std::string_view prefix) {
  Namespace& n = as<Namespace>(ns);
  Value aliased = lookup(n, n.aliases, make_symbol("", prefix));
  return aliased.is_nil() ? find_ns(prefix) : aliased;
}

Value resolve(Value ns, Value symbol) {
  if (has_ns(symbol)) {
    Value target = resolve_ns(ns, ns_of(symbol));
    if (target.is_nil()) return target;
    Namespace& n = as<Namespace>(target);
    Value found = lookup(n, n.mappings, make_symbol("", name_of(symbol)));
    // What a namespace only refers to is not reached through it.
    return is<Var>(found) && as<Var>(found).ns == target ? found : Value::nil();
  }
  Namespace& n = as<Namespace>(ns);
  Value found = lookup(n, n.mappings, symbol);
  if (!found.is_nil()) return found;
  Value type = resolve_host_class(name_of(symbol));
  return type.is_nil() ? resolve_defined_type(name_of(symbol)) : type;
}

bool may_use(Value ns, const Var& var) { return var.ns == ns || !is_private(var); }

Value current_ns() {
  Value ns = deref(*core_vars().ns).get();
  return ns;  // namespaces live until remove-ns, and then until a handshake
}

void set_current_ns(Value ns) {
  Var& var = *core_vars().ns;
  if (find_binding(var).is_none()) {
    set_root(var, Ref(ns));
  } else {
    set_binding(var, Ref(ns));
  }
}

void warn(std::string_view text) {
  std::string line = "WARNING: " + std::string(text) + "\n";
  Value core = find_ns("clojure.core");
  Namespace& n = as<Namespace>(core);
  Value print = lookup(n, n.mappings, make_symbol("", "print"));
  Ref err = core_vars().err ? deref(*core_vars().err) : Ref();
  if (err.is_nil() || !is<Var>(print)) {
    std::fwrite(line.data(), 1, line.size(), stderr);
    return;
  }
  ScopedBindings to_err(make_map({Value::object(core_vars().out), err}));
  Ref message = make_string(line);
  call(print, {message});
}

}  // namespace reops::lang
