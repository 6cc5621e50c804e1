// reops.fs on real folders.

#include "base/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"
#include "lang/value/tagged.hpp"
#include "native_call.hpp"

namespace reops::lang {

extern const NativeModule k_natives_paths, k_natives_files, k_natives_file_changes;

namespace {

Ref fs(std::string_view name, std::initializer_list<std::string> texts) {
  std::vector<Ref> owned;
  std::vector<Value> slots;
  for (const std::string& text : texts) owned.push_back(make_string(text));
  for (const Ref& r : owned) slots.push_back(r);
  const NativeDef& def = find_native({&k_natives_paths, &k_natives_files, &k_natives_file_changes}, name);
  EXPECT_TRUE(slots.size() >= static_cast<size_t>(def.min_args)) << name;
  return def.fn(Args(slots.data(), slots.size()));
}

std::string text(const Ref& v) { return v.is_nil() ? "nil" : std::string(text_of(v)); }
std::string fs_text(std::string_view name, std::initializer_list<std::string> texts) {
  return text(fs(name, texts));
}
bool fs_true(std::string_view name, const std::string& path) { return fs(name, {path}).get().is_true(); }

std::vector<std::string> strings(const Ref& vector) {
  std::vector<std::string> out;
  for (size_t i = 0; i < vector_count(vector); ++i) out.emplace_back(text_of(vector_at(vector, i)));
  return out;
}

class Files : public testing::Test {
 protected:
  void SetUp() override {
    auto made = base::TempFolder::create("reops-files-test");
    ASSERT_TRUE(made.ok());
    folder_.emplace(std::move(made).value());
  }
  std::string at(std::string_view name) const { return folder_->file(name); }
  void write(std::string_view name, std::string_view content) {
    ASSERT_TRUE(base::write_file(at(name), content).ok());
  }
  std::string content(std::string_view name) {
    auto read = base::read_file(at(name));
    return read.ok() ? read.value() : "!" + read.error().message;
  }
  std::optional<base::TempFolder> folder_;
};

TEST(Paths, ArePartedAndJoined) {
  EXPECT_EQ(fs_text("parent", {"/a/b/c"}), "/a/b");
  EXPECT_EQ(fs_text("parent", {"/a/b/"}), "/a");
  EXPECT_EQ(fs_text("parent", {"/a"}), "/");
  EXPECT_EQ(fs_text("parent", {"/"}), "nil");
  EXPECT_EQ(fs_text("parent", {"a"}), "nil");
  EXPECT_EQ(fs_text("parent", {"a//b"}), "a");
  EXPECT_EQ(fs_text("file-name", {"/a/b.txt"}), "b.txt");
  EXPECT_EQ(fs_text("file-name", {"a/b/"}), "b");
  EXPECT_EQ(fs_text("file-name", {"/"}), "/");
  EXPECT_EQ(fs_text("extension", {"a/b.tar.gz"}), "gz");
  EXPECT_EQ(fs_text("extension", {"a.d/b"}), "nil");
  EXPECT_EQ(fs_text("extension", {"/home/.profile"}), "nil");
  EXPECT_EQ(fs_text("extension", {".."}), "nil");
  EXPECT_EQ(fs_text("strip-extension", {"a/b.tar.gz"}), "a/b.tar");
  EXPECT_EQ(fs_text("strip-extension", {"a.d/b"}), "a.d/b");
  EXPECT_EQ(fs_text("join", {"a", "b", "c"}), "a/b/c");
  EXPECT_EQ(fs_text("join", {"a/", "/b"}), "/b");
  EXPECT_TRUE(fs_true("absolute?", "/a"));
  EXPECT_FALSE(fs_true("absolute?", "a"));
  EXPECT_EQ(fs_text("absolute-path", {"/a"}), "/a");
  EXPECT_EQ(fs_text("absolute-path", {"x"}), fs_text("cwd", {}) + "/x");
  EXPECT_EQ(fs_text("expand-home", {"~/x"}), fs_text("home", {}) + "/x");
  thrown_message(ErrorClass::illegal_argument, [] { fs("parent", {""}); });
  thrown_message(ErrorClass::illegal_argument, [] { fs("exists?", {std::string("a\0b", 3)}); });
}

TEST_F(Files, AreAskedAbout) {
  write("a", "hello");
  ASSERT_EQ(::symlink("a", at("link").c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", at("broken").c_str()), 0);
  EXPECT_TRUE(fs_true("exists?", at("a")) && fs_true("file?", at("a")) && !fs_true("directory?", at("a")));
  EXPECT_TRUE(fs_true("exists?", at("link")) && fs_true("link?", at("link")) && fs_true("file?", at("link")));
  EXPECT_TRUE(!fs_true("exists?", at("broken")) && fs_true("link?", at("broken")));
  EXPECT_TRUE(fs_true("directory?", folder_->path()) && !fs_true("file?", folder_->path()));
  EXPECT_FALSE(fs_true("exists?", at("a/b")));
  EXPECT_EQ(as_int(fs("size", {at("a")})), 5);
  EXPECT_EQ(fs_text("read-link", {at("link")}), "a");
  struct timespec times[2] = {{1000, 0}, {1234567890, 123000000}};
  ASSERT_EQ(::utimensat(AT_FDCWD, at("a").c_str(), times, 0), 0);
  EXPECT_EQ(as<Inst>(fs("modified-time", {at("a")})).milliseconds, 1234567890123);
  EXPECT_EQ(fs_text("canonical-path", {at("link")}), fs_text("canonical-path", {at("a")}));
}

TEST_F(Files, ErrorsNameThePathAndTheReason) {
  std::string missing = at("missing");
  for (const char* name : {"size", "list-dir", "read-link", "permissions", "canonical-path", "delete"}) {
    std::string message = thrown_message(ErrorClass::file_not_found, [&] { fs(name, {missing}); });
    EXPECT_NE(message.find(missing), message.npos) << message;
    EXPECT_NE(message.find("No such file"), message.npos) << message;
  }
  write("a", "");
  std::string message = thrown_message(ErrorClass::io, [&] { fs("list-dir", {at("a")}); });
  EXPECT_NE(message.find("Not a directory"), message.npos) << message;
  thrown_message(ErrorClass::io, [&] { fs("read-link", {at("a")}); });
}

TEST_F(Files, FoldersAreMadeListedAndFound) {
  EXPECT_EQ(fs_text("mkdirs", {at("x/y/z")}), at("x/y/z"));
  EXPECT_EQ(fs_text("mkdirs", {at("x/y/z")}), at("x/y/z"));
  write("x/b.log", "");
  write("x/a.log", "");
  EXPECT_EQ(strings(fs("list-dir", {at("x")})),
            (std::vector<std::string>{at("x/a.log"), at("x/b.log"), at("x/y")}));
  EXPECT_EQ(strings(fs("glob", {at("x/*.log")})), (std::vector<std::string>{at("x/a.log"), at("x/b.log")}));
  EXPECT_EQ(strings(fs("glob", {at("x"), "?.log"})).size(), 2u);
  EXPECT_EQ(vector_count(fs("glob", {at("*.none")})), 0u);
  thrown_message(ErrorClass::io, [&] { fs("mkdirs", {at("x/a.log/below")}); });
}

TEST_F(Files, NamesThatAreNoTextStayUsable) {
  std::string odd = at("\xff\xfe");
  ASSERT_TRUE(base::write_file(odd, "x").ok());
  Ref listed = fs("list-dir", {folder_->path()});
  ASSERT_EQ(vector_count(listed), 1u);
  Value path = vector_at(listed, 0);
  ASSERT_TRUE(is<ByteString>(path));
  EXPECT_EQ(as_int(call_native(find_native({&k_natives_files}, "size"), {path})), 1);
}

TEST_F(Files, AreDeletedOnlyWhereTheyAre) {
  fs("mkdirs", {at("tree/deep/deeper")});
  fs("mkdirs", {at("other")});
  write("tree/deep/f", "1");
  write("other/kept", "1");
  ASSERT_EQ(::symlink(at("other").c_str(), at("tree/link").c_str()), 0);
  thrown_message(ErrorClass::io, [&] { fs("delete", {at("tree")}); });
  EXPECT_TRUE(fs_true("delete-tree", at("tree")));
  EXPECT_FALSE(fs_true("exists?", at("tree")));
  EXPECT_TRUE(fs_true("exists?", at("other/kept"))) << "links are not followed";
  EXPECT_FALSE(fs_true("delete-tree", at("tree")));
  EXPECT_FALSE(fs_true("delete-if-exists", at("tree")));
  EXPECT_TRUE(fs_true("delete-if-exists", at("other/kept")));
  fs("delete", {at("other")});
  EXPECT_FALSE(fs_true("exists?", at("other")));
  for (const char* path : {"/", "//", ".", "..", "x/.."}) {
    thrown_message(ErrorClass::illegal_argument, [&] { fs("delete-tree", {path}); });
  }
}

TEST_F(Files, AreCopiedWholeOrNotAtAll) {
  std::string big(1 << 20, 'x');
  write("a", big);
  ASSERT_EQ(::chmod(at("a").c_str(), 0640), 0);
  write("b", "old");
  EXPECT_EQ(fs_text("copy", {at("a"), at("b")}), at("b"));
  EXPECT_EQ(content("b"), big);
  EXPECT_EQ(fs_text("permissions", {at("b")}), "rw-r-----");
  fs("mkdirs", {at("d")});
  EXPECT_EQ(fs_text("copy", {at("a"), at("d")}), at("d/a"));
  EXPECT_EQ(content("d/a"), big);
  thrown_message(ErrorClass::io, [&] { fs("copy", {at("a"), at("a")}); });
  EXPECT_EQ(content("a"), big);
  thrown_message(ErrorClass::io, [&] { fs("copy", {at("d"), at("e")}); });
  thrown_message(ErrorClass::file_not_found, [&] { fs("copy", {at("missing"), at("e")}); });
  thrown_message(ErrorClass::file_not_found, [&] { fs("copy", {at("a"), at("nowhere/e")}); });
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);
  thrown_message(ErrorClass::io, [&] { fs("copy", {at("fifo"), at("e")}); });
  EXPECT_EQ(strings(fs("list-dir", {folder_->path()})).size(), 4u)
      << "a, b, d, fifo: nothing half-written stays";
}

TEST_F(Files, TreesAreCopiedWithLinksAndPermissions) {
  fs("mkdirs", {at("from/sub")});
  write("from/sub/f", "1");
  ASSERT_EQ(::symlink("sub/f", at("from/link").c_str()), 0);
  ASSERT_EQ(::chmod(at("from/sub").c_str(), 0750), 0);
  fs("copy-tree", {at("from"), at("to")});
  EXPECT_EQ(content("to/sub/f"), "1");
  EXPECT_EQ(fs_text("read-link", {at("to/link")}), "sub/f");
  EXPECT_EQ(fs_text("permissions", {at("to/sub")}), "rwxr-x---");
  fs("copy-tree", {at("from"), at("to")});
  std::string message = thrown_message(ErrorClass::io, [&] {
    fs("copy-tree", {at("from"), at("from/sub/again")});
  });
  EXPECT_NE(message.find("into itself"), message.npos) << message;
}

TEST_F(Files, AreMoved) {
  write("a", "1");
  fs("mkdirs", {at("d")});
  EXPECT_EQ(fs_text("move", {at("a"), at("b")}), at("b"));
  EXPECT_EQ(fs_text("move", {at("b"), at("d")}), at("d/b"));
  EXPECT_EQ(content("d/b"), "1");
  EXPECT_FALSE(fs_true("exists?", at("b")));
  thrown_message(ErrorClass::file_not_found, [&] { fs("move", {at("b"), at("c")}); });
}

TEST_F(Files, PermissionsAreReadAndSetInEverySpelling) {
  write("a", "");
  for (auto [given, shown] : {std::pair{"rwxr-x---", "rwxr-x---"},
                              {"644", "rw-r--r--"},
                              {"4755", "rwsr-xr-x"},
                              {"rw-r-Sr-T", "rw-r-Sr-T"},
                              {"0", "---------"}}) {
    fs("set-permissions", {at("a"), given});
    EXPECT_EQ(fs_text("permissions", {at("a")}), shown) << given;
  }
  Ref path = make_string(at("a"));
  call_native(find_native({&k_natives_file_changes}, "set-permissions"), {path, Value::fixnum(0600)});
  EXPECT_EQ(fs_text("permissions", {at("a")}), "rw-------");
  for (const char* bad : {"rwx", "999", "rwxrwxrwz", "", "100000", "xwrxwrxwr"}) {
    thrown_message(ErrorClass::illegal_argument, [&] { fs("set-permissions", {at("a"), bad}); });
  }
}

TEST_F(Files, TemporaryOnesAreOurs) {
  std::string dir = fs_text("temp-dir", {"reops-test-"}),
              file = fs_text("temp-file", {"reops-test-", ".txt"});
  EXPECT_EQ(fs_text("permissions", {dir}), "rwx------");
  EXPECT_EQ(fs_text("permissions", {file}), "rw-------");
  EXPECT_EQ(fs_text("extension", {file}), "txt");
  std::string other = fs_text("temp-dir", {"reops-test-"});
  EXPECT_NE(other, dir);
  for (const std::string& path : {dir, file, other}) fs("delete-tree", {path});
  thrown_message(ErrorClass::illegal_argument, [] { fs("temp-dir", {"a/b"}); });
}

TEST_F(Files, ProgramsAreFound) {
  EXPECT_TRUE(fs_true("executable?", fs_text("which", {"sh"})));
  EXPECT_EQ(fs_text("which", {"no-such-program-anywhere"}), "nil");
  write("script", "#!/bin/sh\n");
  EXPECT_EQ(fs_text("which", {at("script")}), "nil");
  fs("set-permissions", {at("script"), "755"});
  EXPECT_EQ(fs_text("which", {at("script")}), at("script"));
}

}  // namespace
}  // namespace reops::lang
