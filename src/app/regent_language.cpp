// What the language does otherwise inside regent, which is linked statically: these definitions are found
// before those of the room's archive.

#include "facts/bindings/natives.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/error.hpp"

namespace reops::lang {

const char k_module_abi[] = "reops-module-1";

void load_module(std::string_view name) {
  if (name == "facts") return install(facts::k_natives);
  throw_diagnostic(ErrorClass::unsupported, "reops/no-module",
                   "The module " + std::string(name) + " cannot be loaded: an agent has none",
                   "What needs it runs on the controller.");
}

}  // namespace reops::lang
