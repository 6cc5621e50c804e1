// Host keys against real hosts: unknown, accepted, changed, revoked, of another type.

#include <sys/stat.h>

#include "engine_fixture.hpp"
#include "ssh/host_key_review.hpp"

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
  ShownHostKey shown(const Target& target) { return shown_host_keys(engine(), {target}, options_).at(0); }
  /// What a person does who has compared the key that the host shows.
  base::Result<void> accept(const Target& target) {
    return keep_host_keys({{target, shown(target).key}}, options_.config_files);
  }
  static mode_t mode_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
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
  ASSERT_EQ(0, ::chmod(sshd_->known_hosts().c_str(), 0644));
  Target target;
  target.name = "web1";
  const ShownHostKey key = shown(target);
  EXPECT_EQ(KnownHosts::Lookup::Verdict::unknown, key.verdict);
  EXPECT_EQ(Reason::none, key.failure.reason) << key.failure.message;
  EXPECT_EQ(fingerprint(), key.key.fingerprint);
  EXPECT_EQ("ssh-ed25519", key.key.type);
  EXPECT_EQ(sshd_->known_hosts(), key.file);
  const auto accepted = accept(target);
  ASSERT_TRUE(accepted.ok()) << accepted.error().message;
  EXPECT_EQ("# a comment without an end of line\n" + sshd_->known_name("web1") + " " +
                public_key("host_key.pub") + "\n",
            known_hosts());
  EXPECT_EQ(0600u, mode_of(sshd_->known_hosts()));
  EXPECT_REASON(none, 0, run("web1", "true"));
  // OpenSSH's own client agrees with what we wrote.
  testing::must_run({"ssh", "-F", sshd_->config(), "-o", "StrictHostKeyChecking=yes", "web1", "true"});

  const std::string before = known_hosts();
  EXPECT_EQ(KnownHosts::Lookup::Verdict::known, shown(target).verdict);
  EXPECT_TRUE(accept(target).ok());
  EXPECT_EQ(before, known_hosts());
}

TEST_F(HostKeysTest, TheFileIsMadeForTheUserAlone) {
  Target target;
  target.name = "web1";
  target.known_hosts_files = {sshd_->file("new/folder/known_hosts")};
  const auto accepted = accept(target);
  ASSERT_TRUE(accepted.ok()) << accepted.error().message;
  EXPECT_EQ(0600u, mode_of(target.known_hosts_files[0]));
  EXPECT_EQ(0700u, mode_of(sshd_->file("new/folder")));
}

TEST_F(HostKeysTest, HashedNamesAreWrittenAndRead) {
  use_config(host_block("web1") + " IdentityFile " + sshd_->identity() + "\n HashKnownHosts yes\n");
  set_known_hosts("");
  Target target;
  target.name = "web1";
  const auto accepted = accept(target);
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
  const ShownHostKey key = shown(target);
  EXPECT_EQ(KnownHosts::Lookup::Verdict::changed, key.verdict);
  EXPECT_EQ(outcome.message, key.failure.message);
  const auto accepted = accept(target);
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
  EXPECT_EQ(KnownHosts::Lookup::Verdict::revoked, shown(target).verdict);
  EXPECT_FALSE(accept(target).ok());
}

TEST_F(HostKeysTest, TheHostIsAskedForAKeyOfTheTypeOnFile) {
  set_known_hosts(sshd_->known_name("web1") + " " + public_key("host_key_ecdsa.pub") + "\n");
  EXPECT_REASON(none, 0, run("web1", "true"));
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
  const ShownHostKey key = shown(target);
  EXPECT_EQ(reason_name(Reason::refused), reason_name(key.failure.reason));
  EXPECT_EQ("", key.key.base64);
}

TEST_F(HostKeysTest, TheNetworkDecidesAboutANewKey) {
  set_known_hosts("");
  Request made = request("web1", "true");
  const auto with_policy = [&](const std::vector<std::pair<std::string, bool>>& rules) {
    made.target.new_keys = std::make_shared<const NewKeyPolicy>(NewKeyPolicy::parse(rules).value());
    return run({made}).at(0);
  };
  EXPECT_REASON(hostkey, k_not_started, with_policy({{"10.0.0.0/8", true}}));
  EXPECT_REASON(hostkey, k_not_started, with_policy({{"127.0.0.0/8", false}}));
  EXPECT_EQ("", known_hosts());
  EXPECT_REASON(none, 0, with_policy({{"10.0.0.0/8", false}, {"127.0.0.0/8", true}}));
  EXPECT_EQ(sshd_->known_name("web1") + " " + public_key("host_key.pub") + "\n", known_hosts());
  // A key that differs is no new one, wherever the host is.
  set_known_hosts(sshd_->known_name("web1") + " " + other_key() + "\n");
  EXPECT_REASON(hostkey, k_not_started, with_policy({{"127.0.0.0/8", true}}));

  // What the policy says goes before the configuration, where it says something.
  set_known_hosts("");
  use_config(host_block("web1") + " IdentityFile " + sshd_->identity() +
             "\n StrictHostKeyChecking accept-new\n");
  EXPECT_REASON(hostkey, k_not_started, with_policy({{"127.0.0.0/8", false}}));
  EXPECT_REASON(none, 0, with_policy({{"10.0.0.0/8", false}}));
}

}  // namespace
}  // namespace reops::ssh
