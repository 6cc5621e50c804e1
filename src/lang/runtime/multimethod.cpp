// Multimethods: choosing a method by dispatch value, hierarchy and preferences.

#include "lang/runtime/multimethod.hpp"

#include <cstddef>

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

// Positions in the vector that a cache is: what it was made from, then what was found.
enum { k_hierarchy, k_methods, k_prefers, k_epoch, k_found };

// The hierarchy of a multimethod stands in a var, or in an atom or the like, or is a map itself.
Ref current_hierarchy(const MultiFn& m) {
  Ref held_by(load_table(m.hierarchy));
  if (is<Var>(held_by)) {
    Value root = as<Var>(held_by).load_root();
    return root.is_none() ? nil() : Ref(root);
  }
  return is_map(held_by) || held_by.is_nil() ? held_by : deref(held_by);
}

// The tables as they are now, held: choosing may run code of the program (equality of dispatch values).
struct Tables {
  explicit Tables(const MultiFn& m)
      : hierarchy(current_hierarchy(m)), methods(load_table(m.methods)), prefers(load_table(m.prefers)) {}
  bool made(Value cache) const { return was_made_from(cache, hierarchy, methods, prefers); }
  static bool was_made_from(Value cache, Value hierarchy, Value methods, Value prefers) {
    return !cache.is_nil() && vector_at(cache, k_hierarchy) == hierarchy &&
           vector_at(cache, k_methods) == methods && vector_at(cache, k_prefers) == prefers &&
           vector_at(cache, k_epoch) == epoch();
  }
  // A type that was defined anew is a dispatch value no longer, and is not to be kept alive by caches.
  static Value epoch() { return Value::fixnum(dispatch_epoch()); }
  Ref hierarchy;
  Ref methods;
  Ref prefers;
};

template <class F>
void change(Value& slot, F&& changed) {
  Ref old, now;
  do {
    old = Ref(load_table(slot));
    now = changed(old);
  } while (!replace_table(slot, old, std::move(now)));
}

bool in_table_of(Value hierarchy, const char* table, Value child, Value parent) {
  Ref related = get(hierarchy, keyword({}, table));
  if (related.is_nil()) return false;
  return contains(get(related, child), parent);
}

// Is `a` preferred to `b`: directly, or through what they descend from?
bool preferred(const Tables& t, Value a, Value b) {
  check_stack();
  Value over = map_get(t.prefers, a);
  if (!over.is_none() && contains(over, b)) return true;
  bool found = false;
  Ref parents = get(get(t.hierarchy, keyword("parents")), b);
  if (!parents.is_nil())
    map_each(as<Set>(parents).map, [&](Value p, Value) { found = found || preferred(t, a, p); });
  if (found) return true;
  parents = get(get(t.hierarchy, keyword("parents")), a);
  if (!parents.is_nil())
    map_each(as<Set>(parents).map, [&](Value p, Value) { found = found || preferred(t, p, b); });
  return found;
}

bool dominates(const Tables& t, Value a, Value b) { return preferred(t, a, b) || is_a(t.hierarchy, a, b); }

Ref choose(const MultiFn& multi, const Tables& t, Value dispatch_value) {
  Value best_key = Value::none(), best = Value::none();
  map_each(t.methods, [&](Value key, Value method) {
    if (!is_a(t.hierarchy, dispatch_value, key)) return;
    if (best.is_none() || dominates(t, key, best_key)) {
      best_key = key;
      best = method;
    }
    if (!dominates(t, best_key, key)) {
      throw_diagnostic(ErrorClass::illegal_argument, "reops/ambiguous-method",
                       "Two methods of multimethod " + full_name(multi.name) + " match dispatch value " +
                           describe(dispatch_value) + ": those for " + describe(best_key) + " and " +
                           describe(key) + ", and neither is preferred",
                       "Say which one counts with prefer-method.");
    }
  });
  if (best.is_none()) best = map_get(t.methods, Ref(load_table(multi.fallback)));
  return Ref(best);
}

// Comparing such values runs no code of the program, so a cache borrowed without a count cannot go away
// meanwhile.
bool plain(Value v) {
  return !v.is_object() || is<Keyword>(v) || is<Type>(v) || is<String>(v) || is<Symbol>(v);
}

Value cached_for_plain(const MultiFn& m, Value dispatch_value) {
  Var* var = try_as<Var>(load_table(m.hierarchy));
  if (!var) return Value::none();
  Value cache = load_table(m.cache);
  if (!Tables::was_made_from(cache, var->load_root(), load_table(m.methods), load_table(m.prefers)))
    return Value::none();
  return map_get(vector_at(cache, k_found), dispatch_value);
}

Ref cached(const MultiFn& m, const Tables& t, Value dispatch_value) {
  Ref cache(load_table(m.cache));
  return Ref(t.made(cache) ? map_get(vector_at(cache, k_found), dispatch_value) : Value::none());
}

