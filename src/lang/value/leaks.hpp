#pragma once
// What the leak checker of the address sanitizer cannot find out by itself. Nothing in other builds.

#include <cstddef>

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

}  // namespace reops::lang
