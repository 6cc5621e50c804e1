#include <algorithm>
#include <cstddef>

#include "lang/collection/seq.hpp"
#include "lang/collection/sequential.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

constexpr uint32_t k_range_chunk = 32;

uint32_t hash_chunked(Value v) {
  ChunkedCons& c = as<ChunkedCons>(v);
  if (uint32_t h = kept_hash(c.hash)) return h;
  return keep_hash(c.hash, hash_sequential(v));
}

Ref copied_chunk(std::span<const Value> items) {
  Ref chunk = make_chunk(static_cast<uint32_t>(items.size()));
  Chunk& c = as<Chunk>(chunk);
  for (Value item : items) c.items[c.length++] = Ref(item).take();
  return chunk;
}

// The leaf under a vector's sequence, when the sequence stands at its beginning: lent as it is, not copied.
Ref vector_chunk(const VectorSeq& s) {
  if (const Vector* v = try_as<Vector>(s.vector)) {
    const VectorNode& leaf = vector_leaf(*v, s.index);
    uint32_t from = s.index % k_node_width;
    if (from == 0) return Ref(Value::object(&leaf));
    return copied_chunk({leaf.items + from, leaf.length - from});
  }
  uint32_t size = std::min(s.count - s.index, k_node_width);
  Ref chunk = make_chunk(size);
  Chunk& c = as<Chunk>(chunk);
  for (uint32_t i = 0; i < size; ++i) c.items[c.length++] = Ref(vector_at(s.vector, s.index + i)).take();
  return chunk;
}

uint32_t vector_chunk_size(const VectorSeq& s) {
  uint32_t left = s.count - s.index;
  uint32_t in_leaf = is<Vector>(s.vector) ? k_node_width - s.index % k_node_width : k_node_width;
  return std::min(left, in_leaf);
}

uint32_t range_chunk_size(const Range& r) {
  return static_cast<uint32_t>(std::min<uint64_t>(r.left, k_range_chunk));
}

}  // namespace

const KindInfo k_info_Chunk = {.name = "Chunk", .slots_at = offsetof(Chunk, items), .slots = k_counted};
const KindInfo k_info_ChunkedCons = {.name = "ChunkedCons",
                                     .slots_at = offsetof(ChunkedCons, chunk),
                                     .slots = 3,
                                     .hash = hash_chunked,
                                     .equal = equal_sequential};

Ref make_chunk(uint32_t capacity) {
  Chunk* c = allocate<Chunk>(capacity * sizeof(Value));
  c->length = 0;
  c->capacity = capacity;
  return Ref::adopt(c);
}

std::span<const Value> chunk_items(Value chunk) {
  if (const VectorNode* leaf = try_as<VectorNode>(chunk)) return {leaf->items, leaf->length};
  if (const Chunk* c = try_as<Chunk>(chunk)) return {c->items, c->length};
  throw_class_cast(chunk, "a chunk");
}

Ref chunk_cons(Ref chunk, Ref rest) {
  if (chunk_items(chunk).empty()) return rest;
  ChunkedCons* c = allocate<ChunkedCons>();
  c->offset = 0;
  c->hash = 0;
  c->chunk = chunk.take();
  c->rest = rest.take();
  c->meta = Value::nil();
  return Ref::adopt(c);
}

bool is_chunked(Value v) {
  if (const Range* r = try_as<Range>(v)) return r->value.is_nil();
  return is<ChunkedCons>(v) || is<VectorSeq>(v);
}

Ref chunk_first(Value s) {
  if (const ChunkedCons* c = try_as<ChunkedCons>(s)) {
    if (c->offset == 0) return Ref(c->chunk);
    return copied_chunk(chunk_items(c->chunk).subspan(c->offset));
  }
  if (const VectorSeq* v = try_as<VectorSeq>(s)) return vector_chunk(*v);
  if (!is_chunked(s)) throw_class_cast(s, "a chunked sequence");
  const Range& r = as<Range>(s);
  uint32_t size = range_chunk_size(r);
  Ref chunk = make_chunk(size);
  Chunk& c = as<Chunk>(chunk);
  // Far from the ends of what fits the word, which is nearly always.
  auto within = [](int64_t i, int bits) { return i >= -(int64_t{1} << bits) && i < int64_t{1} << bits; };
  if (within(r.next, 61) && within(r.step, 50)) {
    for (int64_t i = r.next; c.length < size; i += r.step) c.items[c.length++] = Value::fixnum(i);
    return chunk;
  }
  for (; c.length < size; ++c.length) c.items[c.length] = range_at(r, c.length).take();
  return chunk;
}

Ref chunk_rest(Value s) {
  if (const ChunkedCons* c = try_as<ChunkedCons>(s)) return Ref(c->rest.is_nil() ? empty_list() : c->rest);
  Ref rest;
  if (const VectorSeq* v = try_as<VectorSeq>(s)) {
    rest = vector_seq(v->vector, v->index + vector_chunk_size(*v));
  } else {
    if (!is_chunked(s)) throw_class_cast(s, "a chunked sequence");
    const Range& r = as<Range>(s);
    rest = range_from(r, range_chunk_size(r));
  }
  return rest.is_nil() ? Ref(empty_list()) : rest;
}

}  // namespace reops::lang
