#include <cmath>
#include <cstddef>
#include <limits>

#include "lang/collection/seq.hpp"
#include "lang/collection/sequential.hpp"
#include "lang/collection/views.hpp"
#include "lang/value/number.hpp"

namespace reops::lang {
namespace {

Range* make(int64_t next, int64_t step, uint64_t left) {
  Range* r = allocate<Range>();
  r->pad[0] = r->pad[1] = 0;
  r->next = next;
  r->step = step;
  r->left = left;
  r->value = r->end = r->stride = r->meta = Value::nil();
  return r;
}

// For numbers that are not 64-bit integers. `value` is the first.
Ref make_general(Ref value, Value end, Value stride) {
  Range* r = make(0, 0, Range::k_endless);
  r->value = value.take();
  r->end = Ref(end).take();
  r->stride = Ref(stride).take();
  return Ref::adopt(r);
}

bool is_past(Value value, Value end, Value stride) {
  if (is_positive(stride)) return !number_less(value, end);
  if (is_negative(stride)) return !number_less(end, value);
  return number_equivalent(value, end);
}

// Adding stays within what unsigned arithmetic wraps: the elements themselves never leave 64 bits.
int64_t moved(int64_t from, int64_t step, uint64_t times) {
  return static_cast<int64_t>(static_cast<uint64_t>(from) + static_cast<uint64_t>(step) * times);
}

uint64_t steps_between(int64_t start, int64_t end, int64_t step) {
  if (step > 0 ? start >= end : start <= end) return 0;
  if (step == 0) return Range::k_endless;
  uint64_t distance = step > 0 ? static_cast<uint64_t>(end) - static_cast<uint64_t>(start)
                               : static_cast<uint64_t>(start) - static_cast<uint64_t>(end);
  uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
  return (distance - 1) / stride + 1;
}

}  // namespace

const KindInfo k_info_Range = {.name = "Range",
                               .slots_at = offsetof(Range, value),
                               .slots = 4,
                               .hash = hash_sequential,
                               .equal = equal_sequential};

Ref make_int_range(int64_t start, int64_t end, int64_t step) {
  if (step == 0 && start == end) return Ref(empty_list());
  uint64_t left = step == 0 ? Range::k_endless : steps_between(start, end, step);
  return left ? Ref::adopt(make(start, step, left)) : Ref(empty_list());
}

Ref make_endless_range(int64_t start, int64_t step) {
  return Ref::adopt(make(start, step, Range::k_endless));
}

Ref make_range(Value start, Value end, Value step) {
  if (is_int(start) && is_int(step)) {
    if (is_int(end)) return make_int_range(as_int(start), as_int(end), as_int(step));
    // (range 1e6) counts in integers: only the end is a double. Beyond 2^53 doubles leave integers out.
    constexpr double k_exact = 9007199254740992.0;
    if (const Double* limit = try_as<Double>(end); limit && std::abs(limit->value) < k_exact) {
      double whole = as_int(step) < 0 ? std::floor(limit->value) : std::ceil(limit->value);
      return make_int_range(as_int(start), static_cast<int64_t>(whole), as_int(step));
    }
  }
  if (is_past(start, end, step)) return Ref(empty_list());
  return make_general(Ref(start), end, step);
}

Ref range_at(const Range& r, uint64_t index) { return integer(moved(r.next, r.step, index)); }

Ref range_from(const Range& r, uint64_t skipped) {
  if (r.left == Range::k_endless) return Ref::adopt(make(moved(r.next, r.step, skipped), r.step, r.left));
  if (skipped >= r.left) return nil();
  return Ref::adopt(make(moved(r.next, r.step, skipped), r.step, r.left - skipped));
}

Ref range_next(Ref range) {
  Range& r = as<Range>(range);
  if (!r.value.is_nil()) {
    Ref value = add(r.value, r.stride);
    if (is_past(value, r.end, r.stride)) return nil();
    if (!is_unique(range)) return make_general(std::move(value), r.end, r.stride);
    release(std::exchange(r.value, value.take()));
  } else {
    if (!is_unique(range)) return range_from(r, 1);
    if (r.left == 1) return nil();
    r.next = moved(r.next, r.step, 1);
    if (r.left != Range::k_endless) --r.left;
  }
  release(std::exchange(r.meta, Value::nil()));
  return range;
}

}  // namespace reops::lang
