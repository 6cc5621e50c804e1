// Putting an image to use.

#include <sys/mman.h>

#include <bit>
#include <cstring>
#include <vector>

#include "lang/builtin/natives.hpp"
#include "lang/collection/hash_map.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/image_format.hpp"
#include "lang/value/error.hpp"
#include "lang/value/leaks.hpp"
#include "lang/value/publish.hpp"

namespace reops::lang {
namespace {

using namespace image;

/// What stands behind the heap, read where it lies.
struct Lists {
  std::span<const uint64_t> pointers, externals, natives, rehash;
  std::string_view names;
};

uint64_t lists_size(const Header& h) {
  return (h.pointer_words + h.external_words + h.native_words + h.rehash_words) * sizeof(uint64_t) +
         h.name_bytes;
}

Header checked_header(std::string_view image) {
  Header h = {};
  if (image.size() >= sizeof h) std::memcpy(&h, image.data(), sizeof h);
  if (h.magic != k_magic || h.kinds != static_cast<uint64_t>(Kind::k_count) || h.natives != count_natives())
    throw_illegal_argument("This is no image of this build");
  if (h.heap_end > image.size() || lists_size(h) != image.size() - h.heap_end)
    throw_illegal_argument("The image is cut short");
  return h;
}

Lists lists_at(const char* at, const Header& h) {
  auto take = [&](uint64_t count) {
    std::span<const uint64_t> words(reinterpret_cast<const uint64_t*>(at), count);
    at += words.size_bytes();
    return words;
  };
  Lists lists;
  lists.pointers = take(h.pointer_words);
  lists.externals = take(h.external_words);
  lists.natives = take(h.native_words);
  lists.rehash = take(h.rehash_words);
  lists.names = {at, h.name_bytes};
  return lists;
}

/// Builds the map anew from its entries and puts the result in its place. The object itself stays where it
/// is.
void build_again(HashMap& m) {
  std::vector<Value> entries;
  map_each(Value::object(&m), [&](Value key, Value value) { entries.insert(entries.end(), {key, value}); });
  Ref fresh = make_map(entries);
  publish(fresh);
  immortalize(fresh);
  m.root = as<HashMap>(fresh).root;
  m.hash = 0;
}

/// A heap whose pages can all be written that have to be.
class Heap {
 public:
  Heap(char* base, const Header& header, const Lists& lists) : base_(base), header_(header), lists_(lists) {}

  /// For a heap that does not lie where it was written to lie.
  void move_pointers() {
    uint64_t distance = reinterpret_cast<uint64_t>(base_) - k_base;
    for (size_t i = 0; i < lists_.pointers.size(); ++i) {
      for (uint64_t bits = lists_.pointers[i]; bits != 0; bits &= bits - 1)
        word_at((i * 64 + static_cast<size_t>(std::countr_zero(bits))) * sizeof(uint64_t)) += distance;
    }
  }

  Value settle() {
    for (size_t i = 0; i + 1 < lists_.externals.size(); i += 2) {
      // Immortal, all of them: nobody would count what is held from here.
      word_at(lists_.externals[i]) = external_at(lists_.externals[i + 1]).bits();
    }
    for (uint64_t at : lists_.natives) {
      auto& native = *reinterpret_cast<Native*>(&word_at(at));
      native.fn = native_module(native.module).defs[native.index].fn;
    }
    for (uint64_t at : lists_.rehash) build_again(*reinterpret_cast<HashMap*>(&word_at(at)));
    if (header_.external_root) return external_at(header_.root);
    Value root = Value::from_bits(header_.root);
    if (!root.is_object()) return root;
    return Value::from_bits(reinterpret_cast<uint64_t>(&word_at(header_.root - k_base)));
  }

 private:
  uint64_t& word_at(uint64_t offset) {
    if (offset + sizeof(uint64_t) > header_.heap_end)
      throw_illegal_argument("The image points outside itself");
    return *reinterpret_cast<uint64_t*>(base_ + offset);
  }
  Value external_at(uint64_t offset) {
    if (offset >= lists_.names.size()) throw_illegal_argument("The image points outside itself");
    return find_external(lists_.names.substr(offset, lists_.names.find('\0', offset) - offset));
  }

  char* base_;
  const Header& header_;
  const Lists& lists_;
};

void protect(char* from, uint64_t bytes, int how) {
  if (bytes > 0 && mprotect(from, bytes, how) != 0)
    throw_error(ErrorClass::out_of_memory, "Out of memory: the pages of the image cannot be made writable");
}

/// Moves what is mapped at `from` to where images are written to lie; false if something lies there already.
bool move_to_base(char* from, uint64_t bytes) {
  void* wanted = reinterpret_cast<void*>(k_base);
  void* room = mmap(wanted, bytes, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (room == MAP_FAILED) return false;
  if (room == wanted && mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, wanted) == wanted)
    return true;
  munmap(room, bytes);
  return false;
}

}  // namespace

Value load_image(std::string_view image) {
  Header header = checked_header(image);
  void* range = mmap(nullptr, image.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (range == MAP_FAILED) throw_error(ErrorClass::out_of_memory, "Out of memory: no room for the image");
  char* base = static_cast<char*>(range);
  note_references_in(base, image.size());
  std::memcpy(base, image.data(), image.size());
  Lists lists = lists_at(base + header.heap_end, header);
  Heap heap(base, header, lists);
  heap.move_pointers();
  Value root = heap.settle();
  protect(base, header.cells_at, PROT_READ);
  return root;
}

Value adopt_image(std::span<const char> image) {
  Header header = checked_header({image.data(), image.size()});
  Lists lists = lists_at(image.data() + header.heap_end, header);
  // Mapped privately: what is written is this process's own copy of the page.
  char* base = const_cast<char*>(image.data());
  bool as_written = move_to_base(base, header.heap_end);
  if (as_written) base = reinterpret_cast<char*>(k_base);
  protect(base + header.patched_at, header.heap_end - header.patched_at, PROT_READ | PROT_WRITE);
  Heap heap(base, header, lists);
  if (!as_written) {
    protect(base, header.patched_at, PROT_READ | PROT_WRITE);
    heap.move_pointers();
    protect(base, header.patched_at, PROT_READ);
  }
  Value root = heap.settle();
  protect(base + header.patched_at, header.cells_at - header.patched_at, PROT_READ);
  note_references_in(base, header.heap_end);
  return root;
}

}  // namespace reops::lang
