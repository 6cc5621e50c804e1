// Hosts that are known by a certificate: an authority in known_hosts vouches for their keys.

#include "engine_fixture.hpp"
#include "ssh/base64.hpp"
#include "ssh/host_certificate.hpp"
#include "ssh/host_key_review.hpp"

namespace reops::ssh {
namespace {

std::string text_of(const std::string& path) { return base::read_file(path).value(); }

class HostCertificatesTest : public EngineTest {
 protected:
  std::string make_key(const std::string& name, const std::string& type) {
    testing::must_run({"ssh-keygen", "-q", "-t", type, "-N", "", "-f", sshd_->file(name)});
    return sshd_->file(name);
  }
  /// Signs the host's key; sshd reads what is written beside it when it starts or is told to.
  void certify(const std::string& authority, const std::vector<std::string>& more,
               const std::string& key = "host_key") {
    std::vector<std::string> command = {"ssh-keygen", "-q", "-s", authority, "-I", "the-id", "-h"};
    command.insert(command.end(), more.begin(), more.end());
    command.push_back(sshd_->host_file("web1", key + ".pub"));
    testing::must_run(std::move(command));
    const std::string config = sshd_->host_file("web1", "sshd_config");
    const std::string line = "HostCertificate " + sshd_->host_file("web1", key + "-cert.pub") + "\n";
    if (text_of(config).find(line) == std::string::npos) {
      ASSERT_TRUE(base::write_file(config, line + text_of(config)).ok());
    }
    restart();
  }
  // It reads its configuration again, and listens anew.
  void restart() {
    const std::string log = sshd_->host_file("web1", "log");
    const auto starts = [&] {
      std::size_t count = 0;
      const std::string text = text_of(log);
      for (std::size_t at = 0; (at = text.find("Server listening", at)) != std::string::npos; ++at) ++count;
      return count;
    };
    const std::size_t before = starts();
    const std::string pid = text_of(sshd_->host_file("web1", "pid"));
    testing::must_run({"kill", "-HUP", pid.substr(0, pid.find('\n'))});
    const base::Deadline deadline = base::Deadline::in(base::Millis(60'000));
    while (starts() == before && !deadline.expired()) ::usleep(5'000);
  }
  void trust(const std::string& authority, const std::string& hosts = "*") {
    set_known_hosts("@cert-authority " + hosts + " " + text_of(authority + ".pub"));
  }
  void set_known_hosts(const std::string& text) {
    ASSERT_TRUE(base::write_file(sshd_->known_hosts(), text, 0600).ok());
  }
  std::string address() { return sshd_->host("web1").address; }
  void expect_refused(const std::vector<std::string>& says) {
    const Outcome outcome = run("web1", "true");
    EXPECT_REASON(hostkey, k_not_started, outcome);
    EXPECT_TRUE(has_all(outcome.message, says));
  }
};

TEST_F(HostCertificatesTest, TheAuthoritysWordIsEnough) {
  start({"--hosts", "web1"});
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    SCOPED_TRACE(type);
    const std::string authority = make_key(std::string("authority_") + type, type);
    certify(authority, {"-n", "web1.example," + address()});
    trust(authority);
    const std::string before = text_of(sshd_->known_hosts());
    const Outcome outcome = run("web1", "echo ok");
    EXPECT_REASON(none, 0, outcome);
    EXPECT_EQ("ok\n", outcome.out);
    EXPECT_EQ(sshd_->known_hosts() + ":1", outcome.host_key.certified_by);
    // The next command takes the same connection, and the next connection needs to ask no more.
    EXPECT_TRUE(run("web1", "true").reused);
    engine().close_idle_sessions();
    EXPECT_REASON(none, 0, run("web1", "true"));
    EXPECT_EQ(before, text_of(sshd_->known_hosts()));
    // OpenSSH's own client sees it the same way.
    testing::must_run({"ssh", "-F", sshd_->config(), "-o", "StrictHostKeyChecking=yes", "web1", "true"});
    engine_.reset();
  }
}

TEST_F(HostCertificatesTest, OfAKeyThatIsNotTheHostsFirst) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  certify(authority, {"-n", address()}, "host_key_ecdsa");
  trust(authority);
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(none, 0, outcome);
  EXPECT_EQ("ecdsa-sha2-nistp256", outcome.host_key.type);
}

TEST_F(HostCertificatesTest, AlsoWhereAnOlderKeyIsOnFile) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  const std::string old = text_of(make_key("old", "ed25519") + ".pub");
  certify(authority, {"-n", address()});
  const std::string line = sshd_->known_name("web1") + " " + old;
  set_known_hosts(line);
  expect_refused({"HAS CHANGED"});
  set_known_hosts(line + "@cert-authority * " + text_of(authority + ".pub"));
  EXPECT_REASON(none, 0, run("web1", "true"));
  EXPECT_TRUE(run("web1", "true").reused);
  // A key of another type is on file, and the host has a certificate of its first only.
  engine_.reset();
  const std::string ecdsa = text_of(make_key("old_ecdsa", "ecdsa") + ".pub");
  set_known_hosts(sshd_->known_name("web1") + " " + ecdsa + "@cert-authority * " +
                  text_of(authority + ".pub"));
  EXPECT_REASON(none, 0, run("web1", "true"));
  Target target;
  target.name = "web1";
  EXPECT_EQ(KnownHosts::Lookup::Verdict::known, shown_host_keys(engine(), {target}, options_).at(0).verdict);
  // An authority that has not signed it changes nothing.
  engine_.reset();
  set_known_hosts(line + "@cert-authority * " + text_of(make_key("other", "ed25519") + ".pub"));
  expect_refused({"HAS CHANGED"});
}

TEST_F(HostCertificatesTest, ThroughAJumpHost) {
  start({"--hosts", "web1 bastion"});
  const std::string authority = make_key("authority", "ed25519");
  certify(authority, {"-n", address()});
  const std::string known = text_of(sshd_->known_hosts());
  set_known_hosts(known.substr(known.find(sshd_->known_name("bastion"))));
  ASSERT_TRUE(
      base::append_file(sshd_->known_hosts(), "@cert-authority * " + text_of(authority + ".pub")).ok());
  use_config(host_block("web1") + " IdentityFile " + sshd_->identity() + "\n ProxyJump bastion\n" +
             host_block("bastion") + " IdentityFile " + sshd_->identity() + "\n");
  EXPECT_REASON(none, 0, run("web1", "true"));
}

TEST_F(HostCertificatesTest, WhatDoesNotCountSaysWhy) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  const std::string other = make_key("other", "ed25519");
  trust(authority);
  expect_refused({"is not in known_hosts: SHA256:", ":1 names a certificate authority",
                  "the host showed no certificate (HostCertificate", "(accept-host-key \"web1\")"});
  certify(other, {"-n", address()});
  expect_refused({"its certificate \"the-id\" is of an authority that known_hosts does not have"});
  certify(authority, {"-n", "web2,web3"});
  expect_refused({"its certificate \"the-id\" is of web2, web3, not of " + address()});
  certify(authority, {"-n", address(), "-V", "20010101:20020101"});
  expect_refused({"was valid until 200"});
  certify(authority, {"-n", address(), "-V", "20990101:20990102"});
  expect_refused({"is not valid before 20"});
  // The one that counts is asked for again, although another has been seen.
  certify(authority, {"-n", address()});
  EXPECT_REASON(none, 0, run("web1", "true"));
  engine().close_idle_sessions();

