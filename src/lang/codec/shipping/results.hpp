#pragma once
// The way back: what a shipped function returned, or threw.
//
// It is data, and nothing that could run: whoever reads it trusts whoever wrote it no further than that.
// Records find the type that went out with the function, where that is still the same; otherwise they become
// a literal tagged with the type's name. What has no meaning here (a function, an atom) becomes
// #reops/elsewhere "a clojure.lang.Atom".

#include <string>
#include <string_view>

#include "lang/codec/shipping/library.hpp"
#include "lang/codec/shipping/packer.hpp"

namespace reops::lang {

inline constexpr size_t k_most_result_bytes = size_t{1} << 30;

/// Throws illegal-argument for what is larger than may be, and whatever realising a lazy sequence throws.
std::string write_results(Value v, const Library& library, size_t most_bytes = k_most_result_bytes);
/// Throws illegal-argument ({:type :reops.cbor/malformed}) for what is none.
Ref read_results(std::string_view bytes, Packer& packer);

}  // namespace reops::lang
