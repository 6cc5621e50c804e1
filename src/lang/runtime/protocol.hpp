#pragma once
// Making and extending protocols; what calls them needs type.hpp only.

#include "lang/runtime/type.hpp"

namespace reops::lang {

/// `methods`: map Keyword → {:name :arglists :doc}. Nothing is extended to it yet.
Ref make_protocol(Value name, Ref methods, bool via_metadata);
/// The method `name` of `protocol` as a function.
Ref make_protocol_fn(Value protocol, std::string_view name);
/// Keyword under which a type's inline methods hold one of a protocol: :user.Pkg/update.
Value qualified_method(Value protocol_name, std::string_view method);
/// Makes `methods` (map Keyword → function) the implementation of the protocol for `type`, a Type or nil.
void extend_protocol(Protocol& protocol, Value type, Ref methods);

/// The methods given for the narrowest type of `target` that the protocol is extended to, or none().
/// Borrowed.
Value implementation_table(const Protocol& protocol, Value target);
/// Does the definition of the record's type give methods of this protocol?
bool implements_inline(const Protocol& protocol, Value record);
bool satisfies(const Protocol& protocol, Value target);

/// Calls `visit(Value type)` for every Type that `v` is an instance of, narrowest first, until it returns
/// true. Precondition: v is not nil.
void for_each_type_of_impl(Value v, bool (*visit)(void*, Value), void* context);
template <class F>
void for_each_type_of(Value v, F&& visit) {
  for_each_type_of_impl(
      v, [](void* f, Value type) { return (*static_cast<std::remove_reference_t<F>*>(f))(type); }, &visit);
}

}  // namespace reops::lang
