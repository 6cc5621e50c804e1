#include "ssh/known_hosts.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "ssh/base64.hpp"
#include "support/private_sshd.hpp"

namespace reops::ssh {
namespace {

using Verdict = KnownHosts::Lookup::Verdict;

HostKey key(const std::string& type, const std::string& content) {
  return {type, base64_encode(content), "SHA256:x"};
}
const HostKey k_mine = key("ssh-ed25519", "mine");
const HostKey k_other = key("ssh-ed25519", "other");
const HostKey k_rsa = key("ssh-rsa", "rsa");

std::string line_of(const std::string& names, const HostKey& host_key) {
  return names + " " + host_key.type + " " + host_key.base64;
}

class KnownHostsTest : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(base::write_file(folder_.file(name), text).ok());
    return folder_.file(name);
  }
  KnownHosts::Lookup look_up(const std::string& text, const std::string& name) {
    auto loaded = KnownHosts::load({write("known_hosts", text)});
    EXPECT_TRUE(loaded.ok());
    hosts_ = std::move(loaded).value();
    return hosts_->look_up(name);
  }
  base::TempFolder folder_ = base::TempFolder::create("reops-known-").value();
  std::shared_ptr<const KnownHosts> hosts_;
};

TEST_F(KnownHostsTest, PlainNames) {
  const std::string text = "# comment\n\n" + line_of("web7,192.0.2.7", k_mine) + " a comment\r\n";
  EXPECT_EQ(Verdict::known, look_up(text, "web7").check(k_mine));
  EXPECT_EQ(Verdict::known, look_up(text, "192.0.2.7").check(k_mine));
  EXPECT_EQ(Verdict::changed, look_up(text, "web7").check(k_other));
  EXPECT_EQ(Verdict::unknown, look_up(text, "web7").check(k_rsa));
  EXPECT_EQ(Verdict::unknown, look_up(text, "web8").check(k_mine));
  EXPECT_EQ(folder_.file("known_hosts") + ":3", look_up(text, "web7").evidence(k_other)->where);
  EXPECT_EQ(std::vector<std::string>{"ssh-ed25519"}, look_up(text, "web7").key_types());
}

TEST_F(KnownHostsTest, NamesOfOtherPortsAreOtherNames) {
  EXPECT_EQ("web7", known_hosts_name("WEB7", 22));
  EXPECT_EQ("[web7]:2222", known_hosts_name("web7", 2222));
  const std::string text = line_of("[web7]:2222", k_mine);
  EXPECT_EQ(Verdict::known, look_up(text, "[web7]:2222").check(k_mine));
  EXPECT_EQ(Verdict::unknown, look_up(text, "web7").check(k_mine));
}

TEST_F(KnownHostsTest, PatternsAndExceptions) {
  const std::string text = line_of("*.example,!bad.example", k_mine) + "\n";
  EXPECT_EQ(Verdict::known, look_up(text, "web7.example").check(k_mine));
  EXPECT_EQ(Verdict::unknown, look_up(text, "bad.example").check(k_mine));
}

TEST_F(KnownHostsTest, OneGoodLineOfSeveralIsEnough) {
  const std::string text = line_of("web7", k_other) + "\n" + line_of("web7", k_mine) + "\n";
  EXPECT_EQ(Verdict::known, look_up(text, "web7").check(k_mine));
  EXPECT_EQ(Verdict::known, look_up(text, "web7").check(k_other));
}

TEST_F(KnownHostsTest, RevokedBeatsKnownWhereverItStands) {
  const std::string revoked = "@revoked " + line_of("web7", k_mine) + "\n";
  const std::string known = line_of("web7", k_mine) + "\n";
  EXPECT_EQ(Verdict::revoked, look_up(revoked + known, "web7").check(k_mine));
  EXPECT_EQ(Verdict::revoked, look_up(known + revoked, "web7").check(k_mine));
  EXPECT_EQ(Verdict::unknown, look_up(revoked, "web7").check(k_other));
  EXPECT_TRUE(look_up(revoked, "web7").key_types().empty());
}

