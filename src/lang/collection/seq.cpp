#include "lang/collection/seq.hpp"

#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/runtime/host.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

[[noreturn]] void throw_no_seq(Value v) {
  throw_illegal_argument("Cannot make a sequence of " + describe(v) +
                         ": expected a collection, a sequence, a string or nil");
}

Ref bytes_seq(Value bytes) {
  Ref v(empty_vector());
  for (char c : as<ByteString>(bytes).view())
    vector_push(v, Ref::adopt(Value::fixnum(static_cast<signed char>(c))));
  return vector_seq(v);
}

Ref map_part(Value map, MapPart part) {
  if (map.is_nil()) return nil();
  if (is_plain_map(map)) return map_seq(map, part);
  // A record, or a sequence of entries.
  Ref parts(empty_vector());
  for (SeqIterator it(map); it.more(); it.step()) {
    Value entry = it.value();
    if (!is<MapEntry>(entry)) throw_class_cast(entry, "a map entry");
    vector_push(parts, Ref(part == MapPart::keys ? as<MapEntry>(entry).key : as<MapEntry>(entry).value));
  }
  return vector_seq(parts);
}

Ref or_empty(Ref s) { return s.is_nil() ? Ref(empty_list()) : s; }

// What follows the first of a ChunkedCons when that is in the same chunk; none() when it is not.
Ref next_in_chunk(Ref s) {
  ChunkedCons& c = as<ChunkedCons>(s);
  if (c.offset + 1 >= chunk_items(c.chunk).size()) return Ref::adopt(Value::none());
  if (!is_unique(s)) {
    Ref fresh = chunk_cons(Ref(c.chunk), Ref(c.rest));
    as<ChunkedCons>(fresh).offset = c.offset + 1;
    return fresh;
  }
  ++c.offset;
  c.hash = 0;
  release(std::exchange(c.meta, Value::nil()));
  return s;
}

// Slot `rest` of a sequence that is given up: moved out when nobody else holds it.
Ref take_rest(Ref s, Value& rest) {
  return is_unique(s) ? Ref::adopt(std::exchange(rest, Value::nil())) : Ref(rest);
}

// seq() of what a sequence led on to, letting go of it.
Ref seq_of_rest(Ref rest) {
  if (is<LazySeq>(rest) || !is_seq(rest)) return seq(rest);
  return is<EmptyList>(rest) ? nil() : rest;
}

// What the methods of a program's own sequence say; none() for all else.
Ref own_first(Value s) {
  return implements(s, Interface::i_seq) ? own_answer(s, "first") : Ref(Value::none());
}
Ref own_next(Value s) {
  if (!implements(s, Interface::i_seq)) return Ref(Value::none());
  Ref next = own_answer(s, "next");
  return next.get().is_none() ? next : seq(next);
}

// The elements that an iterator of the host's kind has left, an object with hasNext and next.
Ref seq_of_iterator(Value iterator) {
  Ref elements(empty_vector());
  while (host_call("hasNext", iterator, {}).truthy()) {
    vector_push(elements, host_call("next", iterator, {}));
    poll();
  }
  return vector_seq(elements);
}

Ref lazy_content(Ref s) {
  LazySeq& lazy = as<LazySeq>(s);
  realise(lazy);
  return Ref(lazy.seq);
}

}  // namespace

bool is_seq(Value v) {
  if (!v.is_object()) return false;
  Kind kind = v.as_object()->kind;
  if (kind == Kind::Record) return implements(v, Interface::i_seq);
  return kind >= Kind::List && kind <= Kind::ReverseSeq && kind != Kind::Chunk;
}

bool is_sequential(Value v) { return is_seq(v) || is_vector(v) || implements(v, Interface::sequential); }

bool is_seqable(Value v) {
  if (v.is_nil() || is_sequential(v) || is_plain_map(v)) return true;
  if (is<Record>(v))
    return is_record(v) || implements(v, Interface::seqable) || implements(v, Interface::iterable);
  return is_set(v) || is<String>(v) || is<ByteString>(v);
}

