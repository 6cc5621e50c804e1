#include "lang/value/symbol.hpp"

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "lang/value/equality.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

struct NamePair {
  std::string_view ns;  // empty: none
  std::string_view name;
  bool operator==(const NamePair&) const = default;
};

// "a/b" is namespace a and name b; "/" alone, and a slash at either end, split nothing.
NamePair split(std::string_view full) {
  size_t slash = full.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == full.size()) return {{}, full};
  return {full.substr(0, slash), full.substr(slash + 1)};
}

uint32_t hash_names(NamePair n) {
  uint32_t h = hash_bytes(n.name.data(), n.name.size());
  return n.ns.empty() ? h : hash_combine(h, hash_bytes(n.ns.data(), n.ns.size()));
}

struct NamePairHash {
  size_t operator()(const NamePair& n) const { return hash_names(n); }
};

bool is_named(const Keyword& k, NamePair n) {
  return text_of(k.name) == n.name && (k.ns.is_nil() ? std::string_view{} : text_of(k.ns)) == n.ns;
}

// The keywords of this process. They live forever, so the keys may point into their names, and a reader that
// found one needs the lock no longer than for the look-up. Those that came with an image lie in a table of
// their own that is never written, and is asked first.
class KeywordTable {
 public:
  Value intern(NamePair n) {
    if (Value frozen = find_frozen(n); !frozen.is_none()) return frozen;
    {
      std::shared_lock reading(mutex_);
      if (auto found = table_.find(n); found != table_.end()) return found->second;
    }
    Ref made = make(n);
    const Keyword& k = as<Keyword>(made);
    NamePair kept{k.ns.is_nil() ? std::string_view{} : text_of(k.ns), text_of(k.name)};
    std::unique_lock writing(mutex_);
    // Another thread may have been faster: then ours goes again.
    auto [place, inserted] = table_.try_emplace(kept, made.get());
    if (inserted) immortalize(made);
    return place->second;
  }

  Value find(NamePair n) {
    if (Value frozen = find_frozen(n); !frozen.is_none()) return frozen;
    std::shared_lock reading(mutex_);
    auto found = table_.find(n);
    return found == table_.end() ? Value::none() : found->second;
  }

  std::vector<std::string> that_begin(std::string_view prefix) {
    std::vector<std::string> names;
    std::shared_lock reading(mutex_);
    each([&](Value keyword) {
      std::string name = full_name(keyword);
      if (name.starts_with(prefix)) names.push_back(std::move(name));
    });
    return names;
  }

  std::vector<Value> freeze() {
    std::shared_lock reading(mutex_);
    std::vector<Value> slots(std::bit_ceil(2 * (table_.size() + frozen_.size()) + 1), Value::nil());
    each([&](Value keyword) {
      const Keyword& k = as<Keyword>(keyword);
      size_t at = hash_names({k.ns.is_nil() ? std::string_view{} : text_of(k.ns), text_of(k.name)});
      while (!slots[at & (slots.size() - 1)].is_nil()) ++at;
      slots[at & (slots.size() - 1)] = keyword;
    });
    return slots;
  }

  void adopt(std::span<const Value> frozen) {
    std::unique_lock writing(mutex_);
    assert(table_.empty() && "an image comes before the first keyword");
    frozen_ = frozen;
  }

 private:
  template <class Visit>
  void each(Visit&& visit) const {
    for (Value keyword : frozen_) {
      if (!keyword.is_nil()) visit(keyword);
    }
    for (const auto& entry : table_) visit(entry.second);
  }

  Value find_frozen(NamePair n) const {
    if (frozen_.empty()) return Value::none();
    size_t mask = frozen_.size() - 1;
    for (size_t at = hash_names(n) & mask; !frozen_[at].is_nil(); at = (at + 1) & mask) {
      if (is_named(as<Keyword>(frozen_[at]), n)) return frozen_[at];
    }
    return Value::none();
  }

  static Ref make(NamePair n) {
    Ref ns = n.ns.empty() ? nil() : make_string(n.ns);
    Ref name = make_string(n.name);
    Keyword* k = allocate<Keyword>();
    k->hash = hash_names(n) + 0x9e3779b9u;
    k->pad = 0;
    k->ns = ns.take();
    k->name = name.take();
    return Ref::adopt(k);
  }

