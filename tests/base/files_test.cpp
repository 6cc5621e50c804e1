#include "base/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace reops::base {
namespace {

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TempFolder::create("reops-files-");
    ASSERT_TRUE(made.ok()) << made.error().message;
    folder_ = std::make_unique<TempFolder>(std::move(made).value());
  }
  mode_t mode_of(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(0, ::stat(path.c_str(), &info)) << path;
    return info.st_mode & 07777;
  }
  std::unique_ptr<TempFolder> folder_;
};

TEST_F(FilesTest, BytesComeBackAsTheyWent) {
  std::string data(200'000, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 31);
  const std::string path = folder_->file("data");
  ASSERT_TRUE(write_file(path, data).ok());
  auto read = read_file(path);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(data, read.value());
  ASSERT_TRUE(append_file(path, "end").ok());
  EXPECT_EQ(data + "end", read_file(path).value());
}

TEST_F(FilesTest, FilesWithoutASizeAreReadToTheirEnd) {
  auto read = read_file("/proc/self/status");
  ASSERT_TRUE(read.ok());
  EXPECT_NE(std::string::npos, read.value().find("VmRSS"));
}

TEST_F(FilesTest, AMissingFileIsNamed) {
  auto read = read_file(folder_->file("nothing"));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ("file/not-found", read.error().type);
  EXPECT_NE(std::string::npos, read.error().message.find(folder_->file("nothing")));
  EXPECT_EQ("ENOENT", read.error().data.at("errno"));
}

TEST_F(FilesTest, AFolderIsNotAFile) {
  auto read = read_file(folder_->path());
  ASSERT_FALSE(read.ok());
  EXPECT_EQ("EISDIR", read.error().data.at("errno"));
}

TEST_F(FilesTest, TheLimitHolds) {
  const std::string path = folder_->file("data");
  ASSERT_TRUE(write_file(path, std::string(101, 'x')).ok());
  EXPECT_FALSE(read_file(path, 100).ok());
  EXPECT_TRUE(read_file(path, 101).ok());
}

TEST_F(FilesTest, AtomicWriteReplacesAndLeavesNoTrace) {
  const std::string path = folder_->file("state");
  ASSERT_TRUE(write_file(path, "old").ok());
  ASSERT_TRUE(write_file_atomic(path, "new", 0600).ok());
  EXPECT_EQ("new", read_file(path).value());
  EXPECT_EQ(0600u, mode_of(path));
  EXPECT_EQ(1u, glob_paths(folder_->file("*")).size());
}

TEST_F(FilesTest, AtomicWriteKeepsASymbolicLink) {
  const std::string real = folder_->file("real");
  const std::string link = folder_->file("link");
  ASSERT_TRUE(write_file(real, "old").ok());
  ASSERT_EQ(0, ::symlink(real.c_str(), link.c_str()));
  ASSERT_TRUE(write_file_atomic(link, "new").ok());
  EXPECT_EQ("new", read_file(real).value());
  struct stat info {};
  ASSERT_EQ(0, ::lstat(link.c_str(), &info));
  EXPECT_TRUE(S_ISLNK(info.st_mode));
}

TEST_F(FilesTest, AtomicWriteIntoNowhereLeavesNothing) {
  EXPECT_FALSE(write_file_atomic(folder_->file("no/such/file"), "x").ok());
  EXPECT_TRUE(glob_paths(folder_->file("*")).empty());
}

TEST_F(FilesTest, FoldersAreMadeWithTheirParentsAndMode) {
  const std::string deep = folder_->file("a/b/c");
  ASSERT_TRUE(make_folders(deep).ok());
  EXPECT_EQ(0700u, mode_of(folder_->file("a")));
  EXPECT_EQ(0700u, mode_of(deep));
  ASSERT_TRUE(make_folders(deep).ok());
  ASSERT_TRUE(write_file(folder_->file("file"), "").ok());
  auto through_file = make_folders(folder_->file("file/x"));
  ASSERT_FALSE(through_file.ok());
}

TEST(Paths, AreTakenApartAndJoined) {
  EXPECT_EQ("/a/b", parent_folder("/a/b/c"));
  EXPECT_EQ("/", parent_folder("/a"));
  EXPECT_EQ(".", parent_folder("a"));
  EXPECT_EQ("/a/b", join_path("/a", "b"));
  EXPECT_EQ("/a/b", join_path("/a/", "b"));
  EXPECT_EQ("/b", join_path("/a", "/b"));
}

TEST(TempFolders, VanishWithTheirContent) {
  std::string path;
  {
    TempFolder folder = TempFolder::create("reops-gone-").value();
    path = folder.path();
    ASSERT_TRUE(make_folders(folder.file("deep/er")).ok());
    ASSERT_TRUE(write_file(folder.file("deep/er/file"), "x").ok());
    TempFolder moved = std::move(folder);
    EXPECT_TRUE(file_exists(path));
  }
  EXPECT_FALSE(file_exists(path));
}

}  // namespace
}  // namespace reops::base
