#include "controller_calls.hpp"

#include "lang/runtime/runtime.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "run.hpp"

namespace reops::app {
namespace {

using namespace lang;

Ref call_in(const char* ns, const char* function, std::initializer_list<Value> args) {
  load_lib(ns);
  Ref name = make_symbol(function);
  return call(resolve(find_ns(ns), name), args);
}

}  // namespace

Ref call_controller(const char* function, std::initializer_list<Value> args) {
  return call_in("re-core.controller", function, args);
}

int controller_call(const char* function) {
  try {
    call_controller(function, {});
    flush_standard_streams();
    return 0;
  } catch (const Thrown& thrown) {
    return report_failure(thrown);
  }
}

void set_process_kind(const char* kind) { call_in("reops.peer", "set-kind", {keyword(kind)}); }

}  // namespace reops::app
