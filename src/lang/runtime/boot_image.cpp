#include "lang/runtime/boot_image.hpp"

#include <vector>

#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/image.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

/// What C++ itself holds of the heap, in the order in which the root of a boot image lists it.
enum Anchor : size_t { k_list, k_vector, k_map, k_set, k_keywords, k_types, k_namespaces, k_last_id };

/// A run of values in one piece, nil among them.
Ref make_run(const std::vector<Value>& values) {
  auto* run = allocate<VectorNode>(values.size() * sizeof(Value));
  run->length = run->capacity = static_cast<uint32_t>(values.size());
  for (size_t i = 0; i < values.size(); ++i) run->items[i] = Ref(values[i]).take();
  return Ref::adopt(run);
}

std::span<const Value> run_of(Value run) { return {as<VectorNode>(run).items, as<VectorNode>(run).length}; }

// Docstrings, parameters and places of vars, which take more room than the code does.
void forget_documentation() {
  Ref namespaces = all_namespaces();
  map_each(namespaces, [](Value, Value ns) {
    Ref names = ns_names(ns);
    map_each(vector_at(names, 0), [](Value, Value mapped) {
      Var* var = try_as<Var>(mapped);
      if (!var || !is_plain_map(var->meta)) return;
      Ref kept(empty_map());
      for (const char* flag : {"dynamic", "macro", "private"}) {
        Value set = map_get(var->meta, keyword(flag));
        if (!set.is_none()) map_put(kept, Ref(keyword(flag)), Ref(set));
      }
      set_var_meta(*var, map_count(kept) == 0 ? nil() : std::move(kept));
    });
  });
}

}  // namespace

std::string dump_boot_image(bool for_people) {
  if (!for_people) forget_documentation();
  Ref types = make_run(all_types());
  Ref keywords = make_run(keyword_table());
  Ref last_id = integer(static_cast<int64_t>(next_id()));
  Ref root = make_run({empty_list(), empty_vector(), empty_map(), empty_set(), keywords, types,
                       namespace_registry(), last_id});
  return dump_image(root, ImageScope::whole, for_people);
}

void adopt_boot_image(std::span<const char> image) {
  std::span<const Value> anchors = run_of(adopt_image(image));
  adopt_empty_list(anchors[k_list]);
  adopt_empty_vector(anchors[k_vector]);
  adopt_empty_map(anchors[k_map]);
  adopt_empty_set(anchors[k_set]);
  adopt_keyword_table(run_of(anchors[k_keywords]));
  adopt_types(run_of(anchors[k_types]));
  adopt_namespace_registry(anchors[k_namespaces]);
  skip_ids(static_cast<uint64_t>(as_int(anchors[k_last_id])));
}

}  // namespace reops::lang
