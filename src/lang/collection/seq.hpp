#pragma once
// Sequences: what `seq`, `first`, `rest`, `next` mean for every kind, lists, conses, lazy and chunked sequences.

#include <initializer_list>
#include <span>

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
/// A cell: `thunk` until realised, then `seq` (a realised seq or nil).
struct LazySeq : Object {
  static constexpr Kind k_kind = Kind::LazySeq;
  uint32_t state;  ///< seq.cpp's: unrealised, running, realised
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

Ref make_list(std::span<const Value> items);
Ref make_list(std::initializer_list<Value> items);
Value empty_list();
Ref cons(Value first, Value rest);
Ref make_lazy_seq(Ref thunk);

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
/// Same as next(seq), but may reuse `s` itself when nobody else holds it.
Ref next_consuming(Ref s);

bool is_chunked(Value v);
Ref chunk_first(Value s);  ///< a Chunk
Ref chunk_rest(Value s);

/// Walks anything seqable from C++, chunk by chunk where it can, holding no more than the current position.
///   for (SeqIterator it(coll); it.more(); it.step()) use(it.value());
class SeqIterator {
 public:
  explicit SeqIterator(Value coll);
  bool more() const { return !current_.is_none(); }
  Value value() const { return current_; }
  void step();

 private:
  void load();
  Ref seq_;
  Ref chunk_;
  uint32_t index_ = 0;
  uint32_t end_ = 0;
  Value current_;  ///< borrowed from seq_, chunk_ or held_
  Ref held_;
};

}  // namespace reops::lang
