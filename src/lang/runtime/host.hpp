#pragma once
// What Java interop means here: `(Class. …)`, `(.method x …)`, `(.-field x)`, `(Class/member …)`.
//
// Only what Clojure programs commonly type is there. Anything else is an error that says what exists.

#include <span>
#include <string_view>

#include "lang/runtime/type.hpp"

namespace reops::lang {

/// `(Class. args …)`.
Ref host_new(Value type, std::span<const Value> args);

/// `(.method target args …)`; a field when `method` begins with a dash. Inline methods of records, deftypes
/// and reify first.
Ref host_call(std::string_view method, Value target, std::span<const Value> args);

/// `Class/member`: a constant, or a callable; none() when absent. Borrowed.
Value host_static(Value type, std::string_view member);
/// "Did you mean …?" for a static member that is absent; empty when none of its class is near.
std::string static_hint(Value type, std::string_view member);

}  // namespace reops::lang
