#pragma once
// What `require`, `use`, `refer` and `import` understand.

#include <span>
#include <string_view>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// `(require & args)`, or `(use & args)`: libspecs, prefix lists and flags as Clojure has them.
void require(std::span<const Value> args, bool use);

/// `(refer ns & filters)`: makes public names of `from` visible in the current namespace. Filters: :only
/// :exclude :rename.
void refer_filtered(Value from, std::span<const Value> filters);

/// `(import spec)`: a class symbol, or a list or vector of a package and names in it.
Ref import(Value spec);

/// Loads every library that is compiled in, so that requiring one costs nothing: what an image holds. Left
/// out are the host's classes, those whose `ns` says so, with ^{:image false} before its name, and those that
/// are not `wanted`.
void load_whole_library(bool (*wanted)(std::string_view ns) = nullptr);

/// Whether the library was loaded, or its namespace made by `ns`.
bool is_loaded(std::string_view lib);
void note_loaded(std::string_view lib);
void note_unloaded(std::string_view lib);
/// A set of symbols.
Ref loaded_libs();

}  // namespace reops::lang
