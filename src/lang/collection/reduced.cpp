#include "lang/collection/reduced.hpp"

#include <cstddef>

namespace reops::lang {

const KindInfo k_info_Reduced = {.name = "Reduced", .slots_at = offsetof(Reduced, value), .slots = 1};

Ref make_reduced(Ref value) {
  Reduced* r = allocate<Reduced>();
  r->value = value.take();
  return Ref::adopt(r);
}

}  // namespace reops::lang
