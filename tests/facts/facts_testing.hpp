#pragma once
// Facts of texts that a machine could have.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "facts/groups.hpp"
#include "facts/reading.hpp"
#include "lang/codec/printer.hpp"
#include "lang/runtime/runtime.hpp"

namespace reops::facts {

using Texts = std::initializer_list<std::pair<std::string, std::string>>;

inline Reading reading_of(Texts texts) {
  Reading reading;
  for (const auto& [name, text] : texts) reading.put(name, text);
  return reading;
}

class FactsTest : public ::testing::Test {
 protected:
  FactsTest() {
    // Never ended: other tests of the program may want it.
    static auto* started = new lang::Runtime(lang::RuntimeOptions{});
    static_cast<void>(started);
  }
};

/// As they are printed.
inline std::string facts(const Group& group, const Reading& now) { return lang::pr_str(group.facts(now)); }
inline std::string facts(const Group& group, Texts texts) { return facts(group, reading_of(texts)); }
inline std::string rates(const Group& group, Texts before, Texts after) {
  return lang::pr_str(group.rates(reading_of(before), reading_of(after)));
}

}  // namespace reops::facts
