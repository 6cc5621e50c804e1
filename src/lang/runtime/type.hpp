#pragma once
// Types, records, protocols, multimethods: what dispatch looks at.
//
// Tables that dispatch reads (a protocol's implementations, a type's inline methods, a multimethod's methods)
// are persistent maps read borrowed and without a lock. Who changes one makes a new map, publishes it, stores
// it, advances the dispatch epoch and retires the old map (vm/handshake.hpp).

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/value/error.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// What `class` returns and what `extend-type`, `instance?` and `catch` name: a host class name (String,
/// Long, Number, Object, IPersistentMap, every class of errors.def …) or a type that a program defined.
struct Type : Object {
  static constexpr Kind k_kind = Kind::Type;
  enum Form : uint32_t { host, error, record, deftype, reify };
  Form form;
  uint32_t id;      ///< position in the table of host types, or of ErrorClass
  uint64_t kinds;   ///< host: bit per Kind that is an instance (immediates: see type_kinds.hpp)
  Value name;       ///< Symbol: java.lang.String, user.Hosts
  Value fields;     ///< vector of Symbols (record, deftype), else nil
  Value positions;  ///< map: Keyword of a field → its index, else nil
  Value changing;   ///< vector of the indices of the fields that a deftype's methods change, else nil
  Value methods;  ///< map: method Keyword → function, or → index of the field that holds it (reify). Those of
                  ///< host interfaces are plain (:toString), those of protocols qualified by them
                  ///< (:user.Pkg/update)
  Value implements;  ///< set of Symbols: names of host interfaces and protocols whose methods stand in the
                     ///< definition
  Value meta;
};

/// An instance of a defrecord, deftype or reify: fields in line, further keys of a record in `extra`. A field
/// that methods change is a Box, since the instance may be in the hands of several threads.
struct Record : Object {
  static constexpr Kind k_kind = Kind::Record;
  uint32_t length;  ///< slots: 3 + number of fields
  uint32_t hash;
  Value type;  ///< Type
  Value meta;
  Value extra;  ///< map or nil
  __extension__ Value fields[];
  uint32_t field_count() const { return length - 3; }
};

struct Protocol : Object {
  static constexpr Kind k_kind = Kind::Protocol;
  uint32_t via_metadata;  ///< values may carry implementations in their metadata
  uint32_t pad;
  Value name;     ///< Symbol ns/Name
  Value methods;  ///< map: Keyword method → {:name :arglists :doc}
  Value impls;    ///< map: Type or nil → map Keyword → function; replaced as a whole, old ones retired
  Value meta;
};
/// A method of a protocol as a callable value: dispatches on its first argument.
struct ProtocolFn : Object {
  static constexpr Kind k_kind = Kind::ProtocolFn;
  uint32_t pad[2];
  Value protocol;
  Value method;     ///< Keyword
  Value qualified;  ///< Keyword: under which a type's inline methods have it
  Value symbol;     ///< Symbol ns/name: its var's name, and its key in a value's metadata
};

struct MultiFn : Object {
  static constexpr Kind k_kind = Kind::MultiFn;
  uint32_t pad[2];
  Value name;       ///< Symbol ns/name
  Value dispatch;   ///< function; cell slots from here on
  Value fallback;   ///< default dispatch value
  Value hierarchy;  ///< Var, or a hierarchy map
  Value methods;    ///< map dispatch value → function
  Value prefers;    ///< map: dispatch value → set of those it is preferred to
  Value cache;      ///< [hierarchy methods prefers {dispatch value → function}] or nil
  Value meta;
};

// Types.

/// The Type of any value (`class`), for nil: nil. Borrowed.
Value type_of(Value v);
bool is_instance(Value type, Value v);
/// "java.lang.String" of a value or of a Type itself; "nil".
std::string type_name(Value v_or_type);
/// Is every instance of Type `child` one of Type `parent`?
bool type_is_a(Value child, Value parent);
/// All Types, besides itself, that instances of `type` are instances of: a set.
Ref type_ancestors(Value type);

/// The Type called `name`, or nil: host classes by short and full names, types of programs by their full
/// name. Borrowed; host types live for ever, those of programs until they are defined anew with other fields.
/// A host class that is written in our own language (lib/java/io/File.clj) is loaded when it is first named.
Value resolve_host_class(std::string_view name);
/// The type of a program of that full name, or nil. Loads nothing.
Value defined_type(std::string_view name);
/// Every Type that has a name, those of the host first: for an image; and what an image brought, before any
/// type is asked for.
std::vector<Value> all_types();
void adopt_types(std::span<const Value> types);
/// The Type of a class of errors.
Value error_type(ErrorClass c);

