// Fuzzes CBOR: whatever the bytes are, they are a value or an error that has a place; and a value that was
// read is written as bytes that read back as an equal one, and are written the same again.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "lang/codec/cbor.hpp"
#include "lang/codec/printer.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/vm/thread.hpp"

namespace {

using namespace reops::lang;

[[noreturn]] void give_up(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static ThreadScope* scope = new ThreadScope;
  (void)scope;
  if (!core_vars().ns) create_core_vars();
  try {
    Ref v = read_cbor({reinterpret_cast<const char*>(data), size});
    std::string written = write_cbor(v);
    Ref again = read_cbor(written);
    // Not `=`: NaN is not equal to itself.
    if (write_cbor(again) != written) give_up("is written otherwise when it was read back", pr_str(v));
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    switch (e.error_class) {
      case ErrorClass::illegal_argument:
      case ErrorClass::pattern_syntax:
      case ErrorClass::stack_overflow:
      case ErrorClass::class_cast:  // members of a sorted set that cannot be compared
      case ErrorClass::arithmetic:  // decimals out of range
        break;
      default:
        give_up("an error of another kind", pr_str(thrown.error()));
    }
  }
  return 0;
}
