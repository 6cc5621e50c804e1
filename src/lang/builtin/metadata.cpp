// Metadata.

#include "lang/collection/metadata.hpp"

#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/value/cell.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/handshake.hpp"

namespace reops::lang {
namespace {

Ref meta_of(Args args) { return meta(args[0]); }
Ref with_meta_of(Args args) { return with_meta(args.take(0), args.take(1)); }

Value& meta_place(Value reference) {
  Value* place = reference.is_object() ? reference_meta(*reference.as_object()) : nullptr;
  if (!place) throw_class_cast(reference, "a var, namespace or other reference, whose metadata can be changed");
  return *place;
}
void expect_metadata(Value meta) {
  if (!meta.is_nil() && !is_map(meta)) throw_class_cast(meta, "a map as metadata");
}

Ref reset_meta(Args args) {
  Value& place = meta_place(args[0]);
  Ref meta = args.take(1);
  expect_metadata(meta);
  // Readers of a var may be looking at the old map without holding it.
  retire(cell_swap(*args[0].as_object(), place, meta));
  return meta;
}

Ref alter_meta(Args args) {
  Value& place = meta_place(args[0]);
  Object& reference = *args[0].as_object();
  for (;;) {
    Ref old = cell_load(reference, place);
    std::vector<Value> arguments{old};
    for (Value extra : args.from(2)) arguments.push_back(extra);
    Ref fresh = call(args[1], arguments);
    expect_metadata(fresh);
    if (cell_compare_and_set(reference, place, old, fresh)) {
      retire(std::move(old));
      return fresh;
    }
  }
}

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "meta", meta_of, 1, 1, k_borrow_all, "([x])", "The metadata of x, or nil."},
    {k_core, "with-meta", with_meta_of, 2, 2, k_own_all, "([x m])",
     "x with the map m as its metadata: for collections, sequences, symbols, functions and records."},
    {k_core, "reset-meta!", reset_meta, 2, 2, borrow(0), "([reference m])",
     "Makes m the metadata of a var, namespace or atom."},
    {k_core, "alter-meta!", alter_meta, 2, k_variadic, k_borrow_all, "([reference f & args])",
     "Makes (f metadata args …) the metadata of a var, namespace or atom, and returns it."},
};

}  // namespace

extern const NativeModule k_natives_metadata;
const NativeModule k_natives_metadata = {"metadata", k_defs};

}  // namespace reops::lang
