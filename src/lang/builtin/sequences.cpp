// Sequences: walking them, making them, and the walk that `reduce` is written over.

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/reduced.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/value/number.hpp"
#include "lang/vm/operations.hpp"

namespace reops::lang {
namespace {

Ref seq_of(Args args) { return seq(args[0]); }
Ref first_of(Args args) { return first(args[0]); }
Ref rest_of(Args args) { return rest_consuming(args.take(0)); }
Ref next_of(Args args) { return next_consuming(args.take(0)); }
Ref second(Args args) { return first(next_consuming(args.take(0))); }
Ref ffirst(Args args) { return first(first(args[0])); }
Ref nnext(Args args) { return next_consuming(next_consuming(args.take(0))); }
Ref last(Args args) {
  if (is_vector(args[0])) return peek(args[0]);
  Ref found;
  for (SeqIterator it(args.take(0)); it.more(); it.step()) found = Ref(it.value());
  return found;
}
Ref cons_of(Args args) {
  if (args[1].is_nil()) return list_conj(Ref(empty_list()), args.take(0));
  if (is_seq(args[1])) return cons(args.take(0), args.take(1));
  Ref rest = seq(args[1]);
  return cons(args.take(0), std::move(rest));
}
Ref list_star(Args args) {
  Ref result = seq(args[args.size() - 1]);
  for (size_t i = args.size() - 1; i-- > 0;) result = cons(Ref(args[i]), std::move(result));
  return result;
}
Ref keys_of(Args args) { return keys(args[0]); }
Ref vals_of(Args args) { return vals(args[0]); }
Ref rseq(Args args) {
  if (Ref own = own_answer(args[0], "rseq"); !own.get().is_none()) return own;
  if (!is_vector(args[0]) && !is_sorted(args[0]))
    throw_class_cast(args[0], "a vector, or a sorted map or set, to walk backwards");
  return reverse_seq(args[0]);
}
Ref reverse(Args args) {
  Ref list(empty_list());
  for (SeqIterator it(args.take(0)); it.more(); it.step()) list = list_conj(std::move(list), Ref(it.value()));
  return list;
}

Ref range(Args args) {
  Value zero = Value::fixnum(0), one = Value::fixnum(1);
  if (args.size() == 0) return make_endless_range(0, 1);
  if (args.size() == 1) return make_range(zero, args[0], one);
  return make_range(args[0], args[1], args.get(2, one));
}

Ref seq_p(Args args) { return boolean(is_seq(args[0])); }
Ref seqable_p(Args args) { return boolean(is_seqable(args[0])); }
Ref empty_p(Args args) { return boolean(is_counted(args[0]) ? count(args[0]) == 0 : seq(args[0]).is_nil()); }
Ref chunked_p(Args args) { return boolean(is_chunked(args[0])); }

Ref first_chunk(Args args) { return chunk_first(args[0]); }
Ref rest_of_chunks(Args args) { return chunk_rest(args[0]); }
Ref next_of_chunks(Args args) { return seq(chunk_rest(args[0])); }
Ref cons_chunk(Args args) { return chunk_cons(args.take(0), args.take(1)); }
Ref chunk_buffer(Args args) {
  int64_t capacity = to_int(args[0], "the capacity of a chunk");
  if (capacity < 0 || capacity > INT32_MAX)
    throw_illegal_argument("A chunk cannot hold " + describe(args[0]) + " elements");
  check_memory(static_cast<size_t>(capacity) * sizeof(Value));
  return make_chunk(static_cast<uint32_t>(capacity));
}
Ref chunk_append(Args args) {
  append_to_chunk(args[0], args.take(1));
  return nil();
}
Ref chunk_of(Args args) {
  if (!is<Chunk>(args[0])) throw_class_cast(args[0], "a chunk buffer");
  return args.take(0);
}

Ref reduced(Args args) { return make_reduced(args.take(0)); }
Ref reduced_p(Args args) { return boolean(is<Reduced>(args[0])); }
Ref unreduced(Args args) { return is<Reduced>(args[0]) ? Ref(as<Reduced>(args[0]).value) : args.take(0); }

Ref lazy_seq(Args args) { return make_lazy_seq(args.take(0)); }

Ref iterator(Args args) { return make_iterator(args.take(0)); }
Ref iterator_of_chunk(Args args) { return make_iterator(chunk_first(args[0])); }
Ref iterator_step(Args args) { return boolean(advance_iterator(iterator_argument(args[0]))); }
Ref buffer_for(Args args) {
  return make_chunk(static_cast<uint32_t>(iterator_argument(args[0]).walk.left_in_chunk()));
}
Ref iterator_value(Args args) { return iterator_element(args[0]); }

constexpr const char* k_core = "clojure.core";
constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_core, "seq", seq_of, 1, 1, k_borrow_all, "([coll])",
     "The elements of coll as a sequence; nil when there are none. Takes collections, strings and nil."},
    {k_core, "first", first_of, 1, 1, k_borrow_all, "([coll])",
     "The first element, or nil when there is none."},
    {k_core, "rest", rest_of, 1, 1, k_own_all, "([coll])",
     "What follows the first element; () when nothing does."},
    {k_core, "next", next_of, 1, 1, k_own_all, "([coll])",
     "What follows the first element; nil when nothing does."},
    {k_core, "second", second, 1, 1, k_own_all, "([coll])", "The second element, or nil."},
    {k_core, "ffirst", ffirst, 1, 1, k_borrow_all, "([coll])", "The first element of the first element."},
    {k_core, "fnext", second, 1, 1, k_own_all, "([coll])",
     "The first element of what follows the first: the second."},
    {k_core, "nnext", nnext, 1, 1, k_own_all, "([coll])",
     "What follows the second element; nil when nothing does."},
    {k_core, "last", last, 1, 1, k_own_all, "([coll])",
     "The last element, or nil. A sequence is walked to its end."},
    {k_core, "cons", cons_of, 2, 2, k_own_all, "([x seq])",
     "The sequence of x and then the elements of seq."},
    {k_core, "list*", list_star, 1, k_variadic, k_borrow_all, "([args] [a args] [a b args] [a b c & more])",
     "The sequence of the arguments, the last of which is itself a sequence of the remaining elements."},
    {k_core, "keys", keys_of, 1, 1, k_borrow_all, "([map])",
     "The map's keys in its order; nil when it is empty."},
    {k_core, "vals", vals_of, 1, 1, k_borrow_all, "([map])",
     "The map's values in its order; nil when it is empty."},
    {k_core, "rseq", rseq, 1, 1, k_borrow_all, "([coll])",
     "The vector's elements from the last to the first, without a copy; nil when it is empty."},
    {k_core, "reverse", reverse, 1, 1, k_own_all, "([coll])",
     "A list of the elements from the last to the first."},
    {k_core, "range", range, 0, 3, k_borrow_all, "([] [end] [start end] [start end step])",
     "Numbers from start (0) by step (1) up to, but not with, end; without an end they never stop. Made as "
     "they are asked for."},
    {k_core, "seq?", seq_p, 1, 1, k_borrow_all, "([x])",
     "True if x is a sequence (a vector or map is not one itself)."},
    {k_core, "seqable?", seqable_p, 1, 1, k_borrow_all, "([x])", "True if `seq` takes x."},
    {k_core, "empty?", empty_p, 1, 1, k_borrow_all, "([coll])", "True if coll has no elements."},
    {k_core, "chunked-seq?", chunked_p, 1, 1, k_borrow_all, "([x])",
     "True if x is a sequence that hands out its elements in chunks."},
    {k_core, "chunk-first", first_chunk, 1, 1, k_borrow_all, "([s])",
     "The first chunk of a chunked sequence."},
    {k_core, "chunk-rest", rest_of_chunks, 1, 1, k_borrow_all, "([s])",
     "What follows the first chunk; () when nothing does."},
    {k_core, "chunk-next", next_of_chunks, 1, 1, k_borrow_all, "([s])",
     "What follows the first chunk; nil when nothing does."},
    {k_core, "chunk-cons", cons_chunk, 2, 2, k_own_all, "([chunk rest])",
     "The sequence of the chunk's elements and then those of rest."},
    {k_core, "chunk-buffer", chunk_buffer, 1, 1, k_borrow_all, "([capacity])",
     "An empty chunk to be filled by `chunk-append`."},
    {k_core, "chunk-append", chunk_append, 2, 2, borrow(0), "([buffer x])",
     "Puts x at the end of a chunk that is being filled."},
    {k_core, "chunk", chunk_of, 1, 1, k_own_all, "([buffer])", "The chunk that has been filled."},
    {k_core, "reduced", reduced, 1, 1, k_own_all, "([x])", "x, as a result that ends a reduction at once."},
    {k_core, "reduced?", reduced_p, 1, 1, k_borrow_all, "([x])",
     "True if x is a result that ends a reduction."},
    {k_core, "unreduced", unreduced, 1, 1, k_own_all, "([x])",
     "The value inside a `reduced`; anything else as it is."},
    {k_internal, "lazy-seq*", lazy_seq, 1, 1, k_own_all, "([f])",
     "The sequence that f makes when it is first looked at."},
    {k_internal, "iterator", iterator, 1, 1, k_own_all, "([coll])",
     "A walk over anything seqable, standing before the first element. It is mutable: for use in one place."},
    {k_internal, "chunk-iterator", iterator_of_chunk, 1, 1, k_borrow_all, "([s])",
     "A walk over the first chunk of a chunked sequence."},
    {k_internal, "buffer-for", buffer_for, 1, 1, k_borrow_all, "([it])",
     "An empty chunk that can hold what the walk, over a chunk, has before it."},
    {k_internal, "iterator-step!", iterator_step, 1, 1, k_borrow_all, "([it])",
     "Moves to the next element; false when there is none."},
    {k_internal, "iterator-value", iterator_value, 1, 1, k_borrow_all, "([it])",
     "The element that the walk stands at."},
};

}  // namespace

extern const NativeModule k_natives_sequences;
const NativeModule k_natives_sequences = {"sequences", k_defs};

}  // namespace reops::lang
