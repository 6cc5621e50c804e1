#include "lang/vm/operations.hpp"

#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/iterator.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

// The values of a window as owned by this scope: released when it ends.
class Taken {
 public:
  Taken(Value* window, size_t count) : window_(window), count_(count) {}
  ~Taken() {
    for (size_t i = 0; i < count_; ++i) release(std::exchange(window_[i], Value()));
  }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;

 private:
  Value* window_;
  size_t count_;
};

}  // namespace

void throw_unbound(const Var& var) {
  throw_diagnostic(ErrorClass::illegal_state, "reops/unbound-var",
                   "The var " + var_name(var) + " is declared but has no value yet");
}

Ref nth_value(Value coll, Value index) {
  return nth(coll, index.is_fixnum() ? index.as_fixnum() : to_int(index, "an index"));
}

Ref get_noting_field(Thread& t, Value coll, Value key) {
  if (is_record(coll) && is<Keyword>(key)) {
    // Read before looking, so that a change in between leaves an entry that is void, not one that is wrong.
    uint32_t epoch = dispatch_epoch();
    const Type& type = type_of_record(as<Record>(coll));
    if (int index = record_field_index(type, key); index >= 0)
      t.field_cache(&type, key.as_object()) = {&type, key.as_object(), epoch, static_cast<uint32_t>(index)};
  }
  return get(coll, key);
}

Ref record_field(Value record, uint32_t index) {
  Record* r = try_as<Record>(record);
  if (!r || index + 3 >= r->length) throw_class_cast(record, "a record with that field");
  return Ref(r->fields[index]);
}

Iterator& iterator_argument(Value v) {
  if (!is<Iterator>(v)) throw_class_cast(v, "an iterator");
  return as<Iterator>(v);
}

bool advance_iterator(Iterator& it) {
  bool more = !iterator_next(it).is_none();
  // One that another thread may go on with (it is inside a lazy sequence) must hold nothing that is only this
  // thread's.
  if (it.flags & k_shared) {
    for (Value held : slots_of(it)) publish(held);
  }
  return more;
}

Ref iterator_element(Value iterator) {
  Value v = iterator_argument(iterator).walk.value();
  return v.is_none() ? nil() : Ref(v);
}

void append_to_chunk(Value chunk, Ref item) {
  if (!is<Chunk>(chunk)) throw_class_cast(chunk, "a chunk buffer");
  Chunk& c = as<Chunk>(chunk);
  if (c.length == c.capacity)
    throw_illegal_state("The chunk is full: it was made for " + std::to_string(c.capacity) + " elements");
  if (c.flags & k_shared) publish(item);
  c.items[c.length++] = item.take();
}

Ref make_function(Value proto, Value* captures, size_t count) {
  Function* f = allocate<Function>(count * sizeof(Value));
  f->length = static_cast<uint32_t>(2 + count);
  f->pad = 0;
  f->proto = Ref(proto).take();
  f->meta = Value();
  for (size_t i = 0; i < count; ++i) f->captures[i] = std::exchange(captures[i], Value());
  return Ref::adopt(f);
}

// The last capture of a letfn's function is the vector of the group's prototypes.
Ref make_sibling(const Function& of, size_t index) {
  size_t count = of.length - 2;
  Function* f = allocate<Function>(count * sizeof(Value));
  f->length = of.length;
  f->pad = 0;
  f->meta = Value();
  for (size_t i = 0; i < count; ++i) f->captures[i] = Ref(of.captures[i]).take();
  f->proto = Ref(vector_at(of.captures[count - 1], index)).take();
  return Ref::adopt(f);
}

Ref make_from_window(Kind kind, Value* window, size_t count) {
  Taken taken(window, count);
  std::span<const Value> items{window, count};
  if (kind == Kind::Vector) return make_vector(items);
  if (kind == Kind::Set) return make_set(items);
  return make_map(items);
}

void append_from_window(Value* window, size_t count) {
  Taken taken(window + 1, count);
  Ref coll = Ref::adopt(std::exchange(window[0], Value()));
  if (is_map(coll)) {
    for (size_t i = 1; i < count; i += 2) coll = assoc(std::move(coll), Ref(window[i]), Ref(window[i + 1]));
  } else {
    for (size_t i = 1; i <= count; ++i) coll = conj(std::move(coll), Ref(window[i]));
  }
  window[0] = coll.take();
}

void define_var(Var& var, Value* window) {
  Ref value = Ref::adopt(std::exchange(window[0], Value()));
  Ref meta = Ref::adopt(std::exchange(window[1], Value()));
  set_definition_meta(var, std::move(meta));
  if (!value.get().is_none()) set_root(var, std::move(value));
  window[0] = Ref(Value::object(&var)).take();
}

void throw_value(Ref error) {
  if (!is<Error>(error)) throw_class_cast(error, "an error to throw, such as (ex-info \"message\" {…})");
  throw Thrown(std::move(error));
}

bool catches(Value error, Value type) {
  const Error& e = as<Error>(error);
  const Type& t = as<Type>(type);
  if (e.error_class == ErrorClass::interrupted && t.form == Type::error) {
    return static_cast<ErrorClass>(t.id) == ErrorClass::interrupted;
  }
  return is_instance(type, error);
}

}  // namespace reops::lang