TEST_F(KnownHostsTest, ARevocationThatCannotBeReadStopsEverything) {
  for (const char* line :
       {"@revoked web7 ssh-ed25519 not-base64!\n", "@revoked web7\n", "@new web7 a AAAA\n"}) {
    const auto loaded = KnownHosts::load({write("known_hosts", std::string("# x\n") + line)});
    ASSERT_FALSE(loaded.ok()) << line;
    EXPECT_NE(std::string::npos, loaded.error().message.find("known_hosts:2"));
  }
}

TEST_F(KnownHostsTest, OtherBrokenLinesSayNothing) {
  const std::string text = "web7\nweb7 ssh-ed25519\nweb7 ssh-ed25519 !!!\n|1|x|y ssh-ed25519 AAAA\n|1|\n" +
                           line_of("web7", k_mine);
  EXPECT_EQ(Verdict::known, look_up(text, "web7").check(k_mine));
  EXPECT_EQ(Verdict::unknown, look_up(text, "web7").check(k_rsa));
}

TEST_F(KnownHostsTest, AuthoritiesAreSeenButNotTrusted) {
  const KnownHosts::Lookup lookup = look_up("@cert-authority " + line_of("*", k_mine), "web7");
  EXPECT_EQ(Verdict::unknown, lookup.check(k_mine));
  ASSERT_NE(nullptr, lookup.authority());
  EXPECT_TRUE(lookup.key_types().empty());
}

TEST_F(KnownHostsTest, SeveralFilesCountAsOneAndMissingOnesAsNone) {
  const auto loaded = KnownHosts::load(
      {folder_.file("none"), write("a", line_of("web1", k_mine)), write("b", line_of("web2", k_other))});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(Verdict::known, loaded.value()->look_up("web1").check(k_mine));
  EXPECT_EQ(Verdict::known, loaded.value()->look_up("web2").check(k_other));
  EXPECT_FALSE(KnownHosts::load({folder_.path()}).ok());
}

TEST_F(KnownHostsTest, HashedNamesOfSshKeygen) {
  const std::string path = write("hashed", line_of("web7.example", key("ssh-ed25519", "x")) + "\n");
  // ssh-keygen wants a real key.
  const std::string pair = folder_.file("pair");
  testing::must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", pair});
  const std::string line = base::read_file(pair + ".pub").value();
  const std::string base64 = line.substr(12, line.find(' ', 12) - 12);
  ASSERT_TRUE(base::write_file(path, "web7.example,192.0.2.7 ssh-ed25519 " + base64 + "\n").ok());
  testing::must_run({"ssh-keygen", "-q", "-H", "-f", path});
  ASSERT_EQ(std::string::npos, base::read_file(path).value().find("web7"));
  const auto loaded = KnownHosts::load({path});
  ASSERT_TRUE(loaded.ok());
  const HostKey shown{"ssh-ed25519", base64, ""};
  EXPECT_EQ(Verdict::known, loaded.value()->look_up("web7.example").check(shown));
  EXPECT_EQ(Verdict::known, loaded.value()->look_up("192.0.2.7").check(shown));
  EXPECT_EQ(Verdict::unknown, loaded.value()->look_up("web8.example").check(shown));
}

TEST_F(KnownHostsTest, OurHashedLinesAreFoundBySshKeygen) {
  const std::string pair = folder_.file("pair");
  testing::must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", pair});
  const std::string line = base::read_file(pair + ".pub").value();
  const HostKey shown{"ssh-ed25519", line.substr(12, line.find(' ', 12) - 12), ""};
  const std::string made = known_hosts_line("[web7]:2222", shown, true).value();
  EXPECT_NE(made, known_hosts_line("[web7]:2222", shown, true).value());  // a fresh salt each time
  const std::string path = write("ours", made);
  EXPECT_NE(std::string::npos,
            testing::must_run({"ssh-keygen", "-F", "[web7]:2222", "-f", path}).find(shown.base64));
}

TEST(Base64, RoundTripsAndRefusesNonsense) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(bytes, base64_decode(base64_encode(bytes)));
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ("aGVsbG8=", base64_encode("hello"));
  EXPECT_EQ("hello", base64_decode("aGVs\nbG8=\n"));
  for (const char* wrong : {"a", "ab", "abc", "ab=c", "a*bc", "=abc"})
    EXPECT_FALSE(base64_decode(wrong)) << wrong;
}

}  // namespace
}  // namespace reops::ssh
