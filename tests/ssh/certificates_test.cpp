// Certificates of users, signed by an authority that the test makes; and keys with a passphrase, asked for
// once.

#include "engine_fixture.hpp"
#include "ssh_agent.hpp"

namespace reops::ssh {
namespace {

class CertificatesTest : public EngineTest {
 protected:
  std::string make_key(const std::string& name, const std::string& type, const std::string& passphrase = "") {
    testing::must_run({"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-f", sshd_->file(name)});
    return sshd_->file(name);
  }
  static std::string text_of(const std::string& path) { return base::read_file(path).value(); }
  void let_in(const std::string& host, const std::string& line) {
    ASSERT_TRUE(base::write_file(sshd_->host_file(host, "authorized_keys"), line).ok());
  }
  /// Signs a public key; ssh-keygen writes beside it, with -cert.pub at the end.
  void sign(const std::string& authority, const std::string& key) {
    testing::must_run(
        {"ssh-keygen", "-q", "-s", authority, "-I", "the-id", "-n", sshd_->user(), key + ".pub"});
  }
  Outcome attempt() { return run("web1", "true"); }
};

TEST_F(CertificatesTest, BesideItsKeyOfEveryType) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  let_in("web1", "cert-authority " + text_of(authority + ".pub"));
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    SCOPED_TRACE(type);
    const std::string key = make_key(std::string("key_") + type, type);
    use_config(host_block("web1") + " IdentityFile " + key + "\n IdentitiesOnly yes\n");
    const Outcome without = attempt();
    EXPECT_REASON(auth, k_not_started, without);
    sign(authority, key);
    const Outcome with = attempt();
    EXPECT_REASON(none, 0, with);
    engine().close_idle_sessions();
  }
}

TEST_F(CertificatesTest, InAFileThatIsNamed) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ecdsa");
  const std::string key = make_key("user", "rsa");
  let_in("web1", "cert-authority " + text_of(authority + ".pub"));
  sign(authority, key);
  testing::must_run({"mv", key + "-cert.pub", sshd_->file("elsewhere.pub")});
  use_config(host_block("web1") + " IdentityFile " + key + "\n IdentitiesOnly yes\n CertificateFile " +
             sshd_->file("elsewhere.pub") + "\n");
  const Outcome outcome = attempt();
  EXPECT_REASON(none, 0, outcome);
  // One of another key is passed over.
  use_config(host_block("web1") + " IdentityFile " + sshd_->identity() +
             "\n IdentitiesOnly yes\n CertificateFile " + sshd_->file("elsewhere.pub") + "\n");
  const Outcome other = attempt();
  EXPECT_REASON(auth, k_not_started, other);
}

TEST_F(CertificatesTest, InTheAgent) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  let_in("web1", "cert-authority " + text_of(authority + ".pub"));
  Agent agent(sshd_->file("agent"));
  use_config(host_block("web1") + " IdentityAgent " + sshd_->file("agent") + "\n");
  // One that no authority has signed goes before it.
  agent.add(make_key("bare", "rsa"));
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    SCOPED_TRACE(type);
    const std::string key = make_key(std::string("key_") + type, type);
    agent.add(key);
    const Outcome without = attempt();
    EXPECT_REASON(auth, k_not_started, without);
    EXPECT_TRUE(has_all(without.message, {"the ssh-agent's keys"}));
    // ssh-add takes the certificate that lies beside the key along.
    sign(authority, key);
    agent.add(key);
    // Nothing but the agent has it.
    testing::must_run({"rm", key, key + ".pub", key + "-cert.pub"});
    EXPECT_REASON(none, 0, attempt());
    engine().close_idle_sessions();
    agent.remove_all();
  }
}

TEST_F(CertificatesTest, OfAnotherUserInTheAgent) {
  start({"--hosts", "web1"});
  const std::string authority = make_key("authority", "ed25519");
  let_in("web1", "cert-authority " + text_of(authority + ".pub"));
  Agent agent(sshd_->file("agent"));
  use_config(host_block("web1") + " IdentityAgent " + sshd_->file("agent") + "\n");
  const std::string key = make_key("key", "ed25519");
  testing::must_run(
      {"ssh-keygen", "-q", "-s", authority, "-I", "the-id", "-n", "someone-else", key + ".pub"});
  agent.add(key);
  EXPECT_REASON(auth, k_not_started, attempt());
}

TEST_F(CertificatesTest, APassphraseIsAskedForOnce) {
  start({"--shared", "--hosts", "web1 web2 web3"});
  const std::string key = make_key("locked", "ed25519", "open sesame");
  let_in("shared", text_of(key + ".pub"));
  use_config(host_block("web1") + host_block("web2") + host_block("web3") + "Host *\n IdentityFile " + key +
             "\n IdentitiesOnly yes\n");
  std::vector<std::string> questions;
  std::vector<std::string> answers = {"open sesame", "wrong"};
  options_.ask = [&](const std::string& question) -> std::optional<std::string> {
    questions.push_back(question);
    std::string answer = answers.back();
    answers.pop_back();
    return answer;
  };
  for (const Outcome& outcome :
       run({request("web1", "true"), request("web2", "true"), request("web3", "true")})) {
    EXPECT_REASON(none, 0, outcome);
  }
  EXPECT_EQ((std::vector<std::string>{"Passphrase of " + key + ": ",
                                      "That was not it. Passphrase of " + key + ": "}),
            questions);
  engine().close_idle_sessions();
  EXPECT_REASON(none, 0, run("web1", "true"));
  EXPECT_EQ(2u, questions.size());
}

TEST_F(CertificatesTest, APassphraseThatNobodyHasIsNotAskedForAgain) {
  start({"--hosts", "web1"});
  const std::string key = make_key("locked", "ed25519", "open sesame");
  use_config(host_block("web1") + " IdentityFile " + key + "\n IdentitiesOnly yes\n");
  int questions = 0;
  options_.ask = [&](const std::string&) -> std::optional<std::string> {
    ++questions;
    return std::nullopt;
  };
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = attempt();
    EXPECT_REASON(auth, k_not_started, outcome);
    EXPECT_TRUE(has_all(outcome.message, {"is protected by a passphrase"}));
  }
  EXPECT_EQ(1, questions);
}

TEST_F(CertificatesTest, WithStrictHostKeyCheckingAcceptNewAKeyIsKept) {
  start({"--hosts", "web1"});
  ASSERT_TRUE(base::write_file(sshd_->known_hosts(), "", 0600).ok());
  use_config(host_block("web1") + " IdentityFile " + sshd_->identity() +
             "\n IdentitiesOnly yes\n StrictHostKeyChecking accept-new\n");
  const Outcome first = attempt();
  EXPECT_REASON(none, 0, first);
  EXPECT_TRUE(has_all(text_of(sshd_->known_hosts()), {sshd_->known_name("web1"), "ssh-ed25519"}));
  // Another key is no new host.
  testing::must_run(
      {"sed", "-i", "s/AAAAC3NzaC1lZDI1NTE5AAAAI./AAAAC3NzaC1lZDI1NTE5AAAAIx/", sshd_->known_hosts()});
  const Outcome changed = attempt();
  EXPECT_REASON(hostkey, k_not_started, changed);
}

}  // namespace
}  // namespace reops::ssh
