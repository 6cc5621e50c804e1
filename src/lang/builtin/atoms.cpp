// Atoms, volatiles, and what atoms and vars share: watches and validators.

#include <utility>

#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

Atom& atom_arg(Value v) {
  if (auto* a = try_as<Atom>(v)) return *a;
  throw_class_cast(v, "an atom");
}

Volatile& volatile_arg(Value v) {
  if (auto* x = try_as<Volatile>(v)) return *x;
  throw_class_cast(v, "a volatile");
}

void tell(Atom& a, Value before, Value now) {
  Ref watches = cell_load(a, a.watches);
  if (!watches.is_nil()) notify_watches(watches, Value::object(&a), before, now);
}

void ask_validator(Atom& a, Value value) {
  Ref validator = cell_load(a, a.validator);
  validate(validator, value);
}

Ref reset(Atom& a, Ref value) {
  ask_validator(a, value);
  Ref now = value;
  Ref before = cell_swap(a, a.value, std::move(value));
  tell(a, before, now);
  return before;
}

Ref atom(Args args) {
  Ref meta;
  Value validator;
  auto options = args.from(1);
  if (options.size() % 2 != 0)
    throw_illegal_argument("Options of atom come in pairs, such as :validator pos?");
  for (size_t i = 0; i < options.size(); i += 2) {
    if (options[i] == keyword("meta")) meta = Ref(options[i + 1]);
    if (options[i] == keyword("validator")) validator = options[i + 1];
  }
  validate(validator, args[0]);
  Ref result = make_atom(args.take(0), std::move(meta));
  Atom& a = as<Atom>(result);
  cell_swap(a, a.validator, Ref(validator));
  return result;
}

Ref atom_value(Args args) {
  Atom& a = atom_arg(args[0]);
  return cell_load(a, a.value);
}

Ref reset_bang(Args args) {
  Ref value(args[1]);
  reset(atom_arg(args[0]), value);
  return value;
}

Ref reset_vals(Args args) {
  Ref value(args[1]);
  Ref before = reset(atom_arg(args[0]), value);
  return make_vector({before, value});
}

Ref compare_and_set(Args args) {
  Atom& a = atom_arg(args[0]);
  ask_validator(a, args[2]);
  if (!cell_compare_and_set(a, a.value, args[1], Ref(args[2]))) return boolean(false);
  tell(a, args[1], args[2]);
  return boolean(true);
}

/// The cell and its slot for watches or validators, of an atom, agent or var.
template <class Use>
Ref with_reference(Value v, Use&& use) {
  if (auto* a = try_as<Atom>(v)) return use(*a, a->watches, a->validator);
  if (auto* a = try_as<Agent>(v)) return use(*a, a->watches, a->validator);
  if (auto* var = try_as<Var>(v)) return use(*var, var->watches, var->validator);
  throw_class_cast(v, "an atom, an agent or a var");
}

/// Replaces the map of watches by what `change` makes of it.
template <class Change>
Ref change_watches(Value reference, Change&& change) {
  return with_reference(reference, [&](Object& cell, Value& watches, Value&) {
    for (;;) {
      Ref before = cell_load(cell, watches);
      if (cell_compare_and_set(cell, watches, before, change(before.is_nil() ? Ref(empty_map()) : before)))
        break;
    }
    return Ref(reference);
  });
}

Ref add_watch(Args args) {
  return change_watches(args[0],
                        [&](Ref map) { return map_assoc(std::move(map), Ref(args[1]), Ref(args[2])); });
}

Ref remove_watch(Args args) {
  return change_watches(args[0], [&](Ref map) { return map_dissoc(std::move(map), args[1]); });
}

Ref set_validator(Args args) {
  return with_reference(args[0], [&](Object& cell, Value&, Value& validator) {
    // What the reference holds now must pass as well.
    validate(args[1], deref(args[0]));
    cell_swap(cell, validator, Ref(args[1]));
    return nil();
  });
}

Ref get_validator(Args args) {
  return with_reference(args[0],
                        [](Object& cell, Value&, Value& validator) { return cell_load(cell, validator); });
}

