#pragma once
// The first byte of an item (RFC 8949, section 3), for what reads them.

#include <cstdint>
#include <string_view>

namespace reops::lang::cbor {

enum : uint8_t { k_positive, k_negative, k_bytes, k_text, k_array, k_map, k_tag, k_simple };
constexpr uint8_t k_indefinite = 31;

inline uint64_t big_endian(std::string_view bytes) {
  uint64_t n = 0;
  for (char c : bytes) n = n << 8 | static_cast<uint8_t>(c);
  return n;
}

}  // namespace reops::lang::cbor
