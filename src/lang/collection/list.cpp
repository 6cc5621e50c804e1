#include <cstddef>

#include "lang/collection/seq.hpp"
#include "lang/collection/sequential.hpp"
#include "lang/value/equality.hpp"

namespace reops::lang {
namespace {

EmptyList g_first_empty{{1, Kind::EmptyList, k_immortal, 0}, Value::nil()};
EmptyList* g_empty = &g_first_empty;

uint32_t hash_list(Value v) {
  List& l = as<List>(v);
  if (uint32_t h = kept_hash(l.hash)) return h;
  return keep_hash(l.hash, hash_sequential(v));
}
uint32_t hash_cons(Value v) {
  Cons& c = as<Cons>(v);
  if (uint32_t h = kept_hash(c.hash)) return h;
  return keep_hash(c.hash, hash_sequential(v));
}

}  // namespace

const KindInfo k_info_List = {.name = "List",
                              .slots_at = offsetof(List, first),
                              .slots = 3,
                              .hash = hash_list,
                              .equal = equal_sequential};
const KindInfo k_info_EmptyList = {.name = "EmptyList",
                                   .slots_at = offsetof(EmptyList, meta),
                                   .slots = 1,
                                   .hash = hash_sequential,
                                   .equal = equal_sequential};
const KindInfo k_info_Cons = {.name = "Cons",
                              .slots_at = offsetof(Cons, first),
                              .slots = 3,
                              .hash = hash_cons,
                              .equal = equal_sequential};

Value empty_list() { return Value::object(g_empty); }
void adopt_empty_list(Value list) { g_empty = &as<EmptyList>(list); }

Ref list_conj(Ref list, Ref item) {
  bool empty = is<EmptyList>(list);
  List* l = allocate<List>();
  l->count = empty ? 1 : as<List>(list).count + 1;
  l->hash = 0;
  l->first = item.take();
  l->meta = Ref(empty ? as<EmptyList>(list).meta : as<List>(list).meta).take();
  // What ends a list is the empty list without metadata: that belongs to a list as a whole.
  l->rest = empty ? empty_list() : list.take();
  return Ref::adopt(l);
}

Ref make_list(std::span<const Value> items) {
  Ref list(empty_list());
  for (size_t i = items.size(); i-- > 0;) list = list_conj(std::move(list), Ref(items[i]));
  return list;
}
Ref make_list(std::initializer_list<Value> items) {
  return make_list(std::span<const Value>(items.begin(), items.size()));
}

Ref cons(Ref first, Ref rest) {
  Cons* c = allocate<Cons>();
  c->hash = 0;
  c->pad = 0;
  c->first = first.take();
  c->rest = rest.take();
  c->meta = Value::nil();
  return Ref::adopt(c);
}

}  // namespace reops::lang
