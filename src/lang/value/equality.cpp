#include "lang/value/equality.hpp"

#include <cstring>
#include <utility>

namespace reops::lang {
namespace {

constexpr uint64_t k_multiplier = 0x9fb21c651e98df25u;

uint64_t load_word(const char* p, size_t size) {
  uint64_t word = 0;
  std::memcpy(&word, p, size);
  return word;
}

}  // namespace

uint32_t hash_bytes(const void* data, size_t size) {
  const char* p = static_cast<const char*>(data);
  uint64_t h = 0x2545f4914f6cdd1du ^ size * k_multiplier;
  size_t left = size;
  for (; left >= 8; left -= 8, p += 8) {
    h = (h ^ load_word(p, 8)) * k_multiplier;
    h ^= h >> 29;
  }
  if (left) h = (h ^ load_word(p, left)) * k_multiplier;
  return static_cast<uint32_t>(mix_bits(h));
}

bool slow_equal(Value a, Value b) {
  if (a == b) return true;
  // An immediate may equal an object (1 and 1N), so the kind that is asked is that of whichever is an object.
  if (!a.is_object()) std::swap(a, b);
  if (!a.is_object()) return false;
  auto* content_equal = info(*a.as_object()).equal;
  return content_equal && content_equal(a, b);
}

uint32_t slow_hash(Value v) {
  if (v.is_fixnum()) return hash_int(static_cast<uint64_t>(v.as_fixnum()));
  if (v.is_nil()) return 0;
  if (!v.is_object()) return static_cast<uint32_t>(mix_bits(v.bits()));
  if (auto* content_hash = info(*v.as_object()).hash) return content_hash(v);
  return static_cast<uint32_t>(mix_bits(v.bits()));
}

}  // namespace reops::lang
