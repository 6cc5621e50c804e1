// Byte strings: what a command printed is not always text.

#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

const ByteString& bytes_argument(Value v, std::string_view what) {
  if (!is<ByteString>(v)) throw_class_cast(v, "a byte string for " + std::string(what));
  return as<ByteString>(v);
}

Ref is_bytes(Args args) { return boolean(is<ByteString>(args[0])); }

Ref bytes_of(Args args) {
  if (is<ByteString>(args[0])) return Ref(args[0]);
  if (is<String>(args[0])) return make_bytes(text_of(args[0]));
  std::string bytes;
  for (SeqIterator it(args[0]); it.more(); it.step()) {
    int64_t byte = to_int(it.value(), "a byte");
    if (byte < -128 || byte > 255)
      throw_illegal_argument(std::to_string(byte) + " is no byte: expected -128 to 255");
    bytes += static_cast<char>(byte);
  }
  return make_bytes(bytes);
}

// Throws when the bytes are no text, unless {:lossy true} is asked for.
Ref decode(Args args) {
  std::string_view bytes = bytes_argument(args[0], "decode").view();
  if (args.get(1) == keyword("lossy")) return make_string_lossy(bytes);
  size_t bad = first_invalid_utf8(bytes);
  if (bad != std::string_view::npos) {
    throw_illegal_argument("The bytes are not valid UTF-8 from offset " + std::to_string(bad) +
                           " on; (decode b :lossy) replaces what is not");
  }
  return make_string(bytes);
}

Ref encode(Args args) { return make_bytes(string_argument(args[0], "encode")); }
Ref hex(Args args) { return make_string(to_hex(bytes_argument(args[0], "hex").view())); }

Ref from_hex(Args args) {
  std::optional<std::string> bytes = parse_hex(string_argument(args[0], "from-hex"));
  if (!bytes) throw_illegal_argument("from-hex takes pairs of hexadecimal digits");
  return make_bytes(*bytes);
}

Ref length(Args args) { return integer(bytes_argument(args[0], "length").length); }

Ref byte_at(Args args) {
  const ByteString& bytes = bytes_argument(args[0], "byte-at");
  int64_t index = to_int(args[1], "an index");
  if (index < 0 || index >= bytes.length) {
    throw_index_out_of_bounds("There is no byte " + std::to_string(index) + " in a byte string of " +
                              std::to_string(bytes.length));
  }
  return integer(static_cast<unsigned char>(bytes.data[index]));
}

Ref slice(Args args) {
  const ByteString& bytes = bytes_argument(args[0], "slice");
  int64_t from = to_int(args[1], "the start of slice");
  int64_t to = args.size() > 2 ? to_int(args[2], "the end of slice") : int64_t{bytes.length};
  if (from < 0 || to > bytes.length || from > to) {
    throw_index_out_of_bounds("slice from " + std::to_string(from) + " to " + std::to_string(to) +
                              " is outside a byte string of " + std::to_string(bytes.length));
  }
  return make_bytes(bytes.view().substr(static_cast<size_t>(from), static_cast<size_t>(to - from)));
}

Ref concat(Args args) {
  std::string all;
  for (Value v : args.from(0)) all += bytes_argument(v, "concat").view();
  return make_bytes(all);
}

Ref to_vector(Args args) {
  std::vector<Value> bytes;
  for (char c : bytes_argument(args[0], "to-vector").view())
    bytes.push_back(Value::fixnum(static_cast<unsigned char>(c)));
  return make_vector(bytes);
}

constexpr const char* k_bytes = "reops.bytes";

constexpr NativeDef k_defs[] = {
    {"clojure.core", "bytes?", is_bytes, 1, 1, k_borrow_all, "([x])", "True if x is a byte string."},
    {k_bytes, "bytes", bytes_of, 1, 1, k_borrow_all, "([x])",
     "A byte string: of a string its UTF-8, of a collection its numbers (-128 to 255)."},
    {k_bytes, "decode", decode, 1, 2, k_borrow_all, "([b] [b :lossy])",
     "The text that b is as UTF-8. An error when it is none; with :lossy, U+FFFD in place of what is not."},
    {k_bytes, "encode", encode, 1, 1, k_borrow_all, "([s])", "The UTF-8 of a string as a byte string."},
    {k_bytes, "hex", hex, 1, 1, k_borrow_all, "([b])", "The bytes as hexadecimal digits."},
    {k_bytes, "from-hex", from_hex, 1, 1, k_borrow_all, "([s])",
     "The byte string that hexadecimal digits spell."},
    {k_bytes, "length", length, 1, 1, k_borrow_all, "([b])", "The number of bytes."},
    {k_bytes, "byte-at", byte_at, 2, 2, k_borrow_all, "([b i])", "Byte i, as a number from 0 to 255."},
    {k_bytes, "slice", slice, 2, 3, k_borrow_all, "([b start] [b start end])",
     "The bytes from start (inclusive) to end (exclusive)."},
    {k_bytes, "concat", concat, 0, k_variadic, k_borrow_all, "([& bs])",
     "All bytes of its arguments, one after another."},
    {k_bytes, "to-vector", to_vector, 1, 1, k_borrow_all, "([b])",
     "The bytes as a vector of numbers from 0 to 255."},
};

}  // namespace

extern const NativeModule k_natives_bytes;
const NativeModule k_natives_bytes = {"bytes", k_defs};

}  // namespace reops::lang
