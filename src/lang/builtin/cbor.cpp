// reops.cbor: the natives beneath lib/reops/cbor.clj.

#include "lang/codec/cbor.hpp"

#include "lang/builtin/native.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

Ref write(Args args) { return make_bytes(write_cbor(args[0])); }

Ref read(Args args) {
  if (!is<ByteString>(args[0])) throw_class_cast(args[0], "bytes with a CBOR value");
  return read_cbor(as<ByteString>(args[0]).view());
}

constexpr NativeDef k_defs[] = {
    {"reops.internal", "write-cbor", write, 1, 1, k_borrow_all, "([x])", "x, plain data, as bytes of CBOR."},
    {"reops.internal", "read-cbor", read, 1, 1, k_borrow_all, "([bytes])",
     "The value that bytes of CBOR stand for."},
};

}  // namespace

extern const NativeModule k_natives_cbor;
const NativeModule k_natives_cbor = {"cbor", k_defs};

}  // namespace reops::lang
