#pragma once
// Vars and namespaces.

#include <atomic>
#include <span>
#include <string>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// A named place. The root is read borrowed, without touching counts: a replaced root is freed only after a
/// handshake in which every running thread has shown that its stack does not hold it (vm/handshake.hpp).
struct Var : Object {
  static constexpr Kind k_kind = Kind::Var;
  uint32_t dynamic;  ///< a Dynamic: reads look at the thread's bindings first once some thread has bound it
  uint32_t macro;
  Value root;       ///< none() while unbound
  Value ns;         ///< Namespace
  Value name;       ///< Symbol without namespace
  Value meta;       ///< map
  Value watches;    ///< map or nil
  Value validator;  ///< function or nil

  enum Dynamic : uint32_t { not_dynamic, never_bound, bound_somewhere };
  /// `dynamic` as it is now; other threads may raise it.
  uint32_t dynamic_state() const {
    return std::atomic_ref(const_cast<uint32_t&>(dynamic)).load(std::memory_order_relaxed);
  }

  Value load_root() const {
    return Value::from_bits(std::atomic_ref(const_cast<uint64_t&>(reinterpret_cast<const uint64_t&>(root)))
                                .load(std::memory_order_acquire));
  }
};

/// Replaces the root; the old one is retired. The validator is asked first, watches are told after.
void set_root(Var& var, Ref value);
/// Replaces the root by `f` of it and `args`, alone among all who alter this var. Returns the new root.
Ref alter_root(Var& var, Value f, std::span<const Value> args);
/// Back to unbound.
void unbind_root(Var& var);
/// Replaces the metadata, and with it what the var is: :dynamic, :macro, :private are read from it.
void set_var_meta(Var& var, Ref meta);
/// The same for a definition: :ns and :name are added.
void set_definition_meta(Var& var, Ref meta);
bool is_private(const Var& var);
/// Current value: this thread's binding if the var is dynamic and bound, else the root. Throws when unbound.
Ref deref(Var& var);
/// A var that belongs to no namespace and is only ever bound in threads.
Ref make_local_var(Value name);
/// This thread's Box for the var, or none().
Value find_binding(const Var& var);
/// This thread's binding set (`set!`). Throws when the var has no binding in this thread, or one of another
/// thread's.
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
/// What `symbol` names when read in `ns`: a Var or a Type, or nil. Borrowed. Private vars are found as well;
/// who compiles a use of one asks may_use.
Value resolve(Value ns, Value symbol);
/// The namespace that `prefix` (of a qualified symbol) means in `ns`: an alias or a namespace's own name;
/// else nil.
Value resolve_ns(Value ns, std::string_view prefix);
/// False for a private var of another namespace, which only `#'ns/name` reaches.
bool may_use(Value ns, const Var& var);
/// Maps `symbol` in `ns` to a var of another namespace, or to a Type. Replaces core's with a warning, refuses
/// a clash with another namespace's.
void refer(Value ns, Value symbol, Value var_or_type);
/// Makes everything public of clojure.core visible in `ns`: what every new namespace starts with.
void refer_core(Value ns);
void unmap(Value ns, Value symbol);
void add_alias(Value ns, Value alias, Value target);
void remove_alias(Value ns, Value alias);
void remove_ns(std::string_view name);
/// What a namespace's names and aliases mean: a vector of two maps.
Ref ns_names(Value ns);
/// Replaces both at once. For loading a file anew, and for taking that back.
void set_ns_names(Value ns, Ref mappings, Ref aliases);
/// A snapshot of all namespaces: map Symbol → Namespace.
Ref all_namespaces();
std::string_view ns_name(Value ns);
/// The Box that holds the map of all namespaces, for an image; and the one that an image brought, before any
/// namespace is made.
Value namespace_registry();
void adopt_namespace_registry(Value registry);

/// `*ns*` of this thread.
Value current_ns();
/// Makes `ns` current: in this thread's binding of *ns* if it has one, else for all.
void set_current_ns(Value ns);

/// A line on *err* that begins with "WARNING: ".
void warn(std::string_view text);

/// Vars the C++ side itself reads, found once at start: `core_vars().out` is `*out*` …
struct CoreVars {
  Var *ns, *out, *err, *in, *file, *print_length, *print_level, *print_readably, *print_meta, *print_dup,
      *print_namespace_maps, *data_readers, *default_data_reader_fn, *star1, *star2, *star3, *star_e,
      *command_line_args, *warn_on_reflection, *read_eval, *loading_verbose, *assert_, *unchecked_math,
      *compile_files, *flush_on_newline, *math_context, *surroundings;
};
CoreVars& core_vars();
/// Makes namespaces clojure.core and reops.internal and the vars above, or finds those of an image. Once, at
/// start, after the standard streams.
void create_core_vars();

/// Thread bindings: `frame` is a persistent map Var → Box, conveyed to futures as it is.
void push_bindings(Value var_to_value_map);
void pop_bindings();
Ref binding_frame();
/// Replaces this thread's whole frame (conveyance), returning the previous one. Boxes of `frame` are then
/// another thread's: readable, not settable. To go back afterwards, use ConveyedBindings.
Ref swap_binding_frame(Ref frame);
/// The values themselves: map Var → value, as get-thread-bindings gives them.
Ref thread_bindings();

/// Another thread's bindings in effect for as long as the scope lives.
class ConveyedBindings {
 public:
  explicit ConveyedBindings(Ref frame);
  ~ConveyedBindings();
  ConveyedBindings(const ConveyedBindings&) = delete;
  ConveyedBindings& operator=(const ConveyedBindings&) = delete;

 private:
  Ref bindings_;
  Ref conveyed_;
};

/// Pushes for as long as the scope lives.
class ScopedBindings {
 public:
  explicit ScopedBindings(Value var_to_value_map) { push_bindings(var_to_value_map); }
  ~ScopedBindings() { pop_bindings(); }
  ScopedBindings(const ScopedBindings&) = delete;
  ScopedBindings& operator=(const ScopedBindings&) = delete;
};

}  // namespace reops::lang