void remember(MultiFn& multi, const Tables& t, Value dispatch_value, Value method) {
  Ref old(load_table(multi.cache));
  Ref found(t.made(old) ? vector_at(old, k_found) : empty_map());
  // Dispatch values without end (numbers, strings of input) must not gather here for ever.
  if (map_count(found) > 1000) found = Ref(empty_map());
  found = map_assoc(std::move(found), Ref(dispatch_value), Ref(method));
  // Whoever comes second in a race leaves the first one's cache.
  replace_cache(multi.cache, old,
                make_vector({t.hierarchy, t.methods, t.prefers, Ref(Tables::epoch()), found}));
}

}  // namespace

const KindInfo k_info_MultiFn = {
    .name = "MultiFn", .slots_at = offsetof(MultiFn, name), .slots = 8, .cell = true};

bool is_a(Value hierarchy, Value child, Value parent) {
  check_stack();
  if (equal(child, parent)) return true;
  if (is<Type>(parent) && is<Type>(child) && type_is_a(child, parent)) return true;
  if (in_table_of(hierarchy, "ancestors", child, parent)) return true;
  if (is<Type>(child)) {
    // A class inherits what its ancestors were derived from.
    Ref derived = get(hierarchy, keyword("parents"));
    if (!derived.is_nil() && map_count(derived) != 0) {
      Ref supers = type_ancestors(child);
      bool found = false;
      map_each(as<Set>(supers).map,
               [&](Value s, Value) { found = found || in_table_of(hierarchy, "ancestors", s, parent); });
      if (found) return true;
    }
  }
  if (!is_vector(child) || !is_vector(parent) || vector_count(child) != vector_count(parent)) return false;
  for (size_t i = 0; i < vector_count(child); ++i) {
    if (!is_a(hierarchy, vector_at(child, i), vector_at(parent, i))) return false;
  }
  return true;
}

Ref multi_method_for(MultiFn& multi, Value dispatch_value) {
  if (plain(dispatch_value)) {
    Value found = cached_for_plain(multi, dispatch_value);
    if (!found.is_none()) return Ref(found);
  }
  Tables tables(multi);
  Ref method = cached(multi, tables, dispatch_value);
  if (!method.get().is_none()) return method;
  method = choose(multi, tables, dispatch_value);
  if (!method.get().is_none()) remember(multi, tables, dispatch_value, method);
  return method;
}

Ref multi_method(MultiFn& multi, std::span<const Value> args) {
  Ref value = call(Ref(load_table(multi.dispatch)), args);
  Ref method = multi_method_for(multi, value);
  if (method.get().is_none()) {
    throw_diagnostic(
        ErrorClass::illegal_argument, "reops/no-method",
        "No method in multimethod " + full_name(multi.name) + " for dispatch value: " + describe(value));
  }
  return method;
}

Ref make_multi(Value name, Value dispatch, Value fallback, Value hierarchy) {
  MultiFn* m = allocate<MultiFn>();
  m->pad[0] = m->pad[1] = 0;
  m->name = Ref(name).take();
  m->dispatch = Ref(dispatch).take();
  m->fallback = Ref(fallback).take();
  m->hierarchy = Ref(hierarchy).take();
  m->methods = Ref(empty_map()).take();
  m->prefers = Ref(empty_map()).take();
  m->cache = Value::nil();
  m->meta = Value::nil();
  return Ref::adopt(m);
}

void redefine_multi(MultiFn& multi, Value dispatch, Value fallback, Value hierarchy) {
  change(multi.dispatch, [&](const Ref&) { return Ref(dispatch); });
  change(multi.fallback, [&](const Ref&) { return Ref(fallback); });
  change(multi.hierarchy, [&](const Ref&) { return Ref(hierarchy); });
  change(multi.cache, [](const Ref&) { return nil(); });
}

void add_method(MultiFn& multi, Value dispatch_value, Value function) {
  change(multi.methods, [&](const Ref& old) { return map_assoc(old, Ref(dispatch_value), Ref(function)); });
}

void remove_method(MultiFn& multi, Value dispatch_value) {
  change(multi.methods, [&](const Ref& old) { return map_dissoc(old, dispatch_value); });
}

void remove_all_methods(MultiFn& multi) {
  change(multi.methods, [](const Ref&) { return Ref(empty_map()); });
  change(multi.prefers, [](const Ref&) { return Ref(empty_map()); });
}

void prefer_method(MultiFn& multi, Value a, Value b) {
  Tables tables(multi);
  if (preferred(tables, b, a)) {
    throw_illegal_state("Preference conflict in multimethod " + full_name(multi.name) + ": " + describe(b) +
                        " is preferred to " + describe(a) + " already");
  }
  change(multi.prefers, [&](const Ref& old) {
    Value known = map_get(old, a);
    Ref over(known.is_none() ? empty_set() : known);
    return map_assoc(old, Ref(a), set_conj(std::move(over), Ref(b)));
  });
}

}  // namespace reops::lang
