#pragma once
// What the leak checker of the address sanitizer cannot find out by itself, and what tests of leaks ask.
// Nothing in other builds.

#include <atomic>
#include <cstddef>

#include "lang/value/object.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define REOPS_CHECKS_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REOPS_CHECKS_LEAKS 1
#endif
#endif

#if REOPS_CHECKS_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

namespace reops::lang {

/// Nothing frees this block of the allocator's, ever, and that is as it should be.
inline void expect_never_freed([[maybe_unused]] const void* block) {
#if REOPS_CHECKS_LEAKS
  __lsan_ignore_object(block);
#endif
}

/// What these bytes point to is in use: they are not the allocator's, so they would not be looked into.
inline void note_references_in([[maybe_unused]] const void* bytes, [[maybe_unused]] size_t size) {
#if REOPS_CHECKS_LEAKS
  __lsan_register_root_region(bytes, size);
#endif
}

/// Takes back note_references_in, before the bytes go away.
inline void forget_references_in([[maybe_unused]] const void* bytes, [[maybe_unused]] size_t size) {
#if REOPS_CHECKS_LEAKS
  __lsan_unregister_root_region(bytes, size);
#endif
}

/// For a process that ends without destroying anything: looks for leaks now, and ends it with an error if
/// there are any.
inline void check_leaks() {
#if REOPS_CHECKS_LEAKS
  __lsan_do_leak_check();
#endif
}

#if REOPS_CHECKS_LEAKS
extern std::atomic<int64_t> g_live_objects[static_cast<size_t>(Kind::k_count)];
#endif

/// Counts the objects of each kind that there are.
inline void count_object([[maybe_unused]] Kind kind, [[maybe_unused]] int change) {
#if REOPS_CHECKS_LEAKS
  g_live_objects[static_cast<size_t>(kind)].fetch_add(change, std::memory_order_relaxed);
#endif
}

}  // namespace reops::lang
