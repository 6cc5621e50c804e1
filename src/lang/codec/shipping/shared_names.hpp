#pragma once
// What both sides have anyway, since it is part of the program itself: named, not sent.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lang/codec/shipping/unit.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// As what both sides have `v`: functions and natives of the core, host classes, and the vars, types,
/// protocols and multimethods of the core that are as they came. Nothing for what has to be sent.
/// Precondition: an object.
std::optional<SharedName> shared_name_of(Value v);
/// Precondition: shared_name_of(v).
std::string name_of_shared(Value v);
/// What it names here, borrowed; none() when there is no such thing.
Value find_shared(SharedName as, std::string_view name);
/// The protocols and the multimethods of the core, which may be extended by types that are sent.
std::span<const Value> shared_protocols();
std::span<const Value> shared_multimethods();

}  // namespace reops::lang
