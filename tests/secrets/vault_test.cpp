// The file of secrets: what is in it comes back, only with its passphrase, and nothing of it can be read or
// changed unnoticed.

#include "secrets/vault.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"

namespace reops::secrets {
namespace {

// A key takes no time to speak of.
const KeyRecipe k_cheap{1, 8192, {}};

using Names = std::vector<std::string>;

class VaultTest : public testing::Test {
 protected:
  base::TempFolder folder_ = base::TempFolder::create("reops-secrets").value();
  std::string path_ = folder_.file("data/secrets");
  LockedBytes passphrase_{std::string_view("correct horse")};

  std::unique_ptr<Vault> create() {
    auto made = Vault::create(path_, passphrase_, k_cheap);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? std::move(made).value() : nullptr;
  }
  static std::string get(Vault& vault, const std::string& name) {
    std::string found = "(none)";
    EXPECT_TRUE(vault.with(name, [&](std::string_view text) { found = text; }).ok());
    return found;
  }
  static LockedBytes text(std::string_view t) { return LockedBytes(t); }
  std::string open_error(std::string_view passphrase = "correct horse") {
    auto opened = Vault::open(path_, text(passphrase));
    return opened.ok() ? "" : opened.error().type;
  }
};

TEST_F(VaultTest, KeepsSecretsForWhoHasThePassphrase) {
  auto vault = create();
  const std::string odd("\0 \n\xff\xce\xbb", 6);
  ASSERT_TRUE(vault->put("db", text("hunter2")).ok());
  ASSERT_TRUE(vault->put("odd", text(odd)).ok());
  ASSERT_TRUE(vault->put("empty", text("")).ok());
  ASSERT_TRUE(vault->put("db", text("hunter3")).ok());
  auto again = Vault::open(path_, passphrase_);
  ASSERT_TRUE(again.ok());
  Vault& opened = *again.value();
  EXPECT_EQ((Names{"db", "empty", "odd"}), opened.names().value());
  EXPECT_EQ("hunter3", get(opened, "db"));
  EXPECT_EQ(odd, get(opened, "odd"));
  EXPECT_EQ("", get(opened, "empty"));
  EXPECT_EQ("(none)", get(opened, "nothing"));
  EXPECT_TRUE(opened.remove("db").value());
  EXPECT_FALSE(opened.remove("db").value());
  EXPECT_EQ("(none)", get(*vault, "db"));
  EXPECT_EQ("secrets/exists", Vault::create(path_, passphrase_, k_cheap).error().type);
  EXPECT_EQ("secrets/passphrase", open_error("correct horsf"));
}

TEST_F(VaultTest, FindsSecretsInTexts) {
  auto vault = create();
  EXPECT_EQ("hunter2", vault->masked("hunter2"));
  ASSERT_TRUE(vault->put("a", text("hunter2")).ok());
  ASSERT_TRUE(vault->put("b", text("hunter2-and-more")).ok());
  ASSERT_TRUE(vault->put("short", text("yes")).ok());
  EXPECT_EQ("***, *** and ****** yes", vault->masked("hunter2, hunter2-and-more and hunter2hunter2 yes"));
  EXPECT_EQ("", vault->masked(""));
}

TEST_F(VaultTest, NothingOfItIsInTheFile) {
  auto vault = create();
  ASSERT_TRUE(vault->put("the-name-of-it", text("hunter2-hunter2")).ok());
  const std::string file = base::read_file(path_).value();
  EXPECT_EQ(std::string::npos, file.find("hunter2"));
  EXPECT_EQ(std::string::npos, file.find("the-name"));
  struct stat found {};
  ASSERT_EQ(0, ::stat(path_.c_str(), &found));
  EXPECT_EQ(0600u, found.st_mode & 0777);
  // Written again, it is another file: the nonce is never used twice.
  ASSERT_TRUE(vault->put("the-name-of-it", text("hunter2-hunter2")).ok());
  EXPECT_NE(file, base::read_file(path_).value());
}

TEST_F(VaultTest, EveryByteCounts) {
  ASSERT_TRUE(create()->put("db", text("hunter2")).ok());
  const std::string file = base::read_file(path_).value();
  // Those of the recipe, changed, would ask for another amount of memory each time; here one of them stands
  // for all.
  for (std::size_t at : {std::size_t{0}, std::size_t{8}, std::size_t{9}, std::size_t{25}, std::size_t{40},
                         file.size() - 20, file.size() - 1}) {
    std::string changed = file;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    ASSERT_TRUE(base::write_file_atomic(path_, changed, 0600).ok());
    EXPECT_NE("", open_error()) << at;
  }
  for (std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{40}, file.size() - 1}) {
    ASSERT_TRUE(base::write_file_atomic(path_, file.substr(0, size), 0600).ok());
    EXPECT_NE("", open_error()) << size;
  }
  ASSERT_TRUE(base::write_file_atomic(path_, file.substr(0, 20), 0600).ok());
  EXPECT_EQ("secrets/corrupt", open_error());
  std::string greedy = file;
  greedy[19] = '\x7f';  // of the memory that its key takes
  ASSERT_TRUE(base::write_file_atomic(path_, greedy, 0600).ok());
  EXPECT_EQ("secrets/corrupt", open_error());
  std::string later = file;
  later[8] = 2;
  ASSERT_TRUE(base::write_file_atomic(path_, later, 0600).ok());
  EXPECT_EQ("secrets/newer", open_error());
}

TEST_F(VaultTest, IsRefusedWhenOthersMayReadIt) {
  create();
  ASSERT_EQ(0, ::chmod(path_.c_str(), 0640));
  EXPECT_EQ("secrets/not-private", open_error());
}

TEST_F(VaultTest, AnotherPassphrase) {
  auto vault = create();
  ASSERT_TRUE(vault->put("db", text("hunter2")).ok());
  auto other = Vault::open(path_, passphrase_);
  ASSERT_TRUE(vault->change_passphrase(text("battery")).ok());
  EXPECT_EQ("hunter2", get(*vault, "db"));
  EXPECT_EQ("secrets/passphrase", open_error());
  EXPECT_EQ("", open_error("battery"));
  EXPECT_EQ("secrets/locked", other.value()->names().error().type);
}

TEST_F(VaultTest, ManyChangeItAtOnceAndNothingIsLost) {
  auto first = create();
  auto second = Vault::open(path_, passphrase_);
  ASSERT_TRUE(second.ok());
  constexpr int k_each = 20;
  std::atomic<int> failed = 0;
  const auto work = [&](Vault& vault, const std::string& prefix) {
    for (int i = 0; i < k_each; ++i) failed += !vault.put(prefix + std::to_string(i), text("x")).ok();
  };
  std::thread a([&] { work(*first, "a"); }), b([&] { work(*first, "b"); }),
      c([&] { work(*second.value(), "c"); });
  a.join();
  b.join();
  c.join();
  EXPECT_EQ(0, failed);
  EXPECT_EQ(3u * k_each, first->names().value().size());
}

TEST_F(VaultTest, AFolderThatCannotBeWrittenLeavesTheFileAsItWas) {
  auto vault = create();
  ASSERT_TRUE(vault->put("db", text("hunter2")).ok());
  // A folder where the new file would be made first.
  const std::string before = base::read_file(path_).value();
  ASSERT_EQ(0, ::chmod(path_.c_str(), 0644));
  EXPECT_EQ("secrets/not-private", vault->put("db", text("other")).error().type);
  ASSERT_EQ(0, ::chmod(path_.c_str(), 0600));
  EXPECT_EQ(before, base::read_file(path_).value());
  EXPECT_EQ("hunter2", get(*vault, "db"));
}

TEST_F(VaultTest, KeyFiles) {
  const std::string key = folder_.file("key");
  ASSERT_TRUE(base::write_file(key, "correct horse\n", 0600).ok());
  EXPECT_EQ("correct horse", passphrase_in(key, true).value().view());
  ASSERT_EQ(0, ::chmod(key.c_str(), 0644));
  EXPECT_EQ("secrets/not-private", passphrase_in(key, true).error().type);
  EXPECT_EQ("correct horse", passphrase_in(key, false).value().view());
  ASSERT_TRUE(base::write_file(key, "\n").ok());
  EXPECT_EQ("secrets/key-file", passphrase_in(key, false).error().type);
  ASSERT_TRUE(base::write_file(key, std::string(5000, 'x')).ok());
  EXPECT_EQ("secrets/key-file", passphrase_in(key, false).error().type);
  EXPECT_FALSE(passphrase_in(folder_.file("none"), false).ok());
}

}  // namespace
}  // namespace reops::secrets
