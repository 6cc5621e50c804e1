#include "repl/history.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.hpp"

namespace reops::repl {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

class HistoryTest : public testing::Test {
 protected:
  base::TempFolder folder_ = base::TempFolder::create("history").value();
  std::string path_ = folder_.file("history");
};

TEST_F(HistoryTest, KeepsEntriesOfManyLines) {
  {
    History h(path_);
    h.add("(defn f [x]\n  (str x \"\\n\"))");
    h.add("(f 1)");
    h.add("(f 1)");
    h.add("");
    EXPECT_EQ(h.size(), 2u) << "nothing twice in a row, nothing empty";
  }
  History again(path_);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0], "(defn f [x]\n  (str x \"\\n\"))");
  EXPECT_EQ(again[1], "(f 1)");
  EXPECT_EQ(mode_of(path_), 0600u);
}

TEST_F(HistoryTest, TwoPromptsShareAFile) {
  History a(path_), b(path_);
  a.add("one");
  b.add("two");
  History c(path_);
  EXPECT_EQ(c.size(), 2u);
}

TEST_F(HistoryTest, IsClosedToOthers) {
  ASSERT_TRUE(base::write_file(path_, "secret\n", 0644));
  History h(path_);
  EXPECT_EQ(mode_of(path_), 0600u);
}

TEST_F(HistoryTest, DoesNotGrowForEver) {
  for (int i = 0; i < 40; ++i) History(path_, 10).add("entry " + std::to_string(i));
  History h(path_, 10);
  EXPECT_LE(h.size(), 16u);
  EXPECT_EQ(h[h.size() - 1], "entry 39");
  EXPECT_EQ(mode_of(path_), 0600u);
}

TEST_F(HistoryTest, Searches) {
  History h;
  for (const char* entry : {"(map inc)", "(filter odd?)", "(map dec)"}) h.add(entry);
  EXPECT_EQ(h.find_before(h.size(), "map"), 2u);
  EXPECT_EQ(h.find_before(2, "map"), 0u);
  EXPECT_EQ(h.find_before(0, "map"), std::nullopt);
  EXPECT_EQ(h.find_before(h.size(), "reduce"), std::nullopt);
}

TEST_F(HistoryTest, AFileThatCannotBeWrittenCostsOnlyTheHistory) {
  History h(folder_.file("no/such/folder/history"));
  h.add("a");
  EXPECT_EQ(h.size(), 1u);
}

}  // namespace
}  // namespace reops::repl
