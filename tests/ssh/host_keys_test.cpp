// Host keys against real hosts: unknown, accepted, changed, revoked, of another type.

#include <sys/stat.h>

#include "engine_fixture.hpp"
#include "ssh/accept_host_key.hpp"

namespace reops::ssh {
namespace {

class HostKeysTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    start({"--hosts", "web1"});
  }
  void set_known_hosts(const std::string& text) {
    ASSERT_TRUE(base::write_file(sshd_->known_hosts(), text, 0600).ok());
  }
  std::string known_hosts() { return base::read_file(sshd_->known_hosts()).value(); }
  /// "ssh-ed25519 AAAA…"
  std::string public_key(const std::string& file) {
    const std::string line = base::read_file(sshd_->host_file("web1", file)).value();
    return line.substr(0, line.find(' ', line.find(' ') + 1));
  }
  std::string fingerprint() {
    const std::string line =
        testing::must_run({"ssh-keygen", "-l", "-f", sshd_->host_file("web1", "host_key.pub")});
    const std::size_t begin = line.find("SHA256:");
    return line.substr(begin, line.find(' ', begin) - begin);
  }
  std::string other_key() {
    const std::string path = sshd_->file("other");
    testing::must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path});
    const std::string line = base::read_file(path + ".pub").value();
    return line.substr(0, line.find(' ', line.find(' ') + 1));
  }
};

TEST_F(HostKeysTest, AnUnknownKeyIsRefusedWithItsFingerprint) {
  set_known_hosts("");
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(hostkey, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"host key of web1 (" + outcome.address + ") is not in known_hosts: ",
                                        fingerprint(), "compare it, then (accept-host-key \"web1\")"}));
  EXPECT_EQ(-1, outcome.times.auth);
}

TEST_F(HostKeysTest, AcceptedItIsKnown) {
  set_known_hosts("# a comment without an end of line");
  Target target;
  target.name = "web1";
  auto accepted = accept_host_key(engine(), target, options_);
  ASSERT_TRUE(accepted.ok()) << accepted.error().message;
  EXPECT_TRUE(accepted.value().added);
  EXPECT_EQ(fingerprint(), accepted.value().fingerprint);
  EXPECT_EQ("ssh-ed25519", accepted.value().type);
  EXPECT_EQ(sshd_->known_hosts(), accepted.value().file);
  EXPECT_EQ("# a comment without an end of line\n" + sshd_->known_name("web1") + " " +
                public_key("host_key.pub") + "\n",
            known_hosts());
  EXPECT_REASON(none, 0, run("web1", "true"));
  // OpenSSH's own client agrees with what we wrote.
  testing::must_run({"ssh", "-F", sshd_->config(), "-o", "StrictHostKeyChecking=yes", "web1", "true"});

  const std::string before = known_hosts();
  accepted = accept_host_key(engine(), target, options_);
  ASSERT_TRUE(accepted.ok());
  EXPECT_FALSE(accepted.value().added);
  EXPECT_EQ(before, known_hosts());
}

TEST_F(HostKeysTest, TheFileIsMadeForTheUserAlone) {
  Target target;
  target.name = "web1";
  target.known_hosts_files = {sshd_->file("new/folder/known_hosts")};
  const auto accepted = accept_host_key(engine(), target, options_);
  ASSERT_TRUE(accepted.ok()) << accepted.error().message;
  struct stat info {};
  ASSERT_EQ(0, ::stat(target.known_hosts_files[0].c_str(), &info));
  EXPECT_EQ(0600u, info.st_mode & 07777);
  ASSERT_EQ(0, ::stat(sshd_->file("new/folder").c_str(), &info));
  EXPECT_EQ(0700u, info.st_mode & 07777);
}

