#include "controller_calls.hpp"

#include "lang/runtime/runtime.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "run.hpp"

namespace reops::app {

using namespace lang;

int controller_call(const char* function) {
  constexpr const char* k_namespace = "re-core.controller";
  try {
    load_lib(k_namespace);
    Ref name = make_symbol(function);
    call(resolve(find_ns(k_namespace), name), {});
    flush_standard_streams();
    return 0;
  } catch (const Thrown& thrown) {
    return report_failure(thrown);
  }
}

}  // namespace reops::app
