// Fuzzes JSON: whatever the text is, it answers with a value or with an error that has a place; and what it
// has read is written as text that reads back as an equal value.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "lang/codec/json.hpp"
#include "lang/codec/printer.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/thread.hpp"

namespace {

using namespace reops::lang;

[[noreturn]] void give_up(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

void check_round_trip(Value v, bool pretty) {
  std::string text;
  try {
    JsonWriteOptions options;
    options.pretty = pretty;
    write_json(text, v, options);
    Ref again = read_json(text, {});
    if (!equal(v, again)) give_up("reads back as something else", text);
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    // 1e999 reads as infinity, which JSON cannot write.
    bool infinite = is<String>(e.message) && text_of(e.message).find("Infinity") != std::string_view::npos;
    if (e.error_class != ErrorClass::stack_overflow && !infinite) give_up("does not read back", text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static ThreadScope* scope = new ThreadScope;
  (void)scope;
  if (!core_vars().ns) create_core_vars();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  // Invalid UTF-8 is refused before the parser sees it.
  if (first_invalid_utf8(text) != std::string_view::npos) return 0;
  try {
    Ref v = read_json(text, {});
    check_round_trip(v, false);
    check_round_trip(v, true);
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    if (e.error_class != ErrorClass::ex_info && e.error_class != ErrorClass::stack_overflow)
      give_up("an error of another kind", pr_str(thrown.error()));
  }
  return 0;
}
