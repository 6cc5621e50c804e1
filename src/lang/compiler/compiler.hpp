#pragma once
// From forms to running code: forms → resolved tree (analyzer) → liveness → register bytecode (generator).

#include <memory>
#include <string>

#include "lang/reader/position.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// Evaluates one top-level form in the current namespace. The forms inside a top-level `do` are compiled one
/// after another, each after the one before has run. `positions` and `source` may be null for forms that were
/// made, not read.
Ref evaluate(Value form, const PositionTable* positions, std::shared_ptr<const Source> source);

/// One step of macro expansion in the current namespace; the form itself when it is no macro call.
Ref macroexpand_once(Value form, const PositionTable* positions = nullptr);

/// Variants of the code generator that the whole suite is also run in.
struct CompilerOptions {
  /// Off: no register dies before its scope ends (the "naive registers" variant, which shows liveness
  /// mistakes).
  bool liveness = true;
};
CompilerOptions& compiler_options();

/// A new prototype generated from the resolved tree of `function`, as an agent does with a tree it received.
Ref recompile(Value function);

}  // namespace reops::lang
