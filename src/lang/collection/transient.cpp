#include "lang/collection/transient.hpp"

#include <cstddef>

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"

namespace reops::lang {
namespace {

Transient& as_transient(Value v) {
  if (!is<Transient>(v)) throw_class_cast(v, "a transient");
  return as<Transient>(v);
}

[[noreturn]] void throw_ended() {
  throw_error(ErrorClass::illegal_access, "This transient was used after persistent! had ended it");
}

// Takes the collection out while it is updated, so that the transient's own count of it is the only one and
// the update happens in place; puts back what has become of it, also when the update throws.
class Update {
 public:
  explicit Update(Value transient) : cell_(as_transient(transient)) {
    coll_ = cell_swap(cell_, cell_.collection, Ref::adopt(Value::none()));
    if (coll_.get().is_none()) throw_ended();
  }
  ~Update() { cell_swap(cell_, cell_.collection, std::move(coll_)); }
  Update(const Update&) = delete;
  Update& operator=(const Update&) = delete;

  Ref& coll() { return coll_; }

  void expect(bool right, std::string_view what) {
    if (!right) throw_class_cast(Value::object(&cell_), what);
  }

 private:
  Transient& cell_;
  Ref coll_;
};

}  // namespace

const KindInfo k_info_Transient = {
    .name = "Transient", .slots_at = offsetof(Transient, collection), .slots = 1, .cell = true};

Ref make_transient(Ref coll) {
  if (is_sorted(coll) || (!is<Vector>(coll) && !is_plain_map(coll) && !is_set(coll))) {
    throw_class_cast(coll, "a vector, or a map or set that is not sorted, to make a transient of");
  }
  if (!meta(coll).is_nil()) coll = with_meta(std::move(coll), nil());
  Transient* t = allocate<Transient>();
  t->pad[0] = t->pad[1] = 0;
  t->collection = coll.take();
  return Ref::adopt(t);
}

Value transient_content(Value transient) {
  Value content = as_transient(transient).collection;
  if (content.is_none()) throw_ended();
  return content;
}

Ref persistent(Value transient) {
  Transient& t = as_transient(transient);
  Ref content = cell_swap(t, t.collection, Ref::adopt(Value::none()));
  if (content.get().is_none()) throw_ended();
  return content;
}

void transient_conj(Value transient, Ref item) {
  Update update(transient);
  if (is<Vector>(update.coll())) return vector_push(update.coll(), std::move(item));
  if (is_set(update.coll())) return set_put(update.coll(), std::move(item));
  if (is<MapEntry>(item))
    return map_put(update.coll(), Ref(as<MapEntry>(item).key), Ref(as<MapEntry>(item).value));
  map_conj(update.coll(), item);
}

void transient_assoc(Value transient, Ref key, Ref value) {
  Update update(transient);
  if (is<Vector>(update.coll())) {
    if (!is_int(key)) throw_illegal_argument("A vector's key must be an integer, found " + describe(key));
    return vector_set(update.coll(), static_cast<size_t>(as_int(key)), std::move(value));
  }
  update.expect(is_plain_map(update.coll()), "a transient map or vector");
  map_put(update.coll(), std::move(key), std::move(value));
}

void transient_dissoc(Value transient, Value key) {
  Update update(transient);
  update.expect(is_plain_map(update.coll()), "a transient map");
  map_remove(update.coll(), key);
}

void transient_disj(Value transient, Value item) {
  Update update(transient);
  update.expect(is_set(update.coll()), "a transient set");
  set_remove(update.coll(), item);
}

void transient_pop(Value transient) {
  Update update(transient);
  update.expect(is<Vector>(update.coll()), "a transient vector");
  vector_drop_last(update.coll());
}

}  // namespace reops::lang
