// Logging in to real hosts: key files of every kind, ssh-agent, and what is said when nothing works.

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "engine_fixture.hpp"
#include "ssh_agent.hpp"

namespace reops::ssh {
namespace {

class LoginsTest : public EngineTest {
 protected:
  /// Makes a key pair; the hosts that are named let it in.
  std::string make_key(const std::string& type, const std::string& passphrase,
                       const std::vector<std::string>& hosts) {
    const std::string path = sshd_->file("key_" + type + std::to_string(++keys_));
    std::vector<std::string> command = {"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-f", path};
    if (type == "rsa") command.insert(command.end(), {"-b", "2048"});
    testing::must_run(std::move(command));
    const std::string line = base::read_file(path + ".pub").value();
    for (const std::string& host : hosts) {
      EXPECT_TRUE(base::append_file(sshd_->host_file(host, "authorized_keys"), line).ok());
    }
    return path;
  }
  Outcome run_with_keys(std::vector<std::string> keys) {
    Request made = request("web1", "echo ok");
    made.target.identity_files = std::move(keys);
    return run({made}).at(0);
  }
  int keys_ = 0;
};

TEST_F(LoginsTest, KeysOfEveryTypeAndFormat) {
  start({"--hosts", "web1"});
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    const Outcome outcome = run_with_keys({make_key(type, "", {"web1"})});
    EXPECT_REASON(none, 0, outcome);
  }
  const std::string pem = make_key("rsa", "", {"web1"});
  testing::must_run({"ssh-keygen", "-q", "-p", "-m", "PEM", "-N", "", "-f", pem});
  EXPECT_REASON(none, 0, run_with_keys({pem}));
}

TEST_F(LoginsTest, KeysAreTriedInTurn) {
  start({"--hosts", "web1"});
  EXPECT_REASON(none, 0,
                run_with_keys({make_key("ed25519", "", {}), make_key("rsa", "", {}), sshd_->identity()}));
}

TEST_F(LoginsTest, ARefusalSaysWhatWasTried) {
  start({"--refusing", "web1"});
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"web1 (" + outcome.address + ") refused user " + sshd_->user(),
                                        "key " + sshd_->identity() + " (ssh-ed25519)", "it accepts publickey",
                                        "authorized_keys"}));
}

TEST_F(LoginsTest, ANamedKeyThatIsNotThereIsNamed) {
  start({"--hosts", "web1"});
  const Outcome outcome = run_with_keys({sshd_->file("no_such_key")});
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {sshd_->file("no_such_key") + " does not exist"}));
}

TEST_F(LoginsTest, AnEncryptedKeyIsNamed) {
  start({"--hosts", "web1"});
  const std::string modern = make_key("ed25519", "secret", {"web1"});
  Outcome outcome = run_with_keys({modern});
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {modern + " is protected by a passphrase", "ssh-add " + modern}));

  const std::string pem = make_key("rsa", "secret", {"web1"});
  testing::must_run({"ssh-keygen", "-q", "-p", "-m", "PEM", "-P", "secret", "-N", "secret", "-f", pem});
  outcome = run_with_keys({pem});
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {pem + " is protected by a passphrase"}));
}

TEST_F(LoginsTest, AKeyThatOthersCanReadIsNotUsed) {
  start({"--hosts", "web1"});
  const std::string key = make_key("ed25519", "", {"web1"});
  ASSERT_EQ(0, ::chmod(key.c_str(), 0644));
  const Outcome outcome = run_with_keys({key});
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {key + " can be read by other users", "chmod 600 " + key}));
}

TEST_F(LoginsTest, AFileThatIsNoKeyIsNamed) {
  start({"--hosts", "web1"});
  const std::string path = sshd_->file("not_a_key");
  ASSERT_TRUE(base::write_file(path, "hello\n", 0600).ok());
  EXPECT_TRUE(has_all(run_with_keys({path}).message, {path + " is not a private key"}));
}

TEST_F(LoginsTest, AUserThatDoesNotExistIsRefused) {
  start({"--hosts", "web1"});
  Request stranger = request("web1", "true");
  stranger.target.user = "nosuchuser";
  const Outcome outcome = run({stranger}).at(0);
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"refused user nosuchuser"}));
}

TEST_F(LoginsTest, MoreKeysThanTheHostHasPatienceFor) {
  start({"--hosts", "web1"});
  std::vector<std::string> keys;
  for (int i = 0; i < 8; ++i) keys.push_back(make_key("ed25519", "", {}));
  const Outcome outcome = run_with_keys(keys);
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"Too many authentication failures"}));
}

