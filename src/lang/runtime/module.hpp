#pragma once
// Modules: rooms that bring a large library (libssh, libzmq, libvirt …) are shared objects loaded when a
// program first needs them, so that nothing is paid for before it is used.
//
// A module links no room archive: it finds base and lang in the program that loads it, so there is one
// allocator and one runtime. It exports one function, REOPS_MODULE_ENTRY, that names its natives.

#include <string_view>

#include "lang/builtin/native.hpp"

namespace reops::lang {

/// What a module's entry returns. `abi` is the program's own k_module_abi, or the module is refused.
struct ModuleEntry {
  const char* abi;
  const NativeModule* natives;
};

/// Changes with every build of a release; a module of another build would lay out values differently.
extern const char k_module_abi[];

/// Loads the module `name` ("ssh"), or the file of that path ("my/names.so"), once; later calls do nothing. A
/// name is looked for in $REOPS_MODULES, beside the program (modules/) and in ../lib/reops. Throws a
/// diagnostic that names the places searched, or why it cannot be loaded.
void load_module(std::string_view name);

}  // namespace reops::lang

/// Defines the module's entry point.
#define REOPS_MODULE(natives)                                                                 \
  extern "C" __attribute__((visibility("default"))) reops::lang::ModuleEntry reops_module() { \
    return {reops::lang::k_module_abi, &(natives)};                                           \
  }
