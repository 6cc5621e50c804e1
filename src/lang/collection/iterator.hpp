#pragma once
// Walking anything seqable, without making a sequence of it where that can be helped.

#include <span>

#include "lang/collection/map.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// Walks anything seqable from C++, chunk by chunk where it can, holding no more than the current position.
///   for (SeqIterator it(coll); it.more(); it.step()) use(it.value());
class SeqIterator {
 public:
  explicit SeqIterator(Value coll) : SeqIterator(Ref(coll)) {}
  /// Takes the collection over: of a sequence that nobody else holds, what has been walked is freed on the
  /// way.
  explicit SeqIterator(Ref&& coll) { begin(std::move(coll)); }
  SeqIterator() = default;
  SeqIterator(const SeqIterator&) = delete;
  SeqIterator& operator=(const SeqIterator&) = delete;
  /// For one that walks nothing yet.
  void begin(Ref coll);
  bool more() const { return !current_.is_none(); }
  /// Borrowed until the next step.
  Value value() const { return current_; }
  void step() {
    if (!step_within()) [[unlikely]]
      advance();
  }
  /// How many elements of the current chunk there are, from the one that the walk stands at.
  size_t left_in_chunk() const { return static_cast<size_t>(end_ - at_) + (more() ? 1 : 0); }
  /// Steps if that stays within the current chunk.
  bool step_within() {
    if (at_ == end_) return false;
    current_ = *at_++;
    return true;
  }

 private:
  enum class Source : uint32_t { nothing, seq, chunk, vector, range, entries, keys, values, text };

  static Source source_of(MapPart part);
  void load();
  void begin_entries(Source source, Ref map, const MapCursor& cursor);
  void begin_vector(Ref vector, size_t from, size_t to);
  void begin_span(std::span<const Value> items);
  void advance();
  void load_entry();
  void load_leaf();
  void load_integers();
  void load_character();
  void finish();

  // The owned values stand together: an Iterator object has them as its slots.
  Ref seq_;   ///< what is walked: the position in a sequence, or the collection
  Ref held_;  ///< keeps current_ alive where nothing else does
  Value current_ = Value::none();
  const Value* at_ = nullptr;  ///< what is left of the current chunk
  const Value* end_ = nullptr;
  Source source_ = Source::nothing;
  uint32_t steps_ = 0;
  uint64_t index_ = 0;  ///< vector: next index; text: byte offset; range: next integer
  uint64_t limit_ = 0;  ///< vector: end; range: how many are left
  int64_t stride_ = 0;
  MapCursor cursor_;
};

/// A SeqIterator as a value: what `reduce` and its like hold while they run as bytecode. Mutable, never
/// shared.
struct Iterator : Object {
  static constexpr Kind k_kind = Kind::Iterator;
  uint32_t started;  ///< whether the first element has been asked for
  uint32_t pad;
  SeqIterator walk;

  static constexpr size_t k_slots_at = 16;
};

/// Precondition: is<Iterator>(v).
Ref make_iterator(Ref coll);
/// Moves to the next element; the first call moves to the first. Its value, borrowed until the next call, or
/// none().
inline Value iterator_next(Iterator& it) {
  if (it.started) {
    it.walk.step();
  } else {
    it.started = 1;
  }
  return it.walk.value();
}

/// iterator_next where that is a matter of a few machine instructions; false when it is not, nothing having
/// changed.
inline bool step_quickly(Iterator& it) { return it.started && it.walk.step_within(); }

}  // namespace reops::lang
