#include "lang/collection/views.hpp"

#include <cstddef>

#include "lang/collection/seq.hpp"
#include "lang/collection/sequential.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

VectorSeq* make_vector_seq(Value vector, uint32_t index, uint32_t count) {
  VectorSeq* s = allocate<VectorSeq>();
  s->index = index;
  s->count = count;
  s->vector = Ref(vector).take();
  s->meta = Value::nil();
  return s;
}

ReverseSeq* make_reverse_seq(Value vector, uint32_t index) {
  ReverseSeq* s = allocate<ReverseSeq>();
  s->index = index;
  s->pad = 0;
  s->vector = Ref(vector).take();
  s->meta = Value::nil();
  return s;
}

StringSeq* make_string_seq(Value string, uint32_t offset, uint32_t index) {
  StringSeq* s = allocate<StringSeq>();
  s->offset = offset;
  s->index = index;
  s->string = Ref(string).take();
  s->meta = Value::nil();
  return s;
}

MapSeq* make_map_seq(const MapCursor& cursor, Value map, MapPart part, uint32_t left) {
  MapSeq* s = allocate<MapSeq>();
  s->part = part;
  s->left = left;
  s->position = cursor.position();
  s->pad = 0;
  s->map = Ref(map).take();
  s->meta = Value::nil();
  return s;
}

char32_t character_at(const StringSeq& s, size_t& offset) {
  offset = s.offset;
  return next_code_point(text_of(s.string), offset);
}

// A view that others hold too stays as it is: the next position is a new object without metadata.
void forget_meta(Value& meta) { release(std::exchange(meta, Value::nil())); }

Ref next_in_vector(Ref view) {
  VectorSeq& s = as<VectorSeq>(view);
  if (s.index + 1 == s.count) return nil();
  if (!is_unique(view)) return Ref::adopt(make_vector_seq(s.vector, s.index + 1, s.count));
  ++s.index;
  forget_meta(s.meta);
  return view;
}

Ref next_backwards(Ref view) {
  ReverseSeq& s = as<ReverseSeq>(view);
  if (s.index == 0) return nil();
  if (!is_unique(view)) return Ref::adopt(make_reverse_seq(s.vector, s.index - 1));
  --s.index;
  forget_meta(s.meta);
  return view;
}

Ref next_in_string(Ref view) {
  StringSeq& s = as<StringSeq>(view);
  size_t offset;
  character_at(s, offset);
  if (offset == text_of(s.string).size()) return nil();
  uint32_t at = static_cast<uint32_t>(offset);
  if (!is_unique(view)) return Ref::adopt(make_string_seq(s.string, at, s.index + 1));
  s.offset = at;
  ++s.index;
  forget_meta(s.meta);
  return view;
}

Ref next_in_map(Ref view) {
  MapSeq& s = as<MapSeq>(view);
  if (s.left == 1) return nil();
  MapCursor cursor(s.map, s.position);
  cursor.step();
  if (!is_unique(view)) return Ref::adopt(make_map_seq(cursor, s.map, s.part, s.left - 1));
  s.position = cursor.position();
  --s.left;
  forget_meta(s.meta);
  return view;
}

SortedSeq* make_sorted_seq(Value map, MapPart part, const SortedPlace& place, bool descending) {
  SortedSeq* s = allocate<SortedSeq>();
  s->part = part;
  s->descending = descending;
  s->place = place;
  s->map = Ref(map).take();
  s->meta = Value::nil();
  return s;
}

Ref next_in_order(Ref view) {
  SortedSeq& s = as<SortedSeq>(view);
  SortedPlace place = s.place;
  if (!sorted_next(as<SortedMap>(s.map), place, s.descending)) return nil();
  if (!is_unique(view)) return Ref::adopt(make_sorted_seq(s.map, s.part, place, s.descending));
  s.place = place;
  forget_meta(s.meta);
  return view;
}

Ref entry_part(MapPart part, Value key, Value value) {
  switch (part) {
    case MapPart::keys:
      return Ref(key);
    case MapPart::values:
      return Ref(value);
    default:
      return make_map_entry(key, value);
  }
}

size_t count_in_order(const SortedSeq& s) {
  size_t n = 0;
  for (SortedCursor c(as<SortedMap>(s.map), s.place, s.descending); c.more(); c.step()) ++n;
  return n;
}

}  // namespace

// Views keep no hash: they are short-lived, and seldom a key.
const KindInfo k_info_VectorSeq = {.name = "VectorSeq",
                                   .slots_at = offsetof(VectorSeq, vector),
                                   .slots = 2,
                                   .hash = hash_sequential,
                                   .equal = equal_sequential};
