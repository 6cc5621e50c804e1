#include "secrets/locked_bytes.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace reops::secrets {

LockedBytes::LockedBytes(std::size_t size) : size_(size) {
  // Can be called again and again, by any thread; everything here begins with some memory.
  if (sodium_init() < 0) throw std::bad_alloc();
  bytes_.reset(static_cast<unsigned char*>(sodium_malloc(std::max<std::size_t>(size, 1))));
  if (!bytes_) throw std::bad_alloc();
}

LockedBytes::LockedBytes(std::string_view text) : LockedBytes(text.size()) {
  if (!text.empty()) std::memcpy(bytes_.get(), text.data(), text.size());
}

void LockedBytes::truncate(std::size_t size) {
  if (size >= size_) return;
  sodium_memzero(bytes_.get() + size, size_ - size);
  size_ = size;
}

void LockedBytes::close() { sodium_mprotect_noaccess(bytes_.get()); }
void LockedBytes::open() { sodium_mprotect_readonly(bytes_.get()); }

void LockedBytes::Free::operator()(unsigned char* bytes) const { sodium_free(bytes); }

}  // namespace reops::secrets
