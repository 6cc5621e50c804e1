// Fuzzes clojure.spec.alpha: the bytes are choices from which spec_fuzz.clj makes a spec and a value, and
// checks what has to hold for any: explain-data finds a problem exactly when the value does not conform, and
// what conform answers unforms to the value, where that can be told.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "lang/codec/printer.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"

namespace {

using namespace reops::lang;

Value check() {
  static Runtime* runtime = new Runtime(RuntimeOptions{});
  (void)runtime;
  static const Ref loaded = load_file(SPEC_FUZZ_PROGRAM);
  return loaded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 400) return 0;
  try {
    Ref f(check());
    Ref choices = make_bytes({reinterpret_cast<const char*>(data), size});
    call(f, {choices});
  } catch (const Thrown& thrown) {
    std::fprintf(stderr, "%s\n", pr_str(thrown.error()).c_str());
    std::abort();
  }
  return 0;
}
