#pragma once
// Sequences: what `seq`, `first`, `rest`, `next` mean for every kind, lists, conses, lazy and chunked
// sequences.

#include <initializer_list>
#include <span>

#include "lang/collection/iterator.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

struct List : Object {
  static constexpr Kind k_kind = Kind::List;
  uint32_t count;  ///< number of elements from here on
  uint32_t hash;
  Value first;
  Value rest;  ///< List or EmptyList
  Value meta;
};
/// () — one unshared object per metadata; `empty_list()` is the one without.
struct EmptyList : Object {
  static constexpr Kind k_kind = Kind::EmptyList;
  Value meta;
};
struct Cons : Object {
  static constexpr Kind k_kind = Kind::Cons;
  uint32_t hash;
  uint32_t pad;
  Value first;
  Value rest;  ///< any seqable or nil
  Value meta;
};
/// A cell: `thunk` until realised, then `seq` (a realised seq or nil). lazy_seq.cpp explains the states
/// between.
struct LazySeq : Object {
  static constexpr Kind k_kind = Kind::LazySeq;
  uint32_t state;
  uint32_t hash;
  Value thunk;
  Value seq;
  Value meta;
};
/// A run of values that a chunked sequence hands out.
struct Chunk : Object {
  static constexpr Kind k_kind = Kind::Chunk;
  uint32_t length;  ///< slots in use (a chunk under construction grows up to `capacity`)
  uint32_t capacity;
  __extension__ Value items[];
};
/// A chunk from `offset` on, and what follows it.
struct ChunkedCons : Object {
  static constexpr Kind k_kind = Kind::ChunkedCons;
  uint32_t offset;  ///< < chunk's length
  uint32_t hash;
  Value chunk;  ///< Chunk, or VectorNode (a vector's leaf)
  Value rest;   ///< any seqable or nil
  Value meta;
};

Ref make_list(std::span<const Value> items);
Ref make_list(std::initializer_list<Value> items);
Value empty_list();
/// From now on this is the empty one: for an image, which brings its own.
void adopt_empty_list(Value list);
Ref cons(Ref first, Ref rest);
inline Ref cons(Value first, Value rest) { return cons(Ref(first), Ref(rest)); }
/// `conj` onto a list: List or EmptyList, whose metadata the new one takes.
Ref list_conj(Ref list, Ref item);
Ref make_lazy_seq(Ref thunk);
inline constexpr uint32_t k_lazy_unrealised = 0;
inline constexpr uint32_t k_lazy_realised = 1;
/// Realises a LazySeq if it is not yet.
void realise(LazySeq& s);
inline bool is_realised(const LazySeq& s) {
  return std::atomic_ref(const_cast<uint32_t&>(s.state)).load(std::memory_order_acquire) == k_lazy_realised;
}

/// nil when empty, else a seq. Throws for what has no seq, naming it.
Ref seq(Value coll);
/// True when seq() would accept it.
bool is_seqable(Value v);
bool is_seq(Value v);         ///< `seq?`
bool is_sequential(Value v);  ///< `sequential?`
Ref first(Value coll);
/// rest: possibly empty sequence; next: nil when nothing follows.
Ref rest(Value coll);
Ref next(Value coll);
/// Same as next(s) and rest(s), but may reuse `s` itself when nobody else holds it.
Ref next_consuming(Ref s);
Ref rest_consuming(Ref s);

/// `chunked-seq?`: what chunk_first and chunk_rest accept.
bool is_chunked(Value v);
Ref chunk_first(Value s);  ///< a Chunk, or a VectorNode
Ref chunk_rest(Value s);
/// The items of a Chunk or of a vector's leaf.
std::span<const Value> chunk_items(Value chunk);
Ref make_chunk(uint32_t capacity);  ///< empty, to be filled
Ref chunk_cons(Ref chunk, Ref rest);

/// Integers from `start` by `step`, up to `end` exclusive. Compact.
Ref make_int_range(int64_t start, int64_t end, int64_t step);
Ref make_endless_range(int64_t start, int64_t step);
/// The same over any numbers.
Ref make_range(Value start, Value end, Value step);
/// `rseq`: a vector, or a sorted map or set, backwards; nil when it is empty.
Ref reverse_seq(Value coll);
/// `keys` and `vals`: nil when empty.
Ref keys(Value map);
Ref vals(Value map);

}  // namespace reops::lang