  std::shared_mutex mutex_;
  std::unordered_map<NamePair, Value, NamePairHash> table_;
  std::span<const Value> frozen_;  ///< open addressing by hash_names; nil where nobody sits
};

KeywordTable& keywords() {
  // Never destroyed: threads that outlive main may still ask.
  static KeywordTable& table = *new KeywordTable;
  return table;
}

Ref make(NamePair n) {
  Ref ns = n.ns.empty() ? nil() : make_string(n.ns);
  Ref name = make_string(n.name);
  Symbol* s = allocate<Symbol>();
  s->hash = hash_names(n);
  s->pad = 0;
  s->ns = ns.take();
  s->name = name.take();
  s->meta = Value::nil();
  return Ref::adopt(s);
}

uint32_t hash_symbol(Value v) { return as<Symbol>(v).hash; }
uint32_t hash_keyword(Value v) { return as<Keyword>(v).hash; }

bool same_text(Value a, Value b) {
  if (a == b) return true;
  return !a.is_nil() && !b.is_nil() && text_of(a) == text_of(b);
}

std::atomic<uint64_t> g_last_id{0};

bool equal_symbol(Value a, Value b) {
  const Symbol* y = try_as<Symbol>(b);
  if (!y) return false;
  const Symbol& x = as<Symbol>(a);
  return x.hash == y->hash && same_text(x.name, y->name) && same_text(x.ns, y->ns);
}

}  // namespace

const KindInfo k_info_Symbol = {.name = "Symbol",
                                .slots_at = offsetof(Symbol, ns),
                                .slots = 3,
                                .hash = hash_symbol,
                                .equal = equal_symbol};

// Interned, so that identity is equality.
const KindInfo k_info_Keyword = {
    .name = "Keyword", .slots_at = offsetof(Keyword, ns), .slots = 2, .hash = hash_keyword};

Ref make_symbol(std::string_view full) { return make(split(full)); }
Ref make_symbol(std::string_view ns, std::string_view name) { return make({ns, name}); }

Ref symbol_with_meta(Value symbol, Ref meta) {
  const Symbol& from = as<Symbol>(symbol);
  Symbol* s = allocate<Symbol>();
  s->hash = from.hash;
  s->pad = 0;
  s->ns = Ref(from.ns).take();
  s->name = Ref(from.name).take();
  s->meta = meta.take();
  return Ref::adopt(s);
}

Value keyword(std::string_view full) { return keywords().intern(split(full)); }
Value keyword(std::string_view ns, std::string_view name) { return keywords().intern({ns, name}); }
Value find_keyword(std::string_view ns, std::string_view name) { return keywords().find({ns, name}); }
std::vector<std::string> keywords_that_begin(std::string_view prefix) {
  return keywords().that_begin(prefix);
}

std::string_view name_of(Value named) {
  return text_of(is<Symbol>(named) ? as<Symbol>(named).name : as<Keyword>(named).name);
}

std::string_view ns_of(Value named) {
  Value ns = is<Symbol>(named) ? as<Symbol>(named).ns : as<Keyword>(named).ns;
  return ns.is_nil() ? std::string_view{} : text_of(ns);
}

bool has_ns(Value named) {
  return !(is<Symbol>(named) ? as<Symbol>(named).ns : as<Keyword>(named).ns).is_nil();
}

std::string full_name(Value named) {
  std::string out;
  if (has_ns(named)) {
    out = ns_of(named);
    out += '/';
  }
  return out += name_of(named);
}

std::vector<Value> keyword_table() { return keywords().freeze(); }
void adopt_keyword_table(std::span<const Value> table) { keywords().adopt(table); }

uint64_t next_id() { return g_last_id.fetch_add(1, std::memory_order_relaxed) + 1; }
void skip_ids(uint64_t last) { g_last_id.store(last, std::memory_order_relaxed); }

bool symbol_is(Value v, std::string_view name) {
  const Symbol* s = try_as<Symbol>(v);
  return s && s->ns.is_nil() && text_of(s->name) == name;
}

}  // namespace reops::lang
