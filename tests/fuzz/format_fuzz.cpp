// Fuzzes `format`: whatever the directives and the arguments, it answers with text or with an error of the
// caller's.

#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz/fuzzing.hpp"
#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/reader/reader.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
extern const NativeModule k_natives_format;
}

namespace {

using namespace reops::lang;

constexpr size_t k_longest_format = 400;

/// One argument of every sort that a directive tells apart.
const std::vector<Ref>& arguments() {
  static const auto& all = *[] {
    auto source = std::make_shared<Source>();
    source->name = "arguments";
    source->text =
        "nil true 0 1 -1 65 55296 1114112 9223372036854775807 -9223372036854775808 100000000000000000000 1.5 "
        "-0.0 1e300 5e-324 "
        "##NaN ##Inf 2.50M 1e1000M -1e-1000M 1/3 \"\" \"text\" \"h\u00e9\" \\a :k sym (1 2) [1] {:a 1} #{1}";
    Reader reader(source);
    auto* read = new std::vector<Ref>;
    for (Ref form = reader.read(); !form.get().is_none(); form = reader.read()) read->push_back(form);
    return read;
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  reops::fuzz::start();
  // The first bytes choose the arguments, the rest is the format.
  constexpr size_t k_arguments = 3;
  if (size < k_arguments || size > k_arguments + k_longest_format) return 0;
  std::string_view format(reinterpret_cast<const char*>(data) + k_arguments, size - k_arguments);
  if (!valid_utf8(format)) return 0;
  Ref text = make_string(format);
  Value slots[1 + k_arguments] = {text};
  for (size_t i = 0; i < k_arguments; ++i) slots[i + 1] = arguments()[data[i] % arguments().size()];
  try {
    k_natives_format.defs[0].fn(Args(slots, 1 + k_arguments));
  } catch (const Thrown& thrown) {
    for (auto expected : {ErrorClass::illegal_argument, ErrorClass::class_cast, ErrorClass::out_of_memory}) {
      if (reops::fuzz::is_class(thrown, expected)) return 0;
    }
    reops::fuzz::give_up(pr_str(thrown.error()), std::string(format));
  }
  return 0;
}