  // An authority of other hosts, and one that is revoked.
  trust(authority, "*.example");
  expect_refused({"is not in known_hosts"});
  set_known_hosts("@cert-authority * " + text_of(authority + ".pub") + "@revoked * " +
                  text_of(authority + ".pub"));
  expect_refused({"is of an authority that known_hosts declares revoked"});
  const std::string key = text_of(sshd_->host_file("web1", "host_key.pub"));
  set_known_hosts("@cert-authority * " + text_of(authority + ".pub") + "@revoked * " + key);
  expect_refused({"IS REVOKED"});
}

TEST_F(HostCertificatesTest, AConnectionThatWaitsIsCheckedAgain) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  certify(authority, {"-n", address()});
  trust(authority);
  EXPECT_REASON(none, 0, run("web1", "true"));
  set_known_hosts("");
  expect_refused({"is not in known_hosts"});
}

TEST_F(HostCertificatesTest, InAReviewItIsKnown) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  certify(authority, {"-n", address()});
  trust(authority);
  Target target;
  target.name = "web1";
  const ShownHostKey shown = shown_host_keys(engine(), {target}, options_).at(0);
  EXPECT_EQ(KnownHosts::Lookup::Verdict::known, shown.verdict) << shown.failure.message;
  EXPECT_EQ(sshd_->known_hosts(), shown.file);
}

TEST_F(HostCertificatesTest, NothingStaysOpen) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  certify(authority, {"-n", "web9"});
  trust(authority);
  expect_refused({"is of web9"});
  const std::size_t before = descriptors_at_rest();
  for (int i = 0; i < 5; ++i) expect_refused({"is of web9"});
  // The answer is there before the connection's end.
  const base::Deadline deadline = base::Deadline::in(base::Millis(30'000));
  while (open_descriptors() > before && !deadline.expired()) ::usleep(1'000);
  EXPECT_LE(open_descriptors(), before);
}

TEST(HostCertificateTest, WhatIsCutOffIsNone) {
  const auto folder = base::TempFolder::create("reops-certificate-").value();
  const std::string key = folder.file("key");
  testing::must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key});
  testing::must_run({"ssh-keygen", "-q", "-s", key, "-I", "the-id", "-h", "-n", "a,b", key + ".pub"});
  const std::string line = base::read_file(key + "-cert.pub").value();
  const std::size_t begin = line.find(' ') + 1;
  const std::string blob = base64_decode(line.substr(begin, line.find(' ', begin) - begin)).value();
  const auto whole = HostCertificate::parse(blob);
  ASSERT_TRUE(whole);
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), whole->principals);
  EXPECT_TRUE(signature_holds(*whole));
  for (std::size_t size = 0; size < blob.size(); ++size)
    EXPECT_FALSE(HostCertificate::parse(std::string_view(blob).substr(0, size))) << size;
  EXPECT_FALSE(HostCertificate::parse(blob + "x"));
  // One bit anywhere, and it is no certificate any more or nobody has signed it.
  for (std::size_t at = 0; at < blob.size(); ++at) {
    std::string changed = blob;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto parsed = HostCertificate::parse(changed);
    EXPECT_FALSE(parsed && signature_holds(*parsed)) << at;
  }
}

}  // namespace
}  // namespace reops::ssh
