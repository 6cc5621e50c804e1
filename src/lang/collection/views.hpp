#pragma once
// Sequences that are a position in something else: cheap to make, moved on in place when nobody else holds
// them.

#include "lang/collection/map.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// Integers, or (when `value` is not nil) numbers of any type.
struct Range : Object {
  static constexpr Kind k_kind = Kind::Range;
  uint32_t pad[2];
  int64_t next;  ///< first integer
  int64_t step;
  uint64_t left;  ///< how many there are, at least 1; k_endless
  Value value;    ///< first number, for one that is not of 64-bit integers
  Value end;
  Value stride;
  Value meta;

  static constexpr uint64_t k_endless = ~uint64_t{0};
};
struct VectorSeq : Object {
  static constexpr Kind k_kind = Kind::VectorSeq;
  uint32_t index;
  uint32_t count;  ///< of the whole vector
  Value vector;    ///< Vector, SubVector or MapEntry
  Value meta;
};
struct ReverseSeq : Object {
  static constexpr Kind k_kind = Kind::ReverseSeq;
  uint32_t index;  ///< of the current element; the next one is before it
  uint32_t pad;
  Value vector;
  Value meta;
};
struct StringSeq : Object {
  static constexpr Kind k_kind = Kind::StringSeq;
  uint32_t offset;  ///< in bytes
  uint32_t index;   ///< in code points
  Value string;
  Value meta;
};
struct MapSeq : Object {
  static constexpr Kind k_kind = Kind::MapSeq;
  MapPart part;
  uint32_t left;  ///< how many there are from here on
  MapCursor::Position position;
  uint32_t pad;
  Value map;  ///< ArrayMap, HashMap or Set
  Value meta;
};
struct SortedSeq : Object {
  static constexpr Kind k_kind = Kind::SortedSeq;
  MapPart part;
  uint32_t descending;
  SortedPlace place;
  Value map;  ///< SortedMap
  Value meta;
};

/// The whole of a collection as a sequence; nil when it is empty.
Ref vector_seq(Value vector, size_t from = 0);
Ref string_seq(Value string);
Ref map_seq(Value map, MapPart part);
/// A sorted map or set from a place on.
Ref sorted_seq(Value coll, const SortedPlace& place, bool descending);

/// For the kinds above alone.
inline bool is_view(Value v) {
  return v.is_object() && v.as_object()->kind >= Kind::Range && v.as_object()->kind <= Kind::ReverseSeq;
}
Ref view_first(Value view);
/// The view moved on by one, in place when it is unique; nil at the end.
Ref view_next(Ref view);
/// How many elements; precondition: not an endless range.
size_t view_count(Value view);
/// Element `index` of a range of integers; what follows the first `skipped` of its elements, nil when none
/// does.
Ref range_at(const Range& r, uint64_t index);
Ref range_from(const Range& r, uint64_t skipped);
Ref range_next(Ref range);

}  // namespace reops::lang
