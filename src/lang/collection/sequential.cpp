#include "lang/collection/sequential.hpp"

#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

// How many elements there are, for kinds that know; -1 for those that do not.
int64_t known_count(Value v) {
  switch (v.as_object()->kind) {
    case Kind::Vector:
    case Kind::SubVector:
    case Kind::MapEntry:
      return static_cast<int64_t>(vector_count(v));
    case Kind::List:
      return as<List>(v).count;
    case Kind::EmptyList:
      return 0;
    default:
      return -1;
  }
}

}  // namespace

bool equal_sequential(Value a, Value b) {
  if (!is_sequential(b)) return false;
  int64_t count_a = known_count(a), count_b = known_count(b);
  if (count_a >= 0 && count_b >= 0 && count_a != count_b) return false;
  check_stack();
  SeqIterator x(a), y(b);
  for (; x.more() && y.more(); x.step(), y.step()) {
    if (!equal(x.value(), y.value())) return false;
  }
  return x.more() == y.more();
}

uint32_t hash_sequential(Value v) {
  check_stack();
  OrderedHash h;
  for (SeqIterator it(v); it.more(); it.step()) h.add(hash(it.value()));
  return h.finish();
}

}  // namespace reops::lang
