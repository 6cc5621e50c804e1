#include "lang/collection/iterator.hpp"

#include <cstddef>
#include <new>

#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {

void SeqIterator::begin(Ref coll) {
  if (is<LazySeq>(coll)) {
    // The lazy sequence is let go of: what it led to is the position now.
    Ref content = lang::seq(coll);
    coll = std::move(content);
  }
  if (!coll.get().is_object()) {
    if (!coll.is_nil()) lang::seq(coll);  // throws, naming it
    return;
  }
  switch (coll.object()->kind) {
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry: {
      size_t count = vector_count(coll);
      return begin_vector(std::move(coll), 0, count);
    }
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap: {
      MapCursor cursor(coll);
      return begin_entries(Source::entries, std::move(coll), cursor);
    }
    case Kind::Set:
    case Kind::SortedSet: {
      MapCursor cursor(coll);
      return begin_entries(Source::keys, std::move(coll), cursor);
    }
    case Kind::String:
      seq_ = std::move(coll);
      source_ = Source::text;
      return load_character();
    case Kind::Chunk:
    case Kind::VectorNode:
      seq_ = std::move(coll);
      source_ = Source::chunk;
      return begin_span(chunk_items(seq_));
    default:
      seq_ = lang::seq(coll);
      coll = nil();
      return load();
  }
}

SeqIterator::Source SeqIterator::source_of(MapPart part) {
  return part == MapPart::keys ? Source::keys : part == MapPart::values ? Source::values : Source::entries;
}

// Begins at seq_, which is a seq or nil.
void SeqIterator::load() {
  source_ = Source::seq;
  at_ = end_ = nullptr;
  if (seq_.is_nil()) return finish();
  switch (seq_.object()->kind) {
    case Kind::List:
      current_ = as<List>(seq_).first;
      return;
    case Kind::Cons:
      current_ = as<Cons>(seq_).first;
      return;
    case Kind::ChunkedCons:
      source_ = Source::chunk;
      return begin_span(chunk_items(as<ChunkedCons>(seq_).chunk).subspan(as<ChunkedCons>(seq_).offset));
    case Kind::VectorSeq: {
      const VectorSeq& s = as<VectorSeq>(seq_);
      size_t from = s.index, to = s.count;
      return begin_vector(Ref(s.vector), from, to);
    }
    case Kind::SortedSeq: {
      const SortedSeq& s = as<SortedSeq>(seq_);
      MapCursor cursor(SortedCursor(as<SortedMap>(s.map), s.place, s.descending));
      return begin_entries(source_of(s.part), Ref(s.map), cursor);
    }
    case Kind::MapSeq: {
      const MapSeq& s = as<MapSeq>(seq_);
      MapCursor cursor(s.map, s.position);
      return begin_entries(source_of(s.part), Ref(s.map), cursor);
    }
    case Kind::Range: {
      const Range& r = as<Range>(seq_);
      if (!r.value.is_nil()) break;
      source_ = Source::range;
      index_ = static_cast<uint64_t>(r.next);
      stride_ = r.step;
      limit_ = r.left;
      seq_ = nil();
      return load_integers();
    }
    default:
      break;
  }
  held_ = lang::first(seq_);
  current_ = held_;
}

void SeqIterator::begin_span(std::span<const Value> items) {
  at_ = items.data();
  end_ = at_ + items.size();
  if (at_ == end_) return advance();
  current_ = *at_++;
}

void SeqIterator::begin_vector(Ref vector, size_t from, size_t to) {
  source_ = Source::vector;
  index_ = from;
  limit_ = to;
  if (const SubVector* window = try_as<SubVector>(vector)) {
    index_ += window->start;
    limit_ += window->start;
    vector = Ref(window->vector);
  }
  seq_ = std::move(vector);
  load_leaf();
}

void SeqIterator::begin_entries(Source source, Ref map, const MapCursor& cursor) {
  source_ = source;
  seq_ = std::move(map);
  cursor_ = cursor;
  load_entry();
}

