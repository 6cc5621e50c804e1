// Natives that load modules.

#include "lang/builtin/native.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

Ref native_load_module(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "the name of a module, a string");
  load_module(text_of(args[0]));
  return nil();
}

const NativeDef k_defs[] = {
    {"reops.internal", "load-module", native_load_module, 1, 1, k_borrow_all, "([name])",
     "Loads the module of that name (\"ssh\") unless it is loaded: its natives are then vars of the "
     "namespace they name."},
};

}  // namespace

extern const NativeModule k_natives_modules;
const NativeModule k_natives_modules = {"modules", k_defs};

}  // namespace reops::lang
