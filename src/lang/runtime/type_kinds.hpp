#pragma once
// Sets of kinds as bits of a word, in which the table of host types is written.

#include <cstdint>

#include "lang/value/object.hpp"

namespace reops::lang {

/// Kinds that no program ever holds have no bit of their own.
inline constexpr uint64_t k_inner_bit = uint64_t{1} << 59;
/// Instances of deftype and reify share the kind of records but are not maps.
inline constexpr uint64_t k_opaque_bit = uint64_t{1} << 60;
inline constexpr uint64_t k_boolean_bit = uint64_t{1} << 61;
inline constexpr uint64_t k_char_bit = uint64_t{1} << 62;
inline constexpr uint64_t k_fixnum_bit = uint64_t{1} << 63;
inline constexpr unsigned k_visible_kinds = static_cast<unsigned>(Kind::HashNode);
static_assert(k_visible_kinds <= 59);

template <class... Kinds>
constexpr uint64_t kinds(Kinds... kind) {
  return ((uint64_t{1} << static_cast<unsigned>(kind)) | ...);
}

inline constexpr uint64_t k_numbers =
    k_fixnum_bit | kinds(Kind::Int64, Kind::Double, Kind::BigInt, Kind::Ratio, Kind::BigDecimal);
inline constexpr uint64_t k_realised_seqs =
    kinds(Kind::List, Kind::Cons, Kind::ChunkedCons, Kind::Range, Kind::VectorSeq, Kind::MapSeq,
          Kind::StringSeq, Kind::SortedSeq, Kind::ReverseSeq);
inline constexpr uint64_t k_seqs = k_realised_seqs | kinds(Kind::EmptyList, Kind::LazySeq);
inline constexpr uint64_t k_vectors = kinds(Kind::Vector, Kind::SubVector, Kind::MapEntry);
inline constexpr uint64_t k_hash_maps = kinds(Kind::ArrayMap, Kind::HashMap);
inline constexpr uint64_t k_plain_maps = k_hash_maps | kinds(Kind::SortedMap);
inline constexpr uint64_t k_sets = kinds(Kind::Set, Kind::SortedSet);
inline constexpr uint64_t k_sorted = kinds(Kind::SortedMap, Kind::SortedSet);
inline constexpr uint64_t k_maps = k_plain_maps | kinds(Kind::Record);
inline constexpr uint64_t k_collections = k_seqs | k_vectors | k_maps | k_sets;
inline constexpr uint64_t k_counted_kinds =
    k_vectors | k_maps | k_sets | kinds(Kind::List, Kind::EmptyList, Kind::Range, Kind::Transient);
inline constexpr uint64_t k_functions = kinds(Kind::Function, Kind::Native, Kind::ProtocolFn);
inline constexpr uint64_t k_callable =
    k_functions | k_vectors | k_plain_maps | k_sets |
    kinds(Kind::MultiFn, Kind::Keyword, Kind::Symbol, Kind::Var, Kind::Promise);
inline constexpr uint64_t k_with_meta = k_collections | k_functions | kinds(Kind::Symbol, Kind::MultiFn);

/// The bit under which the host types know `v`; nil has none.
uint64_t kind_bit(Value v);

}  // namespace reops::lang