Ref seq(Value coll) {
  if (coll.is_nil()) return nil();
  if (!coll.is_object()) throw_no_seq(coll);
  switch (coll.as_object()->kind) {
    case Kind::List:
    case Kind::Cons:
    case Kind::ChunkedCons:
    case Kind::Range:
    case Kind::VectorSeq:
    case Kind::MapSeq:
    case Kind::StringSeq:
    case Kind::SortedSeq:
    case Kind::ReverseSeq:
      return Ref(coll);
    case Kind::EmptyList:
      return nil();
    case Kind::LazySeq:
      return lazy_content(Ref(coll));
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry:
      return vector_seq(coll);
    case Kind::ArrayMap:
    case Kind::HashMap:
    case Kind::SortedMap:
      return map_seq(coll, MapPart::entries);
    case Kind::Set:
    case Kind::SortedSet:
      return map_seq(coll, MapPart::keys);
    case Kind::String:
      return string_seq(coll);
    case Kind::ByteString:
      return bytes_seq(coll);
    case Kind::Record:
      if (is_record(coll)) return record_seq(as<Record>(coll));
      if (Ref own = own_answer(coll, "seq"); !own.get().is_none()) {
        // A sequence of the program's own is its own seq.
        return own.get() == coll ? own : seq(own);
      }
      if (Ref iterator = own_answer(coll, "iterator"); !iterator.get().is_none())
        return seq_of_iterator(iterator);
      [[fallthrough]];
    default:
      throw_no_seq(coll);
  }
}

Ref first(Value coll) {
  if (!coll.is_object()) return coll.is_nil() ? nil() : seq(coll);
  switch (coll.as_object()->kind) {
    case Kind::List:
      return Ref(as<List>(coll).first);
    case Kind::Cons:
      return Ref(as<Cons>(coll).first);
    case Kind::ChunkedCons:
      return Ref(chunk_items(as<ChunkedCons>(coll).chunk)[as<ChunkedCons>(coll).offset]);
    case Kind::EmptyList:
      return nil();
    case Kind::LazySeq: {
      realise(as<LazySeq>(coll));
      // Lent by the lazy sequence, which never changes again.
      return first(as<LazySeq>(coll).seq);
    }
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry: {
      Value item = vector_at(coll, 0);
      return item.is_none() ? nil() : Ref(item);
    }
    default: {
      if (is_view(coll)) return view_first(coll);
      if (Ref own = own_first(coll); !own.get().is_none()) return own;
      Ref s = seq(coll);
      return s.is_nil() ? nil() : first(s);
    }
  }
}

Ref next_consuming(Ref s) {
  if (s.is_nil()) return nil();
  if (is_view(s)) return view_next(std::move(s));
  if (!s.get().is_object()) throw_no_seq(s);
  switch (s.object()->kind) {
    case Kind::List: {
      Ref rest = take_rest(s, as<List>(s).rest);
      return is<List>(rest) ? rest : nil();
    }
    case Kind::Cons: {
      Ref rest = take_rest(s, as<Cons>(s).rest);
      s = nil();
      return seq_of_rest(std::move(rest));
    }
    case Kind::ChunkedCons: {
      if (as<ChunkedCons>(s).offset + 1 < chunk_items(as<ChunkedCons>(s).chunk).size())
        return next_in_chunk(std::move(s));
      Ref rest = take_rest(s, as<ChunkedCons>(s).rest);
      s = nil();
      return seq_of_rest(std::move(rest));
    }
    case Kind::EmptyList:
      return nil();
    case Kind::LazySeq: {
      Ref content = lazy_content(s);
      s = nil();
      return next_consuming(std::move(content));
    }
    default:
      if (Ref own = own_next(s); !own.get().is_none()) return own;
      return next_consuming(seq(s));
  }
}

Ref rest_consuming(Ref s) {
  if (implements(s, Interface::i_seq)) {
    if (Ref own = own_answer(s, "more"); !own.get().is_none()) return own;
  }
  if (is<LazySeq>(s)) {
    Ref content = lazy_content(s);
    s = nil();
    return rest_consuming(std::move(content));
  }
  if (is<Cons>(s)) {
    Ref rest = take_rest(s, as<Cons>(s).rest);
    if (rest.is_nil()) return Ref(empty_list());
    return is_seq(rest) ? rest : or_empty(seq(rest));
  }
  if (is<ChunkedCons>(s)) {
    if (as<ChunkedCons>(s).offset + 1 < chunk_items(as<ChunkedCons>(s).chunk).size())
      return next_in_chunk(std::move(s));
    Ref rest = take_rest(s, as<ChunkedCons>(s).rest);
    if (rest.is_nil()) return Ref(empty_list());
    return is_seq(rest) ? rest : or_empty(seq(rest));
  }
  return or_empty(next_consuming(std::move(s)));
}

Ref next(Value coll) { return next_consuming(Ref(coll)); }
Ref rest(Value coll) { return rest_consuming(Ref(coll)); }

Ref keys(Value map) { return map_part(map, MapPart::keys); }
Ref vals(Value map) { return map_part(map, MapPart::values); }

}  // namespace reops::lang