/// A type of a program. One of that name, form and fields that exists already is the same type, still: it
/// takes over the new inline methods, so that instances made before and protocols extended to it live on.
Ref define_type(Type::Form form, Value name, Value fields, Ref methods, Ref implements);
/// A type that nobody can look up by name (reify).
Ref make_anonymous_type(Value name, Ref methods, Ref implements);
/// One that came from another program (codec/shipping/): with what it is there, and not to be found by its
/// name, which another one may have here. Its methods are still to be set.
Ref make_travelled_type(Type::Form form, Value name, Value fields, Value changing);

// Instances.

Ref make_record(Value type, std::span<const Value> fields);
/// With the map's values for its fields, nil for those that it lacks; other entries are kept.
Ref make_record_of(Value type, Value map);
/// Index of the field called by Keyword `key`, or -1.
int record_field_index(const Type& type, Value key);
inline const Type& type_of_record(const Record& r) { return as<Type>(r.type); }

/// The inline method of a Record for a host interface (keyword("toString")), borrowed; none() when it has
/// none.
Value inline_method(const Record& r, Value method);
/// Calls that method with the record and `args`; none() when there is none.
Ref call_inline(Value record, std::string_view method, std::span<const Value> args);

// Records as maps.

Value record_get(const Record& r, Value key);  ///< borrowed, or none()
Ref record_assoc(Ref record, Ref key, Ref value);
Ref record_dissoc(Ref record, Value key);  ///< a plain map when a field goes
size_t record_count(const Record& r);
Ref record_seq(const Record& r);     ///< list of map entries, or nil
Ref record_to_map(const Record& r);  ///< plain map of the same entries, with the metadata
Ref record_with_meta(Ref record, Ref meta);
bool is_record(Value v);  ///< a defrecord (map-like), not deftype or reify
bool record_equal(const Record& a, Value b);
uint32_t record_hash(const Record& r);

// Dispatch.

/// What dispatch caches compare: the kind (or the Type of a record, or the class of an error) as one word,
/// never 0.
inline uint64_t dispatch_key(Value v) {
  if (!v.is_object()) return v.is_fixnum() ? 1 : (v.is_char() ? 3 : (v.is_nil() ? 5 : 7));
  const Object* o = v.as_object();
  if (o->kind == Kind::Record) return static_cast<const Record*>(o)->type.bits();
  uint64_t key = static_cast<uint64_t>(o->kind) << 3 | 4;
  if (o->kind == Kind::Handle) key |= static_cast<uint64_t>(o->aux) << 20;
  if (o->kind == Kind::Error) key |= static_cast<uint64_t>(static_cast<const Error*>(o)->error_class) << 20;
  return key;
}

extern std::atomic<uint32_t> g_dispatch_epoch;
/// Changes whenever any protocol or multimethod table does; caches made before are void. Never 0.
inline uint32_t dispatch_epoch() { return g_dispatch_epoch.load(std::memory_order_acquire); }
/// After making something that dispatch caches know by its address, since another may have lain there before.
void advance_dispatch_epoch();

/// What `fn` runs for values of the same dispatch_key as `target`, borrowed: a function, or a fixnum, the
/// index of the field of the record that holds the function (reify). none() when it is not implemented. May
/// be cached under (fn, dispatch_key, epoch), unless the protocol is `via_metadata`, whose calls go through
/// protocol_method each time.
Value protocol_lookup(const ProtocolFn& fn, Value target);

/// The function that `fn` runs for a first argument `target`, borrowed (perhaps from `target` itself: hold it
/// if target may be released during the call). Throws when the protocol is not satisfied, naming protocol,
/// method and what was given.
Value protocol_method(const ProtocolFn& fn, Value target);
[[noreturn]] void throw_not_implemented(const ProtocolFn& fn, Value target);

/// The method of a multimethod for these arguments (calls its dispatch function).
Ref multi_method(MultiFn& multi, std::span<const Value> args);
/// The method for a dispatch value: the default one's if none matches, none() if there is no default either.
Ref multi_method_for(MultiFn& multi, Value dispatch_value);
/// Clojure's `isa?` in a hierarchy map: equal, derived, a class and its ancestor, or vectors of such.
bool is_a(Value hierarchy, Value child, Value parent);

/// What the var of that qualified name (a Symbol) holds now; nil when it has no root or there is none.
/// Protocols and multimethods that are defined anew are found by it.
Ref defined_value(Value name);

/// The function that runs when `v` (a record, deftype or reify that implements IFn or Comparator, or a
/// promise) is called, with `v` itself as first argument; none() when it cannot be called. Borrowed.
Value callable_method(Value v);

/// For tables of dispatch: loads one borrowed; stores `value` if the slot still holds `expected`, in which
/// case the epoch is advanced and the old one retired. A cache (of which nobody keeps a copy under an epoch)
/// leaves it as it is.
Value load_table(const Value& slot);
bool replace_table(Value& slot, Value expected, Ref value);
bool replace_cache(Value& slot, Value expected, Ref value);

}  // namespace reops::lang
