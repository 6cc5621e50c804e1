#pragma once
// Vars and namespaces.

#include <atomic>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// A named place. The root is read borrowed, without touching counts: a replaced root is freed only after a handshake
/// in which every running thread has shown that its stack does not hold it (vm/handshake.hpp).
struct Var : Object {
  static constexpr Kind k_kind = Kind::Var;
  uint32_t dynamic;  ///< declared ^:dynamic: reads look at the thread's bindings first
  uint32_t macro;
  Value root;        ///< none() while unbound
  Value ns;          ///< Namespace
  Value name;        ///< Symbol without namespace
  Value meta;        ///< map
  Value watches;     ///< map or nil
  Value validator;   ///< function or nil

  Value load_root() const {
    return Value::from_bits(std::atomic_ref(const_cast<uint64_t&>(reinterpret_cast<const uint64_t&>(root)))
                                .load(std::memory_order_acquire));
  }
};

/// Replaces the root; the old one is retired. Watches are told.
void set_root(Var& var, Ref value);
/// Replaces the metadata; the name and namespace keys are kept.
void set_var_meta(Var& var, Ref meta);
/// Current value: this thread's binding if the var is dynamic and bound, else the root. Throws when unbound.
Ref deref(Var& var);
/// This thread's binding set (`set!`). Throws when the var has no binding in this thread.
void set_binding(Var& var, Ref value);
/// "clojure.core/map".
std::string var_name(const Var& var);

struct Namespace : Object {
  static constexpr Kind k_kind = Kind::Namespace;
  uint32_t pad[2];
  Value name;      ///< Symbol
  Value mappings;  ///< map: Symbol → Var or Type
  Value aliases;   ///< map: Symbol → Namespace
  Value meta;
};

/// The namespace of that name, borrowed (namespaces live until remove-ns); nil when there is none.
Value find_ns(std::string_view name);
Value find_or_create_ns(std::string_view name);
/// The var `name` of `ns`, made unbound when missing. Borrowed.
Var& intern(Value ns, std::string_view name);
/// Creates or finds the var and gives it a root.
Var& define(std::string_view ns, std::string_view name, Ref value, Ref meta = nil());
/// What `symbol` names when read in `ns`: a Var or a Type, or nil. Borrowed.
Value resolve(Value ns, Value symbol);
/// Adds a mapping (`refer`), replacing core's with a warning, refusing a clash with another namespace's.
void refer(Value ns, Value symbol, Value var);

/// `*ns*` of this thread.
Value current_ns();

/// Vars the C++ side itself reads, found once at start: `core_vars().out` is `*out*` …
struct CoreVars {
  Var *ns, *out, *err, *in, *file, *print_length, *print_level, *print_readably, *print_meta, *print_dup, *print_namespace_maps,
      *data_readers, *default_data_reader_fn, *star1, *star2, *star3, *star_e, *command_line_args, *warn_on_reflection, *read_eval,
      *loading_verbose, *assert_, *unchecked_math, *compile_files, *flush_on_newline;
};
CoreVars& core_vars();

/// Thread bindings: `frame` is a persistent map Var → Box, conveyed to futures as it is.
void push_bindings(Value var_to_value_map);
void pop_bindings();
Ref binding_frame();
/// Replaces this thread's whole frame (conveyance), returning the previous one.
Ref swap_binding_frame(Ref frame);

/// Pushes for as long as the scope lives.
class ScopedBindings {
 public:
  explicit ScopedBindings(Value var_to_value_map) { push_bindings(var_to_value_map); }
  ~ScopedBindings() { pop_bindings(); }
  ScopedBindings(const ScopedBindings&) = delete;
  ScopedBindings& operator=(const ScopedBindings&) = delete;
};

}  // namespace reops::lang
