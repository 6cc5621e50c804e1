#pragma once
// Calling natives from tests by their rows.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {

/// The row of that name in one of the modules.
inline const NativeDef& find_native(std::initializer_list<const NativeModule*> modules,
                                    std::string_view name) {
  for (const NativeModule* module : modules) {
    for (const NativeDef& def : module->defs) {
      if (name == def.name) return def;
    }
  }
  throw std::runtime_error("no native " + std::string(name));
}

/// Calls it with arguments that stay the caller's.
inline Ref call_native(const NativeDef& def, std::initializer_list<Value> arguments) {
  std::vector<Value> slots(arguments);
  EXPECT_GE(slots.size(), static_cast<size_t>(def.min_args)) << def.name;
  EXPECT_TRUE(def.max_args == k_variadic || slots.size() <= static_cast<size_t>(def.max_args)) << def.name;
  return def.fn(Args(slots.data(), slots.size()));
}

/// The message of the error that `f` throws; fails when it throws none, or one that a clause for `expected`
/// would miss.
template <class F>
std::string thrown_message(ErrorClass expected, F&& f) {
  try {
    f();
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    EXPECT_TRUE(error_class_is_a(e.error_class, expected)) << error_class_name(e.error_class);
    return std::string(text_of(e.message));
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace reops::lang
