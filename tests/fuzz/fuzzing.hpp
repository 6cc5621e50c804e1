#pragma once
// What all fuzzers of the language need. (libFuzzer calls LLVMFuzzerTestOneInput once an input, in one
// process for all.)

#include <cstdio>
#include <cstdlib>
#include <string>

#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/thread.hpp"

namespace reops::fuzz {

inline constexpr size_t k_largest_input = size_t{64} << 10;

/// An interpreter thread and the vars that printing and reading ask, without the core library.
inline void start() {
  static auto* scope = new lang::ThreadScope;
  static_cast<void>(scope);
  if (lang::core_vars().ns) return;
  lang::create_core_vars();
  lang::set_root(*lang::core_vars().ns, lang::Ref(lang::find_or_create_ns("user")));
}

/// Ends the process in the way that libFuzzer takes for a finding, and keeps the input.
[[noreturn]] inline void give_up(const std::string& what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), text.c_str());
  std::abort();
}

inline bool is_class(const lang::Thrown& thrown, lang::ErrorClass wanted) {
  return lang::as<lang::Error>(thrown.error()).error_class == wanted;
}

inline std::string message_of(const lang::Thrown& thrown) {
  const auto& error = lang::as<lang::Error>(thrown.error());
  return lang::is<lang::String>(error.message) ? std::string(lang::text_of(error.message))
                                               : "an error without a message";
}

}  // namespace reops::fuzz