void SeqIterator::load_leaf() {
  if (index_ >= limit_) return finish();
  const Value* items;
  uint64_t size;
  if (const MapEntry* entry = try_as<MapEntry>(seq_)) {
    items = &entry->key + index_;
    size = limit_ - index_;
  } else {
    const VectorNode& leaf = vector_leaf(as<Vector>(seq_), index_);
    uint64_t in_leaf = index_ % k_node_width;
    items = leaf.items + in_leaf;
    size = std::min(limit_ - index_, leaf.length - in_leaf);
  }
  index_ += size;
  begin_span({items, size});
}

void SeqIterator::load_entry() {
  if (!cursor_.more()) return finish();
  if (source_ == Source::keys) {
    current_ = cursor_.key();
  } else if (source_ == Source::values) {
    current_ = cursor_.value();
  } else {
    // The entry handed out last is written over when nobody has kept it.
    if (is_unique(held_) && is<MapEntry>(held_)) {
      MapEntry& e = as<MapEntry>(held_);
      Ref key = Ref::adopt(std::exchange(e.key, Ref(cursor_.key()).take()));
      Ref value = Ref::adopt(std::exchange(e.value, Ref(cursor_.value()).take()));
    } else {
      held_ = make_map_entry(cursor_.key(), cursor_.value());
    }
    current_ = held_;
  }
}

// The next integers of a range, as a chunk, which is filled again and again.
void SeqIterator::load_integers() {
  if (limit_ == 0) return finish();
  auto size = static_cast<uint32_t>(std::min<uint64_t>(limit_, 32));
  if (!is_unique(held_)) held_ = make_chunk(size);
  Chunk& chunk = as<Chunk>(held_);
  for (Value& item : std::span(chunk.items, chunk.length)) release(std::exchange(item, Value()));
  chunk.length = size;
  for (uint32_t i = 0; i < chunk.length; ++i, index_ += static_cast<uint64_t>(stride_)) {
    chunk.items[i] = integer(static_cast<int64_t>(index_)).take();
  }
  if (limit_ != Range::k_endless) limit_ -= chunk.length;
  begin_span({chunk.items, chunk.length});
}

void SeqIterator::load_character() {
  std::string_view text = text_of(seq_);
  size_t at = index_;
  if (at >= text.size()) return finish();
  current_ = Value::character(next_code_point(text, at));
  index_ = at;
}

void SeqIterator::advance() {
  if ((++steps_ & 1023) == 0) poll();
  switch (source_) {
    case Source::seq:
      seq_ = next_consuming(std::move(seq_));
      return load();
    case Source::chunk: {
      // The chunk is used up whole: its last place is where the sequence goes on.
      ChunkedCons* c = try_as<ChunkedCons>(seq_);
      Ref rest = c ? Ref(c->rest) : nil();
      seq_ = nil();
      seq_ = lang::seq(rest);
      rest = nil();
      return load();
    }
    case Source::vector:
      return load_leaf();
    case Source::range:
      return load_integers();
    case Source::entries:
    case Source::keys:
    case Source::values:
      cursor_.step();
      return load_entry();
    case Source::text:
      return load_character();
    case Source::nothing:
      return finish();
  }
}

void SeqIterator::finish() {
  source_ = Source::nothing;
  at_ = end_ = nullptr;
  current_ = Value::none();
  seq_ = nil();
  held_ = nil();
}

static_assert(offsetof(Iterator, walk) == Iterator::k_slots_at);
const KindInfo k_info_Iterator = {
    .name = "Iterator", .slots_at = Iterator::k_slots_at, .slots = 2, .in_image = InImage::refused};

Ref make_iterator(Ref coll) {
  Iterator* it = allocate<Iterator>();
  it->started = 0;
  it->pad = 0;
  new (&it->walk) SeqIterator;
  Ref result = Ref::adopt(it);
  it->walk.begin(std::move(coll));
  return result;
}

}  // namespace reops::lang
