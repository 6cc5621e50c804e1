#include "lang/runtime/var.hpp"

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include "lang/collection/map.hpp"
#include "lang/runtime/monitor.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/error.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/handshake.hpp"

namespace reops::lang {

const KindInfo k_info_Var = {.name = "Var", .slots_at = offsetof(Var, root), .slots = 6, .cell = true};

namespace {

bool flagged(Value meta, std::string_view key) {
  if (!is_plain_map(meta)) return false;
  Value v = map_get(meta, keyword(key));
  return !v.is_none() && v.truthy();
}

/// Puts `value` in place of the root, by identity of what is expected there unless that is null.
bool exchange_root(Var& var, const Value* expected, Ref value) {
  publish(value);
  std::atomic_ref root(reinterpret_cast<uint64_t&>(var.root));
  uint64_t old;
  if (expected) {
    old = expected->bits();
    if (!root.compare_exchange_strong(old, value.get().bits())) return false;
  } else {
    old = root.exchange(value.get().bits());
  }
  value.take();
  retire(Ref::adopt(Value::from_bits(old)));
  return true;
}

void tell_watches(Var& var, Value old_value, Value new_value) {
  Ref watches = cell_load(var, var.watches);
  if (!watches.is_nil()) notify_watches(watches, Value::object(&var), old_value, new_value);
}

/// The root with a count of its own. Between reading and counting lies no poll, so the handshake spares it.
Ref own_root(const Var& var) { return Ref(var.load_root()); }

}  // namespace

Ref make_local_var(Value name) {
  auto* v = allocate<Var>();
  v->dynamic = Var::never_bound;
  v->macro = 0;
  v->root = Value::none();
  v->ns = Value::nil();
  v->name = Ref(name).take();
  v->meta = v->watches = v->validator = Value::nil();
  return Ref::adopt(v);
}

void set_root(Var& var, Ref value) {
  validate(var, value);
  Ref old = own_root(var);
  Ref now = value;
  exchange_root(var, nullptr, std::move(value));
  tell_watches(var, old, now);
}

Ref alter_root(Var& var, Value f, std::span<const Value> args) {
  MonitorScope alone(Value::object(&var));
  Ref old = own_root(var);
  std::vector<Value> all{old.get().is_none() ? Value::nil() : old.get()};
  all.insert(all.end(), args.begin(), args.end());
  Ref now = call(f, all);
  set_root(var, now);
  return now;
}

void unbind_root(Var& var) { exchange_root(var, nullptr, Ref::adopt(Value::none())); }

void set_var_meta(Var& var, Ref meta) {
  bool dynamic = flagged(meta, "dynamic");
  std::atomic_ref state(var.dynamic);
  if (!dynamic) {
    state.store(Var::not_dynamic, std::memory_order_relaxed);
  } else if (state.load(std::memory_order_relaxed) == Var::not_dynamic) {
    state.store(Var::never_bound, std::memory_order_relaxed);
  }
  std::atomic_ref(var.macro).store(flagged(meta, "macro"), std::memory_order_relaxed);
  cell_swap(var, var.meta, std::move(meta));
}

void set_definition_meta(Var& var, Ref meta) {
  meta = map_assoc(meta.is_nil() ? Ref(empty_map()) : std::move(meta), Ref(keyword("ns")), Ref(var.ns));
  meta = map_assoc(std::move(meta), Ref(keyword("name")), Ref(var.name));
  set_var_meta(var, std::move(meta));
}

bool is_private(const Var& var) {
  Var& cell = const_cast<Var&>(var);
  return flagged(cell_load(cell, cell.meta), "private");
}

Ref deref(Var& var) {
  if (var.dynamic_state() == Var::bound_somewhere) [[unlikely]] {
    Value box = find_binding(var);
    if (!box.is_none()) return cell_load(*box.as_object(), as<Box>(box).value);
  }
  Ref root = own_root(var);
  if (root.get().is_none()) {
    throw_diagnostic(ErrorClass::illegal_state, "reops/unbound-var",
                     "Var " + var_name(var) + " has no value yet",
                     "It was declared, or its definition failed; define it before it is used.");
  }
  return root;
}

std::string var_name(const Var& var) {
  return std::string(is<Namespace>(var.ns) ? ns_name(var.ns) : "?") + "/" + std::string(name_of(var.name));
}

CoreVars& core_vars() {
  static CoreVars vars{};
  return vars;
}

void create_core_vars() {
  Value core = find_or_create_ns("clojure.core");
  Value internal = find_or_create_ns("reops.internal");
  Ref dynamic = make_map({keyword("dynamic"), Value::boolean(true)});
  auto make_in = [&](Value ns, Var*& field, std::string_view name, Value root) {
    field = &intern(ns, name);
    if (!field->load_root().is_none()) return;
    set_definition_meta(*field, dynamic);
    set_root(*field, Ref(root));
  };
  auto make = [&](Var*& field, std::string_view name, Value root) { make_in(core, field, name, root); };
  CoreVars& v = core_vars();
  Value yes = Value::boolean(true), no = Value::boolean(false), none = Value::nil();
  make(v.ns, "*ns*", core);
  make(v.out, "*out*", standard_stream(StandardStream::out));
  make(v.err, "*err*", standard_stream(StandardStream::err));
  make(v.in, "*in*", standard_stream(StandardStream::in));
  make(v.file, "*file*", none);
  make(v.print_length, "*print-length*", none);
  make(v.print_level, "*print-level*", none);
  make(v.print_readably, "*print-readably*", yes);
  make(v.print_meta, "*print-meta*", no);
  make(v.print_dup, "*print-dup*", no);
  make(v.print_namespace_maps, "*print-namespace-maps*", no);
  make(v.data_readers, "*data-readers*", empty_map());
  make(v.default_data_reader_fn, "*default-data-reader-fn*", none);
  make(v.star1, "*1", none);
  make(v.star2, "*2", none);
  make(v.star3, "*3", none);
  make(v.star_e, "*e", none);
  make(v.command_line_args, "*command-line-args*", none);
  make(v.warn_on_reflection, "*warn-on-reflection*", no);
  make(v.read_eval, "*read-eval*", yes);
  make(v.loading_verbose, "*loading-verbosely*", no);
  make(v.assert_, "*assert*", yes);
  make(v.unchecked_math, "*unchecked-math*", no);
  make(v.compile_files, "*compile-files*", no);
  make(v.flush_on_newline, "*flush-on-newline*", yes);
  make(v.math_context, "*math-context*", none);
  make_in(internal, v.surroundings, "*surroundings*", none);
}

}  // namespace reops::lang
