#pragma once
// Making and changing multimethods; what calls them needs type.hpp only.

#include "lang/runtime/type.hpp"

namespace reops::lang {

/// `hierarchy`: a Var that holds one (or the map itself).
Ref make_multi(Value name, Value dispatch, Value fallback, Value hierarchy);
/// Gives it another dispatch function, default and hierarchy, keeping its methods.
void redefine_multi(MultiFn& multi, Value dispatch, Value fallback, Value hierarchy);
void add_method(MultiFn& multi, Value dispatch_value, Value function);
void remove_method(MultiFn& multi, Value dispatch_value);
void remove_all_methods(MultiFn& multi);
/// Throws when `b` is preferred to `a` already.
void prefer_method(MultiFn& multi, Value a, Value b);

}  // namespace reops::lang