const KindInfo k_info_ReverseSeq = {.name = "ReverseSeq",
                                    .slots_at = offsetof(ReverseSeq, vector),
                                    .slots = 2,
                                    .hash = hash_sequential,
                                    .equal = equal_sequential};
const KindInfo k_info_StringSeq = {.name = "StringSeq",
                                   .slots_at = offsetof(StringSeq, string),
                                   .slots = 2,
                                   .hash = hash_sequential,
                                   .equal = equal_sequential};
const KindInfo k_info_MapSeq = {.name = "MapSeq",
                                .slots_at = offsetof(MapSeq, map),
                                .slots = 2,
                                .hash = hash_sequential,
                                .equal = equal_sequential};
const KindInfo k_info_SortedSeq = {.name = "SortedSeq",
                                   .slots_at = offsetof(SortedSeq, map),
                                   .slots = 2,
                                   .hash = hash_sequential,
                                   .equal = equal_sequential};

Ref vector_seq(Value vector, size_t from) {
  size_t count = vector_count(vector);
  if (from >= count) return nil();
  return Ref::adopt(make_vector_seq(vector, static_cast<uint32_t>(from), static_cast<uint32_t>(count)));
}

Ref string_seq(Value string) {
  if (text_of(string).empty()) return nil();
  return Ref::adopt(make_string_seq(string, 0, 0));
}

Ref map_seq(Value map, MapPart part) {
  size_t count = is_set(map) ? set_count(map) : map_count(map);
  if (count == 0) return nil();
  Value content = is_set(map) ? as<Set>(map).map : map;
  if (const SortedMap* sorted = try_as<SortedMap>(content))
    return Ref::adopt(make_sorted_seq(content, part, sorted_first(*sorted, false), false));
  MapCursor cursor(map);
  return Ref::adopt(make_map_seq(cursor, map, part, static_cast<uint32_t>(count)));
}

Ref sorted_seq(Value coll, const SortedPlace& place, bool descending) {
  bool set = is_set(coll);
  Value map = set ? as<Set>(coll).map : coll;
  return Ref::adopt(make_sorted_seq(map, set ? MapPart::keys : MapPart::entries, place, descending));
}

Ref reverse_seq(Value coll) {
  if (is_sorted(coll)) {
    const SortedMap& map = as<SortedMap>(is_set(coll) ? as<Set>(coll).map : coll);
    return map.count ? sorted_seq(coll, sorted_first(map, true), true) : nil();
  }
  size_t count = vector_count(coll);
  return count ? Ref::adopt(make_reverse_seq(coll, static_cast<uint32_t>(count - 1))) : nil();
}

Ref view_first(Value view) {
  switch (view.as_object()->kind) {
    case Kind::Range: {
      const Range& r = as<Range>(view);
      return r.value.is_nil() ? range_at(r, 0) : Ref(r.value);
    }
    case Kind::VectorSeq:
      return Ref(vector_at(as<VectorSeq>(view).vector, as<VectorSeq>(view).index));
    case Kind::ReverseSeq:
      return Ref(vector_at(as<ReverseSeq>(view).vector, as<ReverseSeq>(view).index));
    case Kind::StringSeq: {
      size_t offset;
      return Ref::adopt(Value::character(character_at(as<StringSeq>(view), offset)));
    }
    case Kind::SortedSeq: {
      const SortedSeq& s = as<SortedSeq>(view);
      const SortedNode& n = sorted_node(as<SortedMap>(s.map), s.place);
      return entry_part(s.part, n.key, n.value);
    }
    default: {
      const MapSeq& s = as<MapSeq>(view);
      MapCursor cursor(s.map, s.position);
      return entry_part(s.part, cursor.key(), cursor.value());
    }
  }
}

size_t view_count(Value view) {
  switch (view.as_object()->kind) {
    case Kind::Range:
      return as<Range>(view).left;
    case Kind::VectorSeq:
      return as<VectorSeq>(view).count - as<VectorSeq>(view).index;
    case Kind::ReverseSeq:
      return as<ReverseSeq>(view).index + 1;
    case Kind::StringSeq:
      return as<String>(as<StringSeq>(view).string).code_points - as<StringSeq>(view).index;
    case Kind::SortedSeq:
      return count_in_order(as<SortedSeq>(view));
    default:
      return as<MapSeq>(view).left;
  }
}

Ref view_next(Ref view) {
  switch (view.object()->kind) {
    case Kind::Range:
      return range_next(std::move(view));
    case Kind::VectorSeq:
      return next_in_vector(std::move(view));
    case Kind::ReverseSeq:
      return next_backwards(std::move(view));
    case Kind::StringSeq:
      return next_in_string(std::move(view));
    case Kind::SortedSeq:
      return next_in_order(std::move(view));
    default:
      return next_in_map(std::move(view));
  }
}

}  // namespace reops::lang
