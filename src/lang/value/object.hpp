#pragma once
// Heap objects: the common header, and the static table that says how objects of each kind are laid out and
// behave.
//
// Objects are flat: a header, perhaps some raw words, and all values in one contiguous run of slots. Because
// the table says where that run lies, publishing, destroying, counting cycles and dumping an image are one
// loop each, for all kinds, and an image needs nothing but data relocations.

#include <cstdint>
#include <span>

#include "lang/value/value.hpp"

namespace reops::lang {

enum class Kind : uint16_t {
#define KIND(name) name,
#include "lang/value/kinds.def"
#undef KIND
  k_count
};

enum ObjectFlag : uint8_t {
  /// Reachable, perhaps, from more than one thread: counted atomically, never updated in place. Never taken
  /// back.
  k_shared = 1,
  /// Part of the image or an interned name: never counted, never freed.
  k_immortal = 2,
};

struct Object {
  uint32_t count;
  Kind kind;
  uint8_t flags;
  /// For the kind's own use (a cell's lock, a lazy sequence's state, …).
  uint8_t aux;
};
static_assert(sizeof(Object) == 8);

/// What becomes of a kind's objects when the heap is written down as an image (runtime/image.hpp).
enum class InImage : uint8_t {
  copied,
  left_behind,  ///< nil stands where they stood
  refused,      ///< an image that would hold one is not made
};

/// What the runtime knows of a kind. One constant per kind, in static storage.
struct KindInfo {
  const char* name;
  /// Byte offset of the first value slot.
  uint16_t slots_at;
  /// How many slots there are, or k_counted when the uint32_t right after the header says so.
  int16_t slots;
  /// A cell: its slots are written after construction (published on store when the cell itself is shared).
  bool cell = false;
  /// Size of the whole object in bytes; null when nothing follows the slots.
  size_t (*byte_size)(const Object&) = nullptr;
  /// Hash of the content, equal for equal values; null hashes by identity. (Clojure's `hash`: 32 bits.)
  uint32_t (*hash)(Value) = nullptr;
  /// Content equality of Clojure's `=`; the first argument is of this kind, the second of any. Null:
  /// identity.
  bool (*equal)(Value, Value) = nullptr;
  /// Gives back what is not memory of ours (a compiled regex, a file). Runs before the object's memory is
  /// freed.
  void (*finalize)(Object&) = nullptr;
  InImage in_image = InImage::copied;
  /// Makes a copy that goes into an image forget what is not memory of ours. Objects of such a kind may be
  /// written after the image was loaded, as cells may.
  void (*forget_outside)(Object& copy) = nullptr;
};
inline constexpr int16_t k_counted = -1;

#define KIND(name) extern const KindInfo k_info_##name;
#include "lang/value/kinds.def"
#undef KIND

extern const KindInfo* const k_kinds[static_cast<size_t>(Kind::k_count)];

inline const KindInfo& info(Kind kind) { return *k_kinds[static_cast<size_t>(kind)]; }
inline const KindInfo& info(const Object& o) { return info(o.kind); }

/// All values an object holds.
inline std::span<Value> slots_of(Object& o) {
  const KindInfo& k = info(o);
  char* base = reinterpret_cast<char*>(&o);
  size_t n = k.slots == k_counted ? *reinterpret_cast<uint32_t*>(base + sizeof(Object))
                                  : static_cast<size_t>(k.slots);
  return {reinterpret_cast<Value*>(base + k.slots_at), n};
}

inline bool is_kind(Value v, Kind kind) { return v.is_object() && v.as_object()->kind == kind; }

/// Object types name their kind as `T::k_kind`; these are the checked views of a value as one of them.
template <class T>
bool is(Value v) {
  return is_kind(v, T::k_kind);
}
/// Precondition: is<T>(v).
template <class T>
T& as(Value v) {
  return *reinterpret_cast<T*>(v.as_object());
}
template <class T>
T* try_as(Value v) {
  return is<T>(v) ? reinterpret_cast<T*>(v.as_object()) : nullptr;
}

}  // namespace reops::lang
