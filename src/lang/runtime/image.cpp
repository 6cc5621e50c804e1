#include "lang/runtime/image.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <unordered_map>
#include <vector>

#include "lang/builtin/natives.hpp"
#include "lang/collection/hash_map.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/error.hpp"
#include "lang/value/leaks.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

// Bump when the layout of anything below changes; layouts of objects are covered by the sizes in the header.
constexpr uint64_t k_magic = 0x316d696370656f72;  // "ropicm1"

/// The file: this header, then the sections in the order of their sizes here.
struct Header {
  uint64_t magic;
  uint64_t kinds;      ///< how many kinds the build has
  uint64_t constants;  ///< bytes of objects that never change, a whole number of pages
  uint64_t cells;      ///< bytes of cells
  uint64_t pointers;   ///< slots that point within the image: their offsets
  uint64_t externals;  ///< pairs: slot, offset into `names` of what it means
  uint64_t natives;    ///< offsets of Native objects
  uint64_t rehash;     ///< offsets of HashMap objects to be built again
  uint64_t names;      ///< bytes
  uint64_t root;       ///< the root: bits, or an offset if root_kind says so
  uint64_t root_kind;  ///< 0 bits, 1 within the image, 2 external
};

constexpr uint64_t k_align = 16;
uint64_t aligned(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

size_t object_size(const Object& o) {
  const KindInfo& k = info(o);
  return k.byte_size ? k.byte_size(o) : k.slots_at + slots_of(const_cast<Object&>(o)).size_bytes();
}

/// What is found again by name: one letter for what it is, then the name. Empty for what is copied.
std::string external_name(const Object& o) {
  if (o.kind == Kind::Keyword) return "k" + full_name(Value::object(&o));
  if (o.kind == Kind::Type) {
    const Type& t = static_cast<const Type&>(o);
    if (t.form == Type::host || t.form == Type::error) return "t" + full_name(t.name);
  }
  return {};
}

Value find_external(std::string_view name) {
  std::string_view rest = name.substr(1);
  if (name[0] == 'k') {
    size_t slash = rest.size() > 1 ? rest.find('/') : std::string_view::npos;
    if (slash == std::string_view::npos) return keyword("", rest);
    return keyword(rest.substr(0, slash), rest.substr(slash + 1));
  }
  Value type = resolve_host_class(rest);
  if (type.is_nil())
    throw_illegal_argument("The image names a class that this build does not have: " + std::string(rest));
  return type;
}

bool hashes_by_identity(Value key) { return key.is_object() && !info(*key.as_object()).hash; }

/// Whether the map's layout depends on addresses.
bool laid_out_by_address(const Object& o) {
  if (o.kind != Kind::HashMap) return false;
  bool found = false;
  map_each(Value::object(&o), [&](Value key, Value) { found = found || hashes_by_identity(key); });
  return found;
}

/// What lies among the cells: they, and an expression, which keeps what was compiled of it.
bool is_written_later(const Object& o) { return info(o).cell || o.kind == Kind::Regex; }

class Dumper {
 public:
  explicit Dumper(Value root) : root_(root) {}

  std::string dump() {
    visit(root_);
    while (!pending_.empty()) {
      Object* o = pending_.back();
      pending_.pop_back();
      for (Value slot : slots_of(*o)) visit(slot);
    }
    place();
    for (Object* o : objects_) copy(*o);
    return assemble();
  }

 private:
  struct Place {
    bool cell;
    uint64_t offset;
  };

  void visit(Value v) {
    if (!v.is_object() || v.bits() == 0) return;
    Object* o = v.as_object();
    if (o->kind == Kind::Handle || places_.contains(o) || externals_.contains(o)) return;
    if (o->kind == Kind::Iterator)
      throw_illegal_argument("A walk over a collection that is under way cannot be in an image");
    if (std::string name = external_name(*o); !name.empty()) {
      externals_.emplace(o, names_.size());
      names_ += name;
      names_ += '\0';
      return;
    }
    settle_hash(*o);
    places_.emplace(o, Place{is_written_later(*o), 0});
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

  void place() {
    uint64_t constants = 0, cells = 0;
    for (Object* o : objects_) {
      Place& p = places_.at(o);
      uint64_t& end = p.cell ? cells : constants;
      p.offset = end;
      end += aligned(object_size(*o), k_align);
    }
    header_.constants = aligned(constants, static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
    header_.cells = cells;
    for (auto& [o, p] : places_) {
      if (p.cell) p.offset += header_.constants;
    }
    heap_.resize(header_.constants + header_.cells);
  }

  void copy(Object& o) {
    uint64_t at = places_.at(&o).offset;
    size_t size = object_size(o);
    std::memcpy(heap_.data() + at, &o, size);
    auto& written = *reinterpret_cast<Object*>(heap_.data() + at);
    written.count = 1;
    written.flags = k_immortal | k_shared;
    drop_what_is_outside(written, at);
    if (laid_out_by_address(o)) rehash_.push_back(at);
    std::span<Value> slots = slots_of(o);
    auto first =
        at + static_cast<uint64_t>(reinterpret_cast<char*>(slots.data()) - reinterpret_cast<char*>(&o));
    for (size_t i = 0; i < slots.size(); ++i) write_slot(first + i * sizeof(Value), slots[i]);
  }

  void drop_what_is_outside(Object& o, uint64_t at) {
    if (o.kind == Kind::Regex) static_cast<Regex&>(o).compiled = nullptr;
    if (o.kind == Kind::Native) {
      static_cast<Native&>(o).fn = nullptr;
      natives_.push_back(at);
    }
  }

  void write_slot(uint64_t at, Value v) {
    uint64_t bits = v.bits();
    if (v.is_object() && bits != 0) {
      Object* o = v.as_object();
      if (o->kind == Kind::Handle) {
        bits = Value::nil().bits();
      } else if (auto e = externals_.find(o); e != externals_.end()) {
        external_slots_.insert(external_slots_.end(), {at, e->second});
        bits = Value::nil().bits();
      } else {
        pointers_.push_back(at);
        bits = places_.at(o).offset;
      }
    }
    std::memcpy(heap_.data() + at, &bits, sizeof bits);
  }

  std::string assemble() {
    header_.magic = k_magic;
    header_.kinds = static_cast<uint64_t>(Kind::k_count);
    header_.pointers = pointers_.size();
    header_.externals = external_slots_.size();
    header_.natives = natives_.size();
    header_.rehash = rehash_.size();
    header_.names = names_.size();
    header_.root = root_.bits();
    header_.root_kind = 0;
    if (root_.is_object()) {
      if (auto e = externals_.find(root_.as_object()); e != externals_.end()) {
        header_.root = e->second;
        header_.root_kind = 2;
      } else if (root_.as_object()->kind == Kind::Handle) {
        header_.root = Value::nil().bits();
      } else {
        header_.root = places_.at(root_.as_object()).offset;
        header_.root_kind = 1;
      }
    }
    std::string out(reinterpret_cast<const char*>(&header_), sizeof header_);
    out.append(heap_.data(), heap_.size());
    for (const auto* list : {&pointers_, &external_slots_, &natives_, &rehash_}) {
      out.append(reinterpret_cast<const char*>(list->data()), list->size() * sizeof(uint64_t));
    }
    return out + names_;
  }

  Value root_;
  Header header_ = {};
  std::unordered_map<const Object*, Place> places_;
  std::unordered_map<const Object*, uint64_t> externals_;
  std::vector<Object*> objects_, pending_;
  std::vector<char> heap_;
  std::vector<uint64_t> pointers_, external_slots_, natives_, rehash_;
  std::string names_;
};

/// The lists of an image, read in the order in which they lie.
class Sections {
 public:
  explicit Sections(std::string_view image) : rest_(image) {}

  std::string_view take(uint64_t bytes) {
    if (bytes > rest_.size()) throw_illegal_argument("The image is cut short");
    std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::vector<uint64_t> take_words(uint64_t count) {
    if (count > rest_.size() / sizeof(uint64_t)) throw_illegal_argument("The image is cut short");
    std::vector<uint64_t> words(count);
    std::string_view bytes = take(count * sizeof(uint64_t));
    if (count > 0) std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
  }

 private:
  std::string_view rest_;
};

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

}  // namespace

std::string dump_image(Value root) { return Dumper(root).dump(); }

Value load_image(std::string_view image) {
  Sections sections(image);
  Header h;
  std::memcpy(&h, sections.take(sizeof h).data(), sizeof h);
  if (h.magic != k_magic || h.kinds != static_cast<uint64_t>(Kind::k_count)) {
    throw_illegal_argument("This is no image of this build");
  }
  std::string_view heap = sections.take(h.constants + h.cells);
  auto pointers = sections.take_words(h.pointers);
  auto externals = sections.take_words(h.externals);
  auto natives = sections.take_words(h.natives);
  auto rehash = sections.take_words(h.rehash);
  std::string_view names = sections.take(h.names);

  char* base = nullptr;
  if (!heap.empty()) {
    void* range = mmap(nullptr, heap.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (range == MAP_FAILED) throw_error(ErrorClass::out_of_memory, "Out of memory: no room for the image");
    base = static_cast<char*>(range);
    note_references_in(base, heap.size());
    std::memcpy(base, heap.data(), heap.size());
  }
  auto word_at = [&](uint64_t offset) -> uint64_t& {
    if (offset + sizeof(uint64_t) > heap.size()) throw_illegal_argument("The image points outside itself");
    return *reinterpret_cast<uint64_t*>(base + offset);
  };
  auto external_at = [&](uint64_t offset) {
    if (offset >= names.size()) throw_illegal_argument("The image points outside itself");
    return find_external(names.substr(offset, names.find('\0', offset) - offset));
  };
  for (uint64_t at : pointers) word_at(at) += reinterpret_cast<uint64_t>(base);
  for (size_t i = 0; i + 1 < externals.size(); i += 2)
    word_at(externals[i]) = external_at(externals[i + 1]).bits();
  for (uint64_t at : natives) {
    auto& native = *reinterpret_cast<Native*>(&word_at(at));
    if (native.module >= native_module_count() || native.index >= native_module(native.module).defs.size()) {
      throw_illegal_argument("The image names a native that this build does not have");
    }
    native.fn = native_module(native.module).defs[native.index].fn;
  }
  for (uint64_t at : rehash) build_again(*reinterpret_cast<HashMap*>(&word_at(at)));
  if (h.constants > 0) mprotect(base, h.constants, PROT_READ);
  if (h.root_kind == 0) return Value::from_bits(h.root);
  if (h.root_kind == 2) return external_at(h.root);
  return Value::from_bits(reinterpret_cast<uint64_t>(&word_at(h.root)));
}

}  // namespace reops::lang
