#include "base/exit_hooks.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reops::base {
namespace {

TEST(ExitHooks, RunOnceAndTheLatestFirst) {
  std::string ran;
  {
    ExitHook first([&] { ran += "a"; });
    ExitHook second([&] { ran += "b"; });
    run_exit_hooks();
    EXPECT_EQ("ba", ran);
    run_exit_hooks();
  }
  EXPECT_EQ("ba", ran);
}

TEST(ExitHooks, OneThatGoesOutOfScopeRunsThen) {
  std::string ran;
  {
    ExitHook hook([&] { ran += "a"; });
  }
  EXPECT_EQ("a", ran);
  run_exit_hooks();
  EXPECT_EQ("a", ran);
}

}  // namespace
}  // namespace reops::base
