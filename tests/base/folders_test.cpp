#include "base/folders.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace reops::base {
namespace {

// Each case runs in a process of its own under ctest; run together they still restore what they change.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old, had_ = true;
    if (value != nullptr)
      ::setenv(name, value, 1);
    else
      ::unsetenv(name);
  }
  ~Variable() {
    if (had_)
      ::setenv(name_, old_.c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::string old_;
  bool had_ = false;
};

TEST(Folders, FollowTheXdgSpecification) {
  const Variable none("REOPS_HOME", nullptr);
  const Variable home("HOME", "/home/ada");
  const Variable config("XDG_CONFIG_HOME", "/etc/ada");
  const Variable state("XDG_STATE_HOME", nullptr);
  const Variable data("XDG_DATA_HOME", "relative/is/ignored");
  const Variable run("XDG_RUNTIME_DIR", nullptr);
  EXPECT_EQ("/etc/ada/reops", config_folder());
  EXPECT_EQ("/home/ada/.local/state/reops", state_folder());
  EXPECT_EQ("/home/ada/.local/share/reops", data_folder());
  EXPECT_EQ("/home/ada/.local/state/reops/run", runtime_folder());
}

TEST(Folders, ReopsHomeMovesThemAll) {
  const Variable all("REOPS_HOME", "/srv/r");
  const Variable config("XDG_CONFIG_HOME", "/etc/ada");
  EXPECT_EQ("/srv/r/config", config_folder());
  EXPECT_EQ("/srv/r/data", data_folder());
  EXPECT_EQ("/srv/r/state", state_folder());
  EXPECT_EQ("/srv/r/cache", cache_folder());
  EXPECT_EQ("/srv/r/run", runtime_folder());
}

TEST(Folders, TildeIsHome) {
  const Variable home("HOME", "/home/ada");
  EXPECT_EQ("/home/ada", expand_home("~"));
  EXPECT_EQ("/home/ada/.ssh/x", expand_home("~/.ssh/x"));
  EXPECT_EQ("~bob/x", expand_home("~bob/x"));
  EXPECT_EQ("/a/~", expand_home("/a/~"));
}

TEST(Folders, WithoutHomeThePasswordDatabaseAnswers) {
  const Variable home("HOME", nullptr);
  EXPECT_EQ('/', home_folder()[0]);
  EXPECT_FALSE(user_name().empty());
}

}  // namespace
}  // namespace reops::base
