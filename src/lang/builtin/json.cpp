// reops.json: the natives beneath lib/reops/json.clj.

#include "lang/codec/json.hpp"

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

bool flag(Value options, std::string_view name) { return get(options, keyword(name)).truthy(); }

void check_options(Value options) {
  if (!options.is_nil() && !is_map(options)) throw_class_cast(options, "a map of options for JSON");
}

Ref read(Args args) {
  Value options = args[1];
  check_options(options);
  std::string_view text;
  if (is<ByteString>(args[0])) {
    text = as<ByteString>(args[0]).view();
    size_t bad = first_invalid_utf8(text);
    if (bad != std::string_view::npos) {
      throw_illegal_argument("JSON is UTF-8, and byte " + std::to_string(bad) + " belongs to no character");
    }
  } else {
    text = string_argument(args[0], "JSON");
  }
  JsonReadOptions wanted;
  wanted.keywords = flag(options, "keywords");
  wanted.decimals = flag(options, "decimals");
  return read_json(text, wanted, static_cast<uint32_t>(to_int(args[2], "the number of the first line")));
}

Ref write(Args args) {
  Value options = args[1];
  check_options(options);
  Ref fallback = get(options, keyword("default"));
  JsonWriteOptions wanted;
  wanted.pretty = flag(options, "pretty");
  wanted.sorted = flag(options, "sorted");
  wanted.fallback = fallback;
  std::string out;
  write_json(out, args[0], wanted);
  return make_string(out);
}

constexpr NativeDef k_defs[] = {
    {"reops.internal", "read-json", read, 3, 3, k_borrow_all, "([text options first-line])",
     "The value that a JSON text (or the bytes of one) spells."},
    {"reops.internal", "write-json", write, 2, 2, k_borrow_all, "([x options])", "x as a JSON text."},
};

}  // namespace

extern const NativeModule k_natives_json;
const NativeModule k_natives_json = {"json", k_defs};

}  // namespace reops::lang