TEST_F(HostKeysTest, HashedNamesAreWrittenAndRead) {
  use_config(host_block("web1") + " IdentityFile " + sshd_->identity() + "\n HashKnownHosts yes\n");
  set_known_hosts("");
  Target target;
  target.name = "web1";
  const auto accepted = accept_host_key(engine(), target, options_);
  ASSERT_TRUE(accepted.ok()) << accepted.error().message;
  EXPECT_TRUE(known_hosts().starts_with("|1|")) << known_hosts();
  EXPECT_EQ(std::string::npos, known_hosts().find(sshd_->host("web1").address));
  EXPECT_REASON(none, 0, run("web1", "true"));
  testing::must_run(
      {"ssh", "-F", options_.config_files[0], "-o", "StrictHostKeyChecking=yes", "web1", "true"});
}

TEST_F(HostKeysTest, AFileHashedBySshKeygenIsRead) {
  testing::must_run({"ssh-keygen", "-q", "-H", "-f", sshd_->known_hosts()});
  EXPECT_TRUE(known_hosts().starts_with("|1|")) << known_hosts();
  EXPECT_REASON(none, 0, run("web1", "true"));
}

TEST_F(HostKeysTest, AnUnexpectedFingerprintIsNotAccepted) {
  set_known_hosts("");
  Target target;
  target.name = "web1";
  const auto accepted = accept_host_key(engine(), target, options_, "SHA256:somethingelse");
  ASSERT_FALSE(accepted.ok());
  EXPECT_EQ("ssh/hostkey", accepted.error().type);
  EXPECT_TRUE(has_all(accepted.error().message, {fingerprint(), "SHA256:somethingelse"}));
  EXPECT_EQ("", known_hosts());
  EXPECT_TRUE(accept_host_key(engine(), target, options_, fingerprint()).ok());
}

TEST_F(HostKeysTest, AChangedKeyIsRefusedLoudly) {
  const std::string text = "# first\n" + sshd_->known_name("web1") + " " + other_key() + "\n";
  set_known_hosts(text);
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(hostkey, k_not_started, outcome);
  EXPECT_TRUE(
      has_all(outcome.message, {"HOST KEY OF web1 (", "HAS CHANGED", fingerprint(),
                                sshd_->known_hosts() + ":2", "ssh-keygen -R '" + sshd_->known_name("web1")}));
  Target target;
  target.name = "web1";
  const auto accepted = accept_host_key(engine(), target, options_);
  ASSERT_FALSE(accepted.ok());
  EXPECT_EQ("ssh/hostkey", accepted.error().type);
  EXPECT_EQ(text, known_hosts());
}

TEST_F(HostKeysTest, ARevokedKeyIsRefusedThoughItIsKnown) {
  set_known_hosts(known_hosts() + "@revoked * " + public_key("host_key.pub") + "\n");
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(hostkey, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"REVOKED", sshd_->known_hosts() + ":2"}));
  Target target;
  target.name = "web1";
  EXPECT_FALSE(accept_host_key(engine(), target, options_).ok());
}

TEST_F(HostKeysTest, TheHostIsAskedForAKeyOfTheTypeOnFile) {
  set_known_hosts(sshd_->known_name("web1") + " " + public_key("host_key_ecdsa.pub") + "\n");
  EXPECT_REASON(none, 0, run("web1", "true"));
}

TEST_F(HostKeysTest, ACertificateAuthorityIsNamedAsUnsupported) {
  set_known_hosts("@cert-authority * " + other_key() + "\n");
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(hostkey, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"is not in known_hosts", "@cert-authority", "cannot ask"}));
}

TEST_F(HostKeysTest, AnAliasIsWhatKnownHostsIsAskedFor) {
  set_known_hosts("the-cluster " + public_key("host_key.pub") + "\n");
  use_config(host_block("web1") + " IdentityFile " + sshd_->identity() + "\n HostKeyAlias the-cluster\n");
  EXPECT_REASON(none, 0, run("web1", "true"));
}

TEST_F(HostKeysTest, NoKeyIsFetchedFromAHostThatIsDown) {
  Target target;
  target.name = "web1";
  target.port = 1;
  const auto accepted = accept_host_key(engine(), target, options_);
  ASSERT_FALSE(accepted.ok());
  EXPECT_EQ("ssh/refused", accepted.error().type);
}

}  // namespace
}  // namespace reops::ssh
