// Fuzzes YAML: whatever the text is, it answers with values or with an error that has a place; and what it
// has read is written as text that reads back as equal values.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "lang/codec/printer.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/thread.hpp"
#include "yaml/bindings/values.hpp"

namespace {

using namespace reops::lang;

// What aliases share is written out, so a small text can stand for a large one.
constexpr size_t k_largest_print = 100'000;

[[noreturn]] void give_up(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

// NaN equals nothing; byte strings have no notation of their own and are refused when written.
bool same(Value a, Value b) { return equal(a, b) || pr_str(a) == pr_str(b); }

void check_round_trip(Value documents) {
  std::string printed = pr_str(documents);
  // A set is written as a sequence.
  if (printed.size() > k_largest_print || printed.find("#{") != std::string::npos) return;
  std::string text;
  try {
    text = reops::yaml::serialize(documents);
  } catch (const Thrown&) {
    return;
  }
  try {
    Ref again = reops::yaml::compose(text, {});
    if (!same(documents, again)) give_up("reads back as something else", text);
  } catch (const Thrown& thrown) {
    if (as<Error>(thrown.error()).error_class != ErrorClass::stack_overflow)
      give_up("does not read back", text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static ThreadScope* scope = new ThreadScope;
  (void)scope;
  if (!core_vars().ns) create_core_vars();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (first_invalid_utf8(text) != std::string_view::npos) return 0;
  try {
    Ref documents = reops::yaml::compose(text, {});
    check_round_trip(documents);
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    if (e.error_class != ErrorClass::ex_info && e.error_class != ErrorClass::stack_overflow)
      give_up("an error of another kind", pr_str(thrown.error()));
  }
  return 0;
}
