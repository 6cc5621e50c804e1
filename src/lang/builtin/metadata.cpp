// Metadata of values. That of references is changed in place: vars.cpp.

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"

namespace reops::lang {
namespace {

Ref meta_of(Args args) { return meta(args[0]); }
Ref with_meta_of(Args args) { return with_meta(args.take(0), args.take(1)); }

constexpr const char* k_core = "clojure.core";

constexpr NativeDef k_defs[] = {
    {k_core, "meta", meta_of, 1, 1, k_borrow_all, "([x])", "The metadata of x, or nil."},
    {k_core, "with-meta", with_meta_of, 2, 2, k_own_all, "([x m])",
     "x with the map m as its metadata: for collections, sequences, symbols, functions and records."},
};

}  // namespace

extern const NativeModule k_natives_metadata;
const NativeModule k_natives_metadata = {"metadata", k_defs};

}  // namespace reops::lang
