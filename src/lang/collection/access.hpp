#pragma once
// The generic operations of clojure.core over any collection, records included: what the interpreter's
// instructions and the natives of the same names call.

#include "lang/value/ref.hpp"

namespace reops::lang {

/// `get` without a count: the value under `key`, borrowed from `coll` (or a character); `not_found` when the
/// key is absent or `coll` is no lookup.
Value lookup(Value coll, Value key, Value not_found = Value::nil());
/// A deftype's own valAt, or what lookup() says of a record.
Ref get_from_record(Value record, Value key, Value not_found);
/// `get`: absent key, or a value that is no lookup, gives `not_found`. Borrowed keys.
inline Ref get(Value coll, Value key, Value not_found = Value::nil()) {
  if (is_kind(coll, Kind::Record)) [[unlikely]]
    return get_from_record(coll, key, not_found);
  return Ref(lookup(coll, key, not_found));
}
bool contains(Value coll, Value key);
Ref assoc(Ref coll, Ref key, Ref value);  ///< nil counts as {}
Ref dissoc(Ref coll, Value key);
Ref disj(Ref set, Value item);
Ref conj(Ref coll, Ref item);  ///< nil counts as ()
/// `conj` onto a plain map: an entry, a vector of two, nil, or anything whose elements are entries. What has
/// been added when a later element turns out wrong, stays.
void map_conj(Ref& map, Value item);
/// `nth`: throws index-out-of-bounds when not_found is none().
Ref nth(Value coll, int64_t index, Value not_found = Value::none());
/// `count`: counts a sequence by walking it.
size_t count(Value coll);
/// The same, freeing a sequence that nobody else holds on the way.
size_t count_consuming(Ref coll);
/// True when `count` takes no walk (`counted?`).
bool is_counted(Value coll);
Ref peek(Value coll);
Ref pop(Ref coll);
/// An empty collection of the same kind, with its metadata.
Ref empty(Value coll);
Ref find(Value coll, Value key);  ///< map entry or nil

/// `meta` (nil when there is none or the kind carries none) and `with-meta` (throws for a kind that carries
/// none).
Ref meta(Value v);
Ref with_meta(Ref v, Ref meta);
/// True when with_meta would accept it.
bool carries_meta(Value v);

}  // namespace reops::lang
