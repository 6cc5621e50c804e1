// Functions that travel, within one program: what tests and `bench/agent` see of codec/shipping/ without a
// wire.

#include "lang/builtin/native.hpp"
#include "lang/codec/shipping/library.hpp"
#include "lang/codec/shipping/packer.hpp"
#include "lang/codec/shipping/results.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

Ref pack(Args args) {
  Parcel parcel = program_packer().pack(args[0]);
  Ref units(empty_vector());
  for (const auto& unit : parcel.units)
    vector_push(units, make_vector({make_bytes(unit->hash.view()), make_bytes(unit->content),
                                    make_bytes(unit->places)}));
  return make_map({keyword("value"), make_bytes(parcel.value), keyword("units"), units});
}

std::string_view bytes_argument(Value v, const char* what) {
  if (!is<ByteString>(v)) throw_class_cast(v, what);
  return as<ByteString>(v).view();
}

Ref unpack(Args args) {
  Library library;
  Value units = map_get(args[0], keyword("units"));
  for (size_t i = 0; i < vector_count(units); ++i) {
    Value unit = vector_at(units, i);
    std::string_view hash = bytes_argument(vector_at(unit, 0), "a unit's hash");
    library.install(UnitHash::from(hash), bytes_argument(vector_at(unit, 1), "a unit's content"),
                    bytes_argument(vector_at(unit, 2), "a unit's places"));
  }
  return library.unpack(bytes_argument(map_get(args[0], keyword("value")), "a parcel's value"));
}

Ref there_and_back(Args args) {
  // The types that went out come back as the ones they were.
  Parcel parcel = program_packer().pack(args[0]);
  Library library;
  for (const auto& unit : parcel.units) library.install(unit->hash, unit->content, unit->places);
  return read_results(write_results(call(library.unpack(parcel.value), {}), library), program_packer());
}

constexpr NativeDef k_defs[] = {
    {"reops.internal", "pack", pack, 1, 1, k_borrow_all, "([x])",
     "What is sent of x, a function for one: {:value bytes :units [[hash content places] …]}."},
    {"reops.internal", "unpack", unpack, 1, 1, k_borrow_all, "([parcel])",
     "What a machine makes of a parcel of pack's that has none of its units yet."},
    {"reops.internal", "there-and-back", there_and_back, 1, 1, k_borrow_all, "([f])",
     "What comes back when f is sent and called, without arguments, on a machine that has nothing of it "
     "yet."},
};

}  // namespace

extern const NativeModule k_natives_shipping;
const NativeModule k_natives_shipping = {"shipping", k_defs};

}  // namespace reops::lang
