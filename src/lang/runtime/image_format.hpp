#pragma once
// How an image is laid out, for what writes and what reads it (docs/image.md).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lang/runtime/image.hpp"

namespace reops::lang::image {

/// Bump when the layout of anything here changes.
inline constexpr uint64_t k_magic = 0x326d696370656f72;  // "ropicm2"

/// Sections that are protected differently begin at multiples of this, the largest page a Linux machine has.
inline constexpr uint64_t k_page = 65536;
inline constexpr uint64_t k_align = 16;

/// Where an image is written to lie: low enough for every address space (39 bits on small ARM machines, what
/// the thread sanitizer leaves to programs), away from where programs, libraries and stacks are put.
inline constexpr uint64_t k_base = 0x10'0000'0000;

constexpr uint64_t aligned(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

/// The first bytes of an image. The heap follows, from this header's own address on, in three sections; after
/// it come the lists, each `k_align`ed, in the order of their sizes here.
struct Header {
  uint64_t magic;
  uint64_t kinds;    ///< how many kinds the build has
  uint64_t natives;  ///< how many natives

  uint64_t patched_at;  ///< constants lie before: what nobody ever writes
  uint64_t cells_at;    ///< then what is written once, while it is loaded; from here on what may always be
  uint64_t heap_end;

  uint64_t pointer_words;   ///< of a bitmap: which words of the heap point into the heap
  uint64_t external_words;  ///< pairs: offset of a slot, offset in the names of what it means
  uint64_t native_words;    ///< offsets of Native objects
  uint64_t rehash_words;    ///< offsets of HashMap objects to be built again
  uint64_t name_bytes;

  uint64_t root;  ///< bits; offset in the names if `external_root`
  uint64_t external_root;
};

/// How many natives are installed, which is what tells builds of one version apart.
uint64_t count_natives();

/// What is not copied into an image of that scope but found again by name where it is loaded: one letter for
/// what it is, then the name. Empty for what is copied.
std::string external_name(const Object& o, ImageScope scope);
Value find_external(std::string_view name);

}  // namespace reops::lang::image
