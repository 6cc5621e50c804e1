#pragma once
// ` : templates of code.

#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// The form that, evaluated, builds `form` with its ~ and ~@ parts filled in. Symbols are resolved in the
/// current namespace; `x#` becomes one fresh symbol throughout. Throws illegal-state for ~@ outside a
/// collection.
Ref syntax_quote(Value form);

/// The namespace that `name` means when written in `ns`: an alias of it, or a namespace's own name; nil for
/// neither.
Ref namespace_for(Value ns, std::string_view name);

}  // namespace reops::lang
