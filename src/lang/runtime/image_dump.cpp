// Writing an image.

#include <cstring>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/hash_map.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/image_format.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/census.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {
namespace {

using namespace image;

size_t object_size(const Object& o) {
  const KindInfo& k = info(o);
  return k.byte_size ? k.byte_size(o) : k.slots_at + slots_of(const_cast<Object&>(o)).size_bytes();
}

/// What collections are made of: hashed as a part of them only.
bool is_part(Kind kind) {
  switch (kind) {
    case Kind::VectorNode:
    case Kind::Chunk:
    case Kind::HashNode:
    case Kind::CollisionNode:
    case Kind::SortedNode:
      return true;
    default:
      return false;
  }
}

/// Where the object keeps its hash once it is known; null if it does not.
uint32_t* kept_hash_of(Object& o) {
  switch (o.kind) {
    case Kind::List:
      return &static_cast<List&>(o).hash;
    case Kind::Cons:
      return &static_cast<Cons&>(o).hash;
    case Kind::ChunkedCons:
      return &static_cast<ChunkedCons&>(o).hash;
    case Kind::LazySeq:
      return &static_cast<LazySeq&>(o).hash;
    case Kind::Vector:
      return &static_cast<Vector&>(o).hash;
    case Kind::SubVector:
      return &static_cast<SubVector&>(o).hash;
    case Kind::ArrayMap:
      return &static_cast<ArrayMap&>(o).hash;
    case Kind::HashMap:
      return &static_cast<HashMap&>(o).hash;
    case Kind::SortedMap:
      return &static_cast<SortedMap&>(o).hash;
    case Kind::Set:
    case Kind::SortedSet:
      return &static_cast<Set&>(o).hash;
    case Kind::Record:
      return &static_cast<Record&>(o).hash;
    default:
      return nullptr;
  }
}

/// Whose hash is another one when it lies at another address: what hashes by identity, and whatever holds
/// such a thing. Metadata is taken for content, which does no harm.
class MovingHashes {
 public:
  bool contain(Value v) {
    if (!v.is_object() || v.bits() == 0) return false;
    Object& o = *v.as_object();
    if (!info(o).hash && !is_part(o.kind)) return true;
    // What hashes by its name does not look at what it holds besides.
    if (!kept_hash_of(o) && !is_part(o.kind) && o.kind != Kind::MapEntry && o.kind != Kind::Range)
      return false;
    check_stack();
    auto [known, fresh] = known_.try_emplace(&o, false);
    if (!fresh) return known->second;
    bool moves = o.kind == Kind::Record && !is_record(v);
    for (Value slot : slots_of(o)) moves = moves || contain(slot);
    return known_[&o] = moves;
  }

 private:
  std::unordered_map<const Object*, bool> known_;
};

class Dumper {
 public:
  Dumper(Value root, ImageScope scope, bool trees) : root_(root), scope_(scope), trees_(trees) {}

  std::string dump() {
    visit(root_);
    visit_reachable();
    shelving_ = false;
    for (Value v : shelf_) visit(v);
    visit_reachable();
    place();
    for (Object* o : objects_) copy(*o);
    return assemble();
  }

 private:
  enum Section : uint8_t { constants, patched, cells, k_sections };
  struct Place {
    Section section;
    uint64_t offset;
  };

  void visit_reachable() {
    while (!pending_.empty()) {
      Object* o = pending_.back();
      pending_.pop_back();
      bool shelve = shelving_ && metas_.contains(o);
      for (Value slot : slots_of(*o)) {
        if (shelve) {
          shelf_.push_back(slot);
        } else {
          visit(slot);
        }
      }
      if (o->kind == Kind::Var && static_cast<Var*>(o)->meta.is_object())
        metas_.insert(static_cast<Var*>(o)->meta.as_object());
    }
  }

  void visit(Value v) {
    if (!v.is_object() || v.bits() == 0) return;
    Object* o = v.as_object();
    if (places_.contains(o) || externals_.contains(o)) return;
    if (o->kind == Kind::Node && (shelving_ || !trees_)) {
      if (trees_) shelf_.push_back(v);
      return;
    }
    if (std::string name = external_name(*o, scope_); !name.empty()) {
      externals_.emplace(o, names_.size());
      names_ += name;
      names_ += '\0';
      return;
    }
    if (info(*o).in_image == InImage::left_behind) return;
    if (info(*o).in_image == InImage::refused)
      throw_illegal_argument("Something of the kind " + std::string(info(*o).name) +
                             ", which is under way, cannot be in an image");
    settle_hash(*o);
    places_.emplace(o, Place{});
    objects_.push_back(o);
    pending_.push_back(o);
  }

  /// Hashes are kept in objects when first asked for, and constants cannot be written once loaded.
  void settle_hash(Object& o) {
    const KindInfo& k = info(o);
    if (!k.hash || k.cell) return;
    try {
      k.hash(Value::object(&o));
    } catch (const Thrown&) {
      // Contains something that cannot be hashed (a lazy sequence that throws): asking it again throws again.
    }
  }

  bool forgets_its_hash(Object& o) { return kept_hash_of(o) && moving_.contain(Value::object(&o)); }