TEST_F(LoginsTest, TheAgentSigns) {
  start({"--shared", "--hosts", "web1 web2 web3 web4 web5 web6 web7 web8"});
  const std::string socket = sshd_->file("agent");
  Agent agent(socket);
  // Not the first that the agent offers.
  agent.add(make_key("rsa", "", {}));
  const std::string key = make_key("ed25519", "", {"shared"});
  agent.add(key);
  std::string config;
  std::vector<Request> requests;
  for (int i = 1; i <= 8; ++i) {
    config += host_block("web" + std::to_string(i));
    requests.push_back(request("web" + std::to_string(i), "echo ok"));
  }
  use_config(config + "Host *\n IdentityAgent " + socket + "\n");
  for (const Outcome& outcome : run(requests)) {
    EXPECT_REASON(none, 0, outcome);
    EXPECT_EQ("ok\n", outcome.out);
  }

  use_config(config);
  ::setenv("SSH_AUTH_SOCK", socket.c_str(), 1);
  EXPECT_REASON(none, 0, run("web1", "true"));
  requests[0].target.use_agent = false;
  EXPECT_REASON(auth, k_not_started, run({requests[0]}).at(0));
  use_config(config + "Host *\n IdentitiesOnly yes\n");
  EXPECT_REASON(auth, k_not_started, run("web1", "true"));
  const std::size_t before = descriptors_at_rest();
  use_config(config);
  run({requests[1], requests[2]});
  EXPECT_EQ(before, descriptors_at_rest());
}

TEST_F(LoginsTest, AnEncryptedKeyIsFineWhenTheAgentHasIt) {
  start({"--hosts", "web1"});
  const std::string key = make_key("ed25519", "", {"web1"});
  Agent agent(sshd_->file("agent"));
  agent.add(key);
  testing::must_run({"ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", key});
  use_config(host_block("web1") + " IdentityFile " + key + "\n IdentityAgent " + sshd_->file("agent") + "\n");
  EXPECT_REASON(none, 0, run("web1", "true"));
}

TEST_F(LoginsTest, AnAgentWithoutTheKeyIsNamed) {
  start({"--hosts", "web1"});
  Agent agent(sshd_->file("agent"));
  agent.add(make_key("ed25519", "", {}));
  use_config(host_block("web1") + " IdentityAgent " + sshd_->file("agent") + "\n");
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"the ssh-agent's keys"}));
}

TEST_F(LoginsTest, AnAgentThatIsNotThereIsNamed) {
  start({"--hosts", "web1"});
  use_config(host_block("web1") + " IdentityAgent " + sshd_->file("no_agent") + "\n");
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"the ssh-agent at " + sshd_->file("no_agent") + " does not answer"}));
}

/// An agent that takes calls and never answers: one that waits for a person to confirm.
class MuteAgent {
 public:
  explicit MuteAgent(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
        ::listen(socket_.get(), 64) < 0)
      throw std::runtime_error("no agent socket at " + path);
  }

 private:
  base::UniqueFd socket_;
};

TEST_F(LoginsTest, AnAgentThatDoesNotAnswerHoldsUpNobodyElse) {
  start({"--shared", "--hosts", "web1 web2 web3 web4 web5 web6"});
  const std::string socket = sshd_->file("agent");
  const MuteAgent agent(socket);
  std::string config;
  std::vector<Request> requests;
  for (int i = 1; i <= 6; ++i) {
    const std::string name = "web" + std::to_string(i);
    config += host_block(name);
    config += i == 6 ? " IdentityFile " + sshd_->identity() + "\n" : " IdentityAgent " + socket + "\n";
    requests.push_back(request(name, "echo ok"));
    if (i < 6) requests.back().deadlines.auth = base::Millis(3000);
  }
  use_config(config);
  std::vector<std::string> order;
  options_.on_done = [&](const Outcome& outcome) { order.push_back(outcome.host); };
  const std::vector<Outcome> outcomes = run(requests);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_REASON(timeout_auth, k_not_started, outcomes[i]);
    EXPECT_TRUE(has_all(outcomes[i].message, {"ssh-agent did not sign", "3 s"}));
  }
  EXPECT_REASON(none, 0, outcomes[5]);
}

TEST_F(LoginsTest, CancellingDoesNotWaitForTheAgent) {
  start({"--hosts", "web1 web2"});
  const std::string socket = sshd_->file("agent");
  const MuteAgent agent(socket);
  use_config(host_block("web1") + " IdentityAgent " + socket + "\n" + host_block("web2") + " IdentityFile " +
             sshd_->identity() + "\n");
  base::Cancel cancel;
  options_.cancel_fd = cancel.fd();
  options_.on_done = [&](const Outcome& outcome) {
    if (outcome.host == "web2") cancel.cancel();
  };
  Request asking = request("web1", "true");
  asking.deadlines.auth = base::Millis(600'000);
  const std::vector<Outcome> outcomes = run({asking, request("web2", "sleep 1")});
  EXPECT_REASON(cancelled, k_not_started, outcomes[0]);
  EXPECT_REASON(none, 0, outcomes[1]);
}

}  // namespace
}  // namespace reops::ssh