Agent& agent_arg(Value v) {
  if (auto* a = try_as<Agent>(v)) return *a;
  throw_class_cast(v, "an agent");
}

Ref new_agent(Args args) { return make_agent(Ref(args[0]), Ref(args[1])); }

Ref agent_state(Args args) {
  Agent& a = agent_arg(args[0]);
  return cell_load(a, a.state);
}

Ref set_agent_value(Args args) {
  Agent& a = agent_arg(args[0]);
  validate(cell_load(a, a.validator), args[1]);
  Ref before = cell_swap(a, a.value, Ref(args[1]));
  notify_watches(cell_load(a, a.watches), args[0], before, args[1]);
  return Ref(args[1]);
}

Ref volatile_bang(Args args) { return make_volatile(args.take(0)); }

Ref vreset(Args args) {
  Volatile& v = volatile_arg(args[0]);
  Ref value = args.take(1);
  cell_swap(v, v.value, value);
  return value;
}

Ref is_volatile(Args args) { return boolean(is<Volatile>(args[0])); }

const NativeDef k_defs[] = {
    {"clojure.core", "atom", atom, 1, k_variadic, k_own_all, "([x] [x & options])",
     "A new atom that holds x. Options: :meta a map, :validator a function that is asked about every new "
     "value."},
    {"reops.internal", "atom-value", atom_value, 1, 1, k_borrow_all, "([atom])",
     "What the atom holds: deref of an atom and of nothing else, so that nobody waits for a promise to "
     "change it."},
    {"clojure.core", "reset!", reset_bang, 2, 2, k_borrow_all, "([atom newval])",
     "Makes newval the atom's value, whatever it was; returns it."},
    {"clojure.core", "reset-vals!", reset_vals, 2, 2, k_borrow_all, "([atom newval])",
     "Makes newval the atom's value; returns [old new]."},
    {"clojure.core", "compare-and-set!", compare_and_set, 3, 3, k_borrow_all, "([atom oldval newval])",
     "Makes newval the atom's value if it is identical to oldval now; true if so."},
    {"clojure.core", "add-watch", add_watch, 3, 3, k_borrow_all, "([reference key fn])",
     "From now on calls (fn key reference old new) after every change of an atom, agent or var. A watch of "
     "the same "
     "key is replaced."},
    {"clojure.core", "remove-watch", remove_watch, 2, 2, k_borrow_all, "([reference key])",
     "Ends the watch of that key."},
    {"clojure.core", "set-validator!", set_validator, 2, 2, k_borrow_all, "([reference validator-fn])",
     "Lets a function of one argument judge every new value of an atom, agent or var; nil removes it."},
    {"clojure.core", "get-validator", get_validator, 1, 1, k_borrow_all, "([reference])",
     "The validator of an atom, agent or var, or nil."},
    {"reops.internal", "new-agent", new_agent, 2, 2, k_borrow_all, "([value state])",
     "An agent that holds value, with the state that core's own functions keep of it."},
    {"reops.internal", "agent-state", agent_state, 1, 1, k_borrow_all, "([agent])",
     "What new-agent was given as state."},
    {"reops.internal", "set-agent-value!", set_agent_value, 2, 2, k_borrow_all, "([agent value])",
     "Gives the agent a value that its validator accepts, and tells its watches."},
    {"clojure.core", "volatile!", volatile_bang, 1, 1, k_own_all, "([val])",
     "A new volatile that holds val: a cell without atomic updates, for state of one thread such as a "
     "transducer's."},
    {"clojure.core", "vreset!", vreset, 2, 2, borrow(0), "([vol newval])",
     "Makes newval the volatile's value; returns it."},
    {"clojure.core", "volatile?", is_volatile, 1, 1, k_borrow_all, "([x])", "True for a volatile."},
};

}  // namespace

extern const NativeModule k_natives_atoms;
const NativeModule k_natives_atoms = {"atoms", k_defs};

}  // namespace reops::lang
