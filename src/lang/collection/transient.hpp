#pragma once
// Transients. Unique collections are updated in place anyway, so a transient is no more than the promise that
// the program will not look at older versions: a holder of a collection that lets go of it while it is
// updated.

#include "lang/value/ref.hpp"

namespace reops::lang {

/// A cell. `collection` is none() once persistent! has given it back, and while an update is under way.
struct Transient : Object {
  static constexpr Kind k_kind = Kind::Transient;
  uint32_t pad[2];
  Value collection;  ///< Vector, ArrayMap, HashMap or Set
};

Ref make_transient(Ref coll);
/// The collection as it is now, borrowed until the next update. Throws after persistent!.
Value transient_content(Value transient);
/// Ends the transient.
Ref persistent(Value transient);

/// The operations of `conj!`, `assoc!` … on a transient; each throws for any other value, and after
/// persistent!.
void transient_conj(Value transient, Ref item);
void transient_assoc(Value transient, Ref key, Ref value);
void transient_dissoc(Value transient, Value key);
void transient_disj(Value transient, Value item);
void transient_pop(Value transient);

}  // namespace reops::lang
