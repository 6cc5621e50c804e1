#include "base/archive.hpp"

#include <gtest/gtest.h>
#include <minizip/zip.h>

#include <memory>

#include "base/files.hpp"

namespace reops::base {
namespace {

class ArchiveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TempFolder::create("reops-archive-");
    ASSERT_TRUE(made.ok()) << made.error().message;
    folder_ = std::make_unique<TempFolder>(std::move(made).value());
    path_ = folder_->file("a.zip");
  }
  void write(const std::vector<std::pair<std::string, std::string>>& entries) {
    zipFile zip = zipOpen64(path_.c_str(), APPEND_STATUS_CREATE);
    ASSERT_NE(nullptr, zip);
    for (const auto& [name, content] : entries) {
      zip_fileinfo info{};
      ASSERT_EQ(ZIP_OK, zipOpenNewFileInZip(zip, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                            Z_DEFLATED, Z_DEFAULT_COMPRESSION));
      ASSERT_EQ(ZIP_OK, zipWriteInFileInZip(zip, content.data(), static_cast<unsigned>(content.size())));
      ASSERT_EQ(ZIP_OK, zipCloseFileInZip(zip));
    }
    ASSERT_EQ(ZIP_OK, zipClose(zip, nullptr));
  }
  std::shared_ptr<Archive> opened() {
    auto archive = Archive::open(path_);
    EXPECT_TRUE(archive.ok()) << archive.error().message;
    return archive.ok() ? archive.value() : nullptr;
  }

  std::unique_ptr<TempFolder> folder_;
  std::string path_;
};

TEST_F(ArchiveTest, EntriesComeBackAsTheyWent) {
  std::string large(300'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 % 251);
  write({{"my/lib.clj", "(ns my.lib)"}, {"large", large}, {"empty", ""}});
  auto archive = opened();
  EXPECT_TRUE(archive->contains("my/lib.clj"));
  EXPECT_FALSE(archive->contains("my/other.clj"));
  EXPECT_EQ(large, archive->read("large").value());
  EXPECT_EQ("(ns my.lib)", archive->read("my/lib.clj").value());
  EXPECT_EQ("", archive->read("empty").value());
  EXPECT_EQ("(ns my.lib)", archive->read("my/lib.clj").value());
}

TEST_F(ArchiveTest, WhatIsNotThereIsNamed) {
  write({{"a", "1"}});
  auto missing = opened()->read("b");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ("file/not-found", missing.error().type);
  EXPECT_NE(std::string::npos, missing.error().message.find("no entry b"));
  EXPECT_FALSE(Archive::open(folder_->file("no-such.zip")).ok());
}

TEST_F(ArchiveTest, WhatIsNoArchiveIsRefused) {
  ASSERT_TRUE(write_file(path_, "this is no archive").ok());
  auto opened = Archive::open(path_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ("file/bad-archive", opened.error().type);
  EXPECT_NE(std::string::npos, opened.error().message.find(path_));
}

TEST_F(ArchiveTest, DamageAtAnyByteIsAnErrorOrHarmless) {
  std::string content(2000, 'x');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i * i % 23);
  write({{"a", content}});
  std::string sound = read_file(path_).value();
  for (std::size_t at = 0; at < sound.size(); ++at) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    ASSERT_TRUE(write_file(path_, damaged).ok());
    auto archive = Archive::open(path_);
    if (!archive.ok() || !archive.value()->contains("a")) continue;
    auto read = archive.value()->read("a");
    if (read.ok()) {
      EXPECT_TRUE(content == read.value()) << "byte " << at;
    }
  }
}

TEST_F(ArchiveTest, AnArchiveThatIsCutOffIsRefusedUnlessOnlyItsLastWordsAreGone) {
  std::string a(500, 'a'), b(500, 'b');
  write({{"a", a}, {"b", b}});
  std::string sound = read_file(path_).value();
  constexpr std::size_t k_end_record = 22;
  for (std::size_t length = 0; length < sound.size(); ++length) {
    ASSERT_TRUE(write_file(path_, sound.substr(0, length)).ok());
    auto archive = Archive::open(path_);
    if (length < sound.size() - k_end_record) {
      EXPECT_FALSE(archive.ok()) << length << " bytes";
    } else if (archive.ok()) {
      for (const auto& [name, content] : {std::pair("a", a), std::pair("b", b)}) {
        if (!archive.value()->contains(name)) continue;
        auto read = archive.value()->read(name);
        EXPECT_TRUE(!read.ok() || content == read.value()) << length << " bytes";
      }
    }
  }
}

TEST_F(ArchiveTest, MoreThanTheLimitIsRefused) {
  write({{"bomb", std::string(1'000'000, '0')}});
  auto read = opened()->read("bomb", 100'000);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(std::string::npos, read.error().message.find("larger"));
}

TEST_F(ArchiveTest, AFileThatChangedIsReadAgain) {
  Archives archives;
  write({{"a", "old"}});
  EXPECT_EQ("old", archives.open(path_).value()->read("a").value());
  EXPECT_EQ(archives.open(path_).value(), archives.open(path_).value());
  write({{"a", "newer"}, {"b", ""}});
  EXPECT_EQ("newer", archives.open(path_).value()->read("a").value());
}

}  // namespace
}  // namespace reops::base