  /// Whether the map's layout depends on addresses.
  bool laid_out_by_address(const Object& o) {
    bool found = false;
    if (o.kind == Kind::HashMap)
      map_each(Value::object(&o), [&](Value key, Value) { found = found || moving_.contain(key); });
    return found;
  }

  Section section_of(Object& o) {
    if (info(o).cell || info(o).forget_outside || forgets_its_hash(o)) return cells;
    if (o.kind == Kind::Native) return patched;
    for (Value slot : slots_of(o)) {
      if (slot.is_object() && slot.bits() != 0 && externals_.contains(slot.as_object())) return patched;
    }
    return constants;
  }

  void place() {
    uint64_t ends[k_sections] = {aligned(sizeof(Header), k_align), 0, 0};
    for (Object* o : objects_) {
      Place& p = places_.at(o);
      p.section = section_of(*o);
      p.offset = ends[p.section];
      ends[p.section] += aligned(object_size(*o), k_align);
    }
    header_.patched_at = aligned(ends[constants], k_page);
    header_.cells_at = header_.patched_at + aligned(ends[patched], k_page);
    header_.heap_end = header_.cells_at + aligned(ends[cells], k_page);
    const uint64_t starts[k_sections] = {0, header_.patched_at, header_.cells_at};
    for (auto& [o, p] : places_) p.offset += starts[p.section];
    heap_.resize(header_.heap_end);
    pointers_.resize(header_.heap_end / sizeof(uint64_t) / 64);
  }

  void copy(Object& o) {
    uint64_t at = places_.at(&o).offset;
    std::memcpy(heap_.data() + at, &o, object_size(o));
    auto& written = *reinterpret_cast<Object*>(heap_.data() + at);
    written.count = 1;
    written.flags = k_immortal | k_shared;
    if (info(o).cell) written.aux &= static_cast<uint8_t>(~(k_cell_lock | k_cell_noted));
    if (info(o).forget_outside) info(o).forget_outside(written);
    if (forgets_its_hash(o)) *kept_hash_of(written) = 0;
    if (o.kind == Kind::Native) {
      static_cast<Native&>(written).fn = nullptr;
      natives_.push_back(at);
    }
    if (laid_out_by_address(o)) rehash_.push_back(at);
    std::span<Value> slots = slots_of(o);
    auto first =
        at + static_cast<uint64_t>(reinterpret_cast<char*>(slots.data()) - reinterpret_cast<char*>(&o));
    for (size_t i = 0; i < slots.size(); ++i) {
      uint64_t bits = word_for(slots[i], first + i * sizeof(Value));
      std::memcpy(heap_.data() + first + i * sizeof(Value), &bits, sizeof bits);
    }
  }

  /// The word that stands for `v` in the slot at offset `at`, which is noted where it has to be adjusted.
  uint64_t word_for(Value v, uint64_t at) {
    if (!v.is_object() || v.bits() == 0) return v.bits();
    Object* o = v.as_object();
    if (auto e = externals_.find(o); e != externals_.end()) {
      external_slots_.insert(external_slots_.end(), {at, e->second});
      return Value::nil().bits();
    }
    auto p = places_.find(o);
    if (p == places_.end()) return Value::nil().bits();
    uint64_t word = at / sizeof(uint64_t);
    pointers_[word / 64] |= uint64_t{1} << word % 64;
    return k_base + p->second.offset;
  }

  void set_root() {
    header_.root = root_.bits();
    if (!root_.is_object()) return;
    if (auto e = externals_.find(root_.as_object()); e != externals_.end()) {
      header_.root = e->second;
      header_.external_root = 1;
    } else if (auto p = places_.find(root_.as_object()); p != places_.end()) {
      header_.root = k_base + p->second.offset;
    } else {
      header_.root = Value::nil().bits();
    }
  }

  std::string assemble() {
    header_.magic = k_magic;
    header_.kinds = static_cast<uint64_t>(Kind::k_count);
    header_.natives = count_natives();
    header_.pointer_words = pointers_.size();
    header_.external_words = external_slots_.size();
    header_.native_words = natives_.size();
    header_.rehash_words = rehash_.size();
    header_.name_bytes = names_.size();
    set_root();
    std::memcpy(heap_.data(), &header_, sizeof header_);
    std::string out(heap_.data(), heap_.size());
    for (const auto* list : {&pointers_, &external_slots_, &natives_, &rehash_}) {
      out.append(reinterpret_cast<const char*>(list->data()), list->size() * sizeof(uint64_t));
    }
    return out + names_;
  }

  Value root_;
  ImageScope scope_;
  bool trees_;
  Header header_ = {};
  MovingHashes moving_;
  std::unordered_map<const Object*, Place> places_;
  std::unordered_map<const Object*, uint64_t> externals_;
  std::vector<Object*> objects_, pending_;
  // What a program that merely runs does not look at (resolved trees, docstrings and arglists of vars) is put
  // behind all else, so that it shares no page with what it does.
  bool shelving_ = true;
  std::vector<Value> shelf_;
  std::unordered_set<const Object*> metas_;  ///< of vars
  std::vector<char> heap_;
  std::vector<uint64_t> pointers_, external_slots_, natives_, rehash_;
  std::string names_;
};

}  // namespace

std::string dump_image(Value root, ImageScope scope, bool trees) { return Dumper(root, scope, trees).dump(); }

}  // namespace reops::lang
