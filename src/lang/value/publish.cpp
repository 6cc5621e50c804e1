#include "lang/value/publish.hpp"

#include <vector>

#include "lang/value/leaks.hpp"
#include "lang/value/object.hpp"

namespace reops::lang {
namespace {

// Marks everything reachable that lacks `flag`. A marked object's content is marked already or on the list,
// so the walk stops there, and cycles through cells end.
void mark_reachable(Value root, uint8_t flag, uint8_t settled) {
  if (!root.is_object() || root.as_object()->flags & settled) return;
  std::vector<Object*> pending;
  auto visit = [&](Value v) {
    if (!v.is_object()) return;
    Object* o = v.as_object();
    if (o->flags & settled) return;
    o->flags = static_cast<uint8_t>(o->flags | flag);
    pending.push_back(o);
  };
  visit(root);
  while (!pending.empty()) {
    Object* o = pending.back();
    pending.pop_back();
    for (Value slot : slots_of(*o)) visit(slot);
  }
}

}  // namespace

void publish(Value v) { mark_reachable(v, k_shared, k_shared | k_immortal); }

void immortalize(Value v) {
  mark_reachable(v, k_immortal, k_immortal);
  if (v.is_object()) expect_never_freed(v.as_object());
}

}  // namespace reops::lang
