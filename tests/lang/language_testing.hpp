#pragma once
// For tests that need the whole language: one Runtime for the program, and short ways to evaluate text in it.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lang/codec/printer.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {

/// Evaluates on the thread that started the runtime: the one all tests run on.
class LanguageTest : public ::testing::Test {
 protected:
  LanguageTest() {
    // Never ended: other tests of the program may want it.
    static Runtime* started = start();
    static_cast<void>(started);
    clear_interrupt(this_thread());
    set_current_ns(find_or_create_ns("user"));
  }

 private:
  static Runtime* start() {
    try {
      return new Runtime(RuntimeOptions{});
    } catch (const Thrown& t) {
      std::fprintf(stderr, "The core library does not load: %s\n", pr_str(t.error()).c_str());
      std::abort();
    }
  }
};

inline Ref run(std::string_view text) { return load_source(text, "test.clj"); }

/// The value of the last form of `text`, printed; "!Class: message" when it throws.
inline std::string shown(std::string_view text) {
  try {
    return pr_str(run(text));
  } catch (const Thrown& t) {
    const Error& e = as<Error>(t.error());
    return "!" + std::string(error_class_name(e.error_class)) + ": " +
           (is<String>(e.message) ? std::string(text_of(e.message)) : "");
  }
}

}  // namespace reops::lang
