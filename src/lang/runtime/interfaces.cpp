#include "lang/runtime/interfaces.hpp"

#include <array>
#include <string>
#include <vector>

#include "lang/collection/map.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

struct Extends {
  std::string_view child;
  std::string_view parent;
};
constexpr Extends k_extends[] = {
#define EXTENDS(child, parent) {child, parent},
#include "lang/runtime/interfaces.def"
#undef EXTENDS
};

constexpr std::string_view k_names[] = {
    "clojure.lang.Associative",
    "java.util.Comparator",
    "clojure.lang.Counted",
    "clojure.lang.IFn",
    "clojure.lang.IKVReduce",
    "clojure.lang.IMapEntry",
    "clojure.lang.IPersistentCollection",
    "clojure.lang.IPersistentList",
    "clojure.lang.IPersistentMap",
    "clojure.lang.IPersistentSet",
    "clojure.lang.IPersistentVector",
    "clojure.lang.IReduceInit",
    "clojure.lang.ISeq",
    "clojure.lang.Indexed",
    "java.lang.Iterable",
    "clojure.lang.Reversible",
    "clojure.lang.Seqable",
    "clojure.lang.Sequential",
    "clojure.lang.Sorted",
};
static_assert(std::size(k_names) == static_cast<size_t>(Interface::k_count));

// The symbols of k_names, immortal.
Value name_symbol(Interface interface) {
  static const auto symbols = [] {
    std::array<Value, std::size(k_names)> made;
    for (size_t i = 0; i < std::size(k_names); ++i) {
      Ref symbol = make_symbol({}, k_names[i]);
      immortalize(symbol);
      made[i] = symbol.take();
    }
    return made;
  }();
  return symbols[static_cast<size_t>(interface)];
}

}  // namespace

bool implements(Value v, Interface interface) {
  if (!is<Record>(v)) return false;
  Value names = load_table(type_of_record(as<Record>(v)).implements);
  return set_count(names) != 0 && !set_get(names, name_symbol(interface)).is_none();
}

Ref with_extended_interfaces(Ref names) {
  std::vector<std::string> pending;
  map_each(as<Set>(names).map, [&](Value name, Value) { pending.push_back(full_name(name)); });
  while (!pending.empty()) {
    std::string child = std::move(pending.back());
    pending.pop_back();
    for (const Extends& e : k_extends) {
      if (e.child != child) continue;
      Ref parent = make_symbol({}, e.parent);
      if (!set_get(names, parent).is_none()) continue;
      names = set_conj(std::move(names), std::move(parent));
      pending.emplace_back(e.parent);
    }
  }
  return names;
}

Ref own_answer(Value v, std::string_view method, std::initializer_list<Value> args) {
  if (!is<Record>(v)) return Ref(Value::none());
  return call_inline(v, method, std::span<const Value>(args.begin(), args.size()));
}

}  // namespace reops::lang
