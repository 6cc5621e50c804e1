#pragma once
// Types, records, protocols, multimethods: what dispatch looks at.

#include <cstdint>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// What `class` returns and what `extend-type`, `instance?` and `catch` name: a host class name (String, Long, Number,
/// Object, IPersistentMap, every class of errors.def …) or a type that a program defined.
struct Type : Object {
  static constexpr Kind k_kind = Kind::Type;
  enum Form : uint32_t { host, error, record, deftype, reify, protocol_interface };
  Form form;
  uint32_t id;         ///< position in the table of host types, or of ErrorClass
  uint64_t kinds;      ///< host: bit per Kind that is an instance (immediates: see type.cpp)
  Value name;          ///< Symbol: java.lang.String, user.Hosts
  Value fields;        ///< vector of symbols (record, deftype), else nil
  Value methods;       ///< map: method Symbol → function, for interface methods given inline (Object's toString …)
  Value meta;
};

/// An instance of a defrecord, deftype or reify: fields in line, further keys of a record in `extra`.
struct Record : Object {
  static constexpr Kind k_kind = Kind::Record;
  uint32_t length;  ///< slots: 3 + number of fields
  uint32_t hash;
  Value type;   ///< Type
  Value meta;
  Value extra;  ///< map or nil
  __extension__ Value fields[];
};

struct Protocol : Object {
  static constexpr Kind k_kind = Kind::Protocol;
  uint32_t pad[2];
  Value name;      ///< Symbol ns/Name
  Value methods;   ///< map: Keyword method → {:name :arglists :doc}
  Value impls;     ///< map: Type or nil → map Keyword → function; replaced as a whole, old ones retired
  Value meta;
};
/// A method of a protocol as a callable value: dispatches on its first argument.
struct ProtocolFn : Object {
  static constexpr Kind k_kind = Kind::ProtocolFn;
  uint32_t pad[2];
  Value protocol;
  Value method;  ///< Keyword
};

struct MultiFn : Object {
  static constexpr Kind k_kind = Kind::MultiFn;
  uint32_t pad[2];
  Value name;
  Value dispatch;   ///< function
  Value fallback;   ///< default dispatch value
  Value hierarchy;  ///< Var
  Value methods;    ///< cell slots from here on: map dispatch value → function
  Value prefers;
  Value cache;
  Value meta;
};

/// The Type of any value (`class`, `type`); for a Record its own, for nil: nil.
Value type_of(Value v);
bool is_instance(Value type, Value v);
std::string type_name(Value v_or_type);

/// What dispatch caches compare: the kind (or the Type of a record) as one word, never 0.
inline uint64_t dispatch_key(Value v) {
  if (!v.is_object()) return v.is_fixnum() ? 1 : (v.is_char() ? 3 : (v.is_nil() ? 5 : 7));
  const Object* o = v.as_object();
  if (o->kind == Kind::Record) return static_cast<const Record*>(o)->type.bits();
  return static_cast<uint64_t>(o->kind) << 3 | 4;
}
/// Changes whenever any protocol or multimethod table does; caches made before are void.
uint32_t dispatch_epoch();

/// The function that `fn` runs for a first argument `target`, borrowed. Throws when the protocol is not satisfied,
/// naming protocol, method and what was given.
Value protocol_method(const ProtocolFn& fn, Value target);
/// The method of a multimethod for these arguments (calls its dispatch function).
Ref multi_method(MultiFn& multi, std::span<const Value> args);

/// The function that runs when `v` (a record, deftype or reify that implements IFn, or a promise) is called, with `v`
/// itself as first argument; none() when it cannot be called. Borrowed.
Value callable_method(Value v);

// Records as maps.
Value record_get(const Record& r, Value key);  ///< borrowed, or none()
Ref record_assoc(Ref record, Ref key, Ref value);
Ref record_dissoc(Ref record, Value key);      ///< a plain map when a field goes
size_t record_count(const Record& r);
Ref record_seq(const Record& r);               ///< list of map entries, or nil
bool is_record(Value v);                       ///< a defrecord (map-like), not deftype or reify
bool record_equal(const Record& a, Value b);
uint32_t record_hash(const Record& r);

}  // namespace reops::lang
