#include "base/folder_watch.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <cstdio>

#include "base/files.hpp"

namespace reops::base {
namespace {

constexpr int k_deadline_ms = 60'000;

bool contains(const std::vector<std::string>& paths, const std::string& path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

// Waits until the watch names that path.
bool names(FolderWatch& watch, const std::string& path) {
  for (;;) {
    pollfd ready{watch.fd(), POLLIN, 0};
    if (::poll(&ready, 1, k_deadline_ms) <= 0) return false;
    if (contains(watch.take(), path)) return true;
  }
}

TEST(FolderWatch, NamesWhatIsWrittenMovedAndDeleted) {
  auto folder = TempFolder::create("watch");
  const std::string a = folder.value().file("a.clj"), b = folder.value().file("b.clj");
  auto watch = FolderWatch::create({folder.value().path()});
  ASSERT_TRUE(watch.ok()) << watch.error().message;
  EXPECT_TRUE(watch.value().take().empty());
  ASSERT_TRUE(write_file(a, "1").ok());
  EXPECT_TRUE(names(watch.value(), a));
  ASSERT_EQ(0, std::rename(a.c_str(), b.c_str()));
  EXPECT_TRUE(names(watch.value(), b));
  ASSERT_TRUE(write_file_atomic(b, "2").ok());
  EXPECT_TRUE(names(watch.value(), b));
  ASSERT_EQ(0, std::remove(b.c_str()));
  EXPECT_TRUE(names(watch.value(), b));
}

TEST(FolderWatch, NewFoldersAreWatchedWithWhatTheyHave) {
  auto folder = TempFolder::create("watch");
  auto watch = FolderWatch::create({folder.value().path(), folder.value().file("missing")});
  ASSERT_TRUE(watch.ok()) << watch.error().message;
  const std::string deep = folder.value().file("x/y/deep.clj");
  ASSERT_TRUE(make_folders(parent_folder(deep)).ok());
  ASSERT_TRUE(write_file(deep, "1").ok());
  EXPECT_TRUE(names(watch.value(), deep));
  ASSERT_TRUE(write_file(deep, "2").ok());
  EXPECT_TRUE(names(watch.value(), deep));
}

}  // namespace
}  // namespace reops::base
