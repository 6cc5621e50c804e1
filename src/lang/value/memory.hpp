#pragma once
// Allocation and reference counts.
//
// A count is a plain number until its object is SHARED (publish.hpp), an atomic one after: an uncontended
// atomic pair costs ten times a plain one, and most objects never leave their thread. The variant
// REOPS_ALL_ATOMIC counts every object atomically and changes nothing else, so that a publication somebody
// forgot shows up as a difference between the two builds.

#include <atomic>
#include <cstddef>

#include "lang/value/object.hpp"

namespace reops::lang {

/// A new object of `bytes` bytes, count 1, unshared; everything after the header is uninitialised, and the
/// caller fills all slots before anything can see the object. Throws out-of-memory (error.hpp) past the
/// memory limit.
Object* allocate(Kind kind, size_t bytes);

/// Typed allocation; `extra` bytes follow the struct (a flexible run of slots or characters).
template <class T>
T* allocate(size_t extra = 0) {
  return static_cast<T*>(allocate(T::k_kind, sizeof(T) + extra));
}

/// Frees `o`, whose count has reached zero, and all that it alone kept alive. Iterative: depth costs no
/// stack.
void destroy(Object* o);

/// To be called before a second thread begins: what a thread's memory costs at least is settled here.
void prepare_memory();

/// Bytes this process may use before allocation fails with an error; 0 means no limit. Default: half the
/// machine's.
void set_memory_limit(size_t bytes);
size_t memory_limit();

/// Throws out-of-memory when a request of `bytes` more would pass the limit: asked before building something
/// whose size is known beforehand (big numbers, repeated strings).
void check_memory(size_t bytes);

/// check_memory for something that grows piece by piece: asked after every piece, it looks once a megabyte.
class GrowthCheck {
 public:
  void grown_to(size_t bytes) {
    if (bytes < next_) return;
    check_memory(bytes);
    next_ = bytes + (size_t{1} << 20);
  }

 private:
  size_t next_ = size_t{1} << 20;
};

/// True once after allocation has run past the limit; the interpreter asks at polls and raises the error
/// there.
bool take_memory_exhausted();

inline void retain(Object* o) {
#if REOPS_ALL_ATOMIC
  if (!(o->flags & k_immortal)) std::atomic_ref(o->count).fetch_add(1, std::memory_order_relaxed);
#else
  if (o->flags & (k_shared | k_immortal)) [[unlikely]] {
    if (!(o->flags & k_immortal)) std::atomic_ref(o->count).fetch_add(1, std::memory_order_relaxed);
  } else {
    ++o->count;
  }
#endif
}

/// Takes one from the count; true when it was the last and the object must be destroyed.
inline bool drop_count(Object* o) {
#if REOPS_ALL_ATOMIC
  return !(o->flags & k_immortal) && std::atomic_ref(o->count).fetch_sub(1, std::memory_order_acq_rel) == 1;
#else
  if (o->flags & (k_shared | k_immortal)) [[unlikely]] {
    return !(o->flags & k_immortal) && std::atomic_ref(o->count).fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  return --o->count == 0;
#endif
}

inline void release(Object* o) {
  if (drop_count(o)) destroy(o);
}

inline void retain(Value v) {
  if (v.is_object()) retain(v.as_object());
}
inline void release(Value v) {
  if (v.is_object()) release(v.as_object());
}

/// May be written in place: nobody else holds it, and no other thread ever could.
/// (Atomically, or the compiler reads flags and count as one word, which races with the counting of shared
/// ones.)
inline bool is_unique(const Object* o) {
  return !(o->flags & (k_shared | k_immortal)) &&
         std::atomic_ref(const_cast<uint32_t&>(o->count)).load(std::memory_order_relaxed) == 1;
}
inline bool is_unique(Value v) { return v.is_object() && is_unique(v.as_object()); }

}  // namespace reops::lang
