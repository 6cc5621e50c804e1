#include "lang/collection/metadata.hpp"

#include <algorithm>
#include <cstring>

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/error.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/code.hpp"

namespace reops::lang {
namespace {

template <class T>
Value* slot_in(Object& o) {
  return &static_cast<T&>(o).meta;
}

// Where values that `with-meta` copies keep their metadata; null for all others.
Value* value_meta(Object& o) {
  switch (o.kind) {
    case Kind::List:
      return slot_in<List>(o);
    case Kind::EmptyList:
      return slot_in<EmptyList>(o);
    case Kind::Cons:
      return slot_in<Cons>(o);
    case Kind::LazySeq:
      return slot_in<LazySeq>(o);
    case Kind::ChunkedCons:
      return slot_in<ChunkedCons>(o);
    case Kind::Range:
      return slot_in<Range>(o);
    case Kind::VectorSeq:
      return slot_in<VectorSeq>(o);
    case Kind::MapSeq:
      return slot_in<MapSeq>(o);
    case Kind::StringSeq:
      return slot_in<StringSeq>(o);
    case Kind::SortedSeq:
      return slot_in<SortedSeq>(o);
    case Kind::ReverseSeq:
      return slot_in<ReverseSeq>(o);
    case Kind::Vector:
      return slot_in<Vector>(o);
    case Kind::SubVector:
      return slot_in<SubVector>(o);
    case Kind::ArrayMap:
      return slot_in<ArrayMap>(o);
    case Kind::HashMap:
      return slot_in<HashMap>(o);
    case Kind::SortedMap:
      return slot_in<SortedMap>(o);
    case Kind::Set:
    case Kind::SortedSet:
      return slot_in<Set>(o);
    case Kind::Symbol:
      return slot_in<Symbol>(o);
    case Kind::Function:
      return slot_in<Function>(o);
    case Kind::Native:
      return slot_in<Native>(o);
    case Kind::Record:
      return slot_in<Record>(o);
    default:
      return nullptr;
  }
}

// A copy that shares what the original holds. Precondition: the kind owns nothing but its slots.
Object* shallow_copy(Object& o) {
  const KindInfo& k = info(o);
  auto slots = slots_of(o);
  size_t size = k.byte_size ? k.byte_size(o) : k.slots_at + slots.size_bytes();
  Object* copy = allocate(o.kind, size);
  std::memcpy(reinterpret_cast<char*>(copy) + sizeof(Object), reinterpret_cast<char*>(&o) + sizeof(Object),
              size - sizeof(Object));
  // The one kind whose aux byte says something that a copy keeps: there is room for what is in it, no more.
  if (o.kind == Kind::ArrayMap)
    copy->aux = static_cast<uint8_t>(std::min<size_t>(array_map_count(static_cast<ArrayMap&>(o)), 255));
  for (Value v : slots) retain(v);
  return copy;
}

}  // namespace

Value* reference_meta(Object& o) {
  switch (o.kind) {
    case Kind::Atom:
      return slot_in<Atom>(o);
    case Kind::Agent:
      return slot_in<Agent>(o);
    case Kind::Var:
      return slot_in<Var>(o);
    case Kind::Namespace:
      return slot_in<Namespace>(o);
    case Kind::Protocol:
      return slot_in<Protocol>(o);
    case Kind::MultiFn:
      return slot_in<MultiFn>(o);
    case Kind::Type:
      return slot_in<Type>(o);
    default:
      return nullptr;
  }
}

bool carries_meta(Value v) {
  if (!v.is_object() || !value_meta(*v.as_object())) return false;
  // A deftype has metadata if it says how it carries it.
  return !is<Record>(v) || type_of_record(as<Record>(v)).form != Type::deftype;
}

Ref meta(Value v) {
  if (!v.is_object()) return nil();
  Object& o = *v.as_object();
  if (Ref own = own_answer(v, "meta"); !own.get().is_none()) return own;
  if (const Value* slot = value_meta(o)) return Ref(*slot);
  if (const Value* slot = reference_meta(o)) return cell_load(o, *slot);
  return nil();
}

Ref with_meta(Ref v, Ref meta) {
  if (!meta.is_nil() && !is_map(meta)) throw_class_cast(meta, "a map as metadata");
  if (is<MapEntry>(v)) v = plain_vector(std::move(v));
  if (Ref own = own_answer(v, "withMeta", {meta}); !own.get().is_none()) return own;
  if (!carries_meta(v)) {
    throw_class_cast(v, "something that carries metadata (a collection, sequence, symbol or function)");
  }
  if (is<LazySeq>(v)) realise(as<LazySeq>(v));
  if (*value_meta(*v.object()) == meta) return v;
  if (!is_unique(v)) v = Ref::adopt(shallow_copy(*v.object()));
  Ref old = Ref::adopt(std::exchange(*value_meta(*v.object()), meta.take()));
  return v;
}

}  // namespace reops::lang
