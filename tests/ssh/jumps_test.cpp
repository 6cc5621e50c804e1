// Hosts that are reached through others: tunnels through one session, without a process for each target.

#include <sys/wait.h>

#include "engine_fixture.hpp"
#include "loopback_port.hpp"

namespace reops::ssh {
namespace {

class JumpsTest : public EngineTest {
 protected:
  /// All hosts, each as it is, then `extra` for some.
  void connect(const std::string& extra, const std::vector<std::string>& names) {
    std::string text = extra;
    for (const std::string& name : names) text += host_block(name);
    use_config(text + "Host *\n IdentityFile " + sshd_->identity() + "\n IdentitiesOnly yes\n");
  }
  /// What the command finds of who it was connected from: the bastion's own address, not ours.
  static std::string client_of(const Outcome& outcome) {
    return outcome.out.substr(0, outcome.out.find(' '));
  }
  static bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) >= 0; }
};

TEST_F(JumpsTest, ATargetThroughAJumpHost) {
  start({"--hosts", "bastion web1"});
  connect("Host web1\n ProxyJump bastion\n", {"bastion", "web1"});
  const Outcome first = run("web1", "echo $PPID");
  EXPECT_REASON(none, 0, first);
  EXPECT_TRUE(has_all(first.address, {sshd_->host("web1").address, " through bastion"}));
  for (const std::int64_t time :
       {first.times.connect, first.times.handshake, first.times.auth, first.times.exec})
    EXPECT_GE(time, 0);
  const Outcome second = run("web1", "echo $PPID");
  EXPECT_TRUE(second.reused);
  EXPECT_EQ(first.out, second.out);
}

TEST_F(JumpsTest, ManyTargetsShareOneSessionAndNoProcess) {
  std::string names;
  for (int i = 1; i <= 30; ++i) names += "node" + std::to_string(i) + " ";
  start({"--shared", "--hosts", names});
  use_config("Host bastion\n" + host_block("node1").substr(std::string("Host node1\n").size()) +
             "Host node*\n ProxyJump bastion\nInclude " + sshd_->config() + "\nHost *\n IdentityFile " +
             sshd_->identity() + "\n IdentitiesOnly yes\n");
  std::vector<Request> requests;
  for (int i = 1; i <= 30; ++i)
    requests.push_back(
        request("node" + std::to_string(i), "head -c 100000 /dev/zero; exit " + std::to_string(i)));
  const auto outcomes = run(std::move(requests));
  EXPECT_FALSE(has_children());
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(static_cast<int>(i) + 1, outcomes[i].code) << outcomes[i].message;
    EXPECT_EQ(100000u, outcomes[i].out.size());
  }
  // One login of the bastion, one of each target.
  const std::string log = base::read_file(sshd_->host_file("shared", "log")).value();
  std::size_t logins = 0;
  for (std::size_t at = 0; (at = log.find("Accepted publickey", at)) != std::string::npos; ++at) ++logins;
  EXPECT_EQ(31u, logins);
}

TEST_F(JumpsTest, TwoHops) {
  start({"--hosts", "outer inner web1"});
  connect("Host web1\n ProxyJump outer,inner\n", {"outer", "inner", "web1"});
  EXPECT_REASON(none, 0, run("web1", "true"));
  // The same way, written as each host's own.
  connect("Host web1\n ProxyJump inner\nHost inner\n ProxyJump outer\n", {"outer", "inner", "web1"});
  EXPECT_REASON(none, 0, run("web1", "true"));
}

TEST_F(JumpsTest, LargeStreamsGoThroughWhole) {
  start({"--hosts", "bastion web1"});
  connect("Host web1\n ProxyJump bastion\n", {"bastion", "web1"});
  std::string sent;
  for (int i = 0; i < 3'000'000; ++i) sent += static_cast<char>(i * 7 % 251);
  Request echo = request("web1", "cat");
  echo.input = std::make_shared<const std::string>(sent);
  const Outcome outcome = run({echo}).at(0);
  EXPECT_REASON(none, 0, outcome);
  EXPECT_TRUE(sent == outcome.out) << outcome.out.size();
}

TEST_F(JumpsTest, AWayThatLeadsInACircle) {
  start({"--hosts", "a b"});
  connect("Host a\n ProxyJump b\nHost b\n ProxyJump a\n", {"a", "b"});
  const Outcome outcome = run("a", "true");
  EXPECT_REASON(config, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"circle", "on the way to a"}));
}

TEST_F(JumpsTest, AJumpHostThatIsDownRefusesOrIsUnknownSaysSo) {
  start({"--hosts", "web1 bastion", "--refusing", "stranger", "--down", "gone"});
  connect("Host web1\n ProxyJump gone\n", {"gone", "web1"});
  Outcome outcome = run("web1", "true");
  EXPECT_REASON(refused, k_not_started, outcome);
  EXPECT_TRUE(
      has_all(outcome.message, {"web1 is reached through gone, and gone (", "refused the connection"}));
  connect("Host web1\n ProxyJump stranger\n", {"stranger", "web1"});
  outcome = run("web1", "true");
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"web1 is reached through stranger, and "}));
  connect("Host web1\n ProxyJump bastion\nHost bastion\n UserKnownHostsFile none\n", {"bastion", "web1"});
  outcome = run("web1", "true");
  EXPECT_REASON(hostkey, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"(accept-host-key \"bastion\")"}));
}

TEST_F(JumpsTest, ATargetThatTheJumpHostCannotReach) {
  start({"--hosts", "bastion", "--down", "gone"});
  connect("Host gone\n ProxyJump bastion\n", {"bastion", "gone"});
  const Outcome outcome = run("gone", "true");
  EXPECT_REASON(refused, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"gone (", "through bastion", "onnection refused"}));
}

TEST_F(JumpsTest, ATargetThatAcceptsAndSaysNothing) {
  start({"--hosts", "bastion"});
  const testing::LoopbackPort silent(testing::LoopbackPort::Manner::silent);
  connect("Host mute\n HostName 127.0.0.1\n Port " + std::to_string(silent.port()) + "\n ProxyJump bastion\n",
          {"bastion"});
  Request mute = request("mute", "true");
  mute.deadlines.handshake = base::Millis(500);
  EXPECT_REASON(none, 0, run("bastion", "true"));  // its own handshake takes what it takes
  const Outcome outcome = run({mute}).at(0);
  EXPECT_EQ(k_not_started, outcome.code);
  EXPECT_EQ("timeout/kex", reason_name(outcome.reason)) << outcome.message;
}

TEST_F(JumpsTest, AJumpHostThatDiesTakesItsTargetsAlong) {
  start({"--hosts", "bastion web1 web2"});
  connect("Host web*\n ProxyJump bastion\n", {"bastion", "web1", "web2"});
  Request killer = request("web1", "true");
  EXPECT_REASON(none, 0, run({killer}).at(0));
  // All connections of the bastion's sshd, ours to it among them.
  const auto outcomes = run({request(
      "web2", "echo started; pkill -9 -P $(cat " + sshd_->host_file("bastion", "pid") + "); sleep 60")});
  EXPECT_REASON(disconnected, k_unknown, outcomes[0]);
  const Outcome again = run("web1", "true");
  EXPECT_REASON(none, 0, again);
  EXPECT_FALSE(again.reused);
}

TEST_F(JumpsTest, NothingStaysOpen) {
  start({"--hosts", "bastion web1", "--down", "gone"});
  connect("Host web1 gone\n ProxyJump bastion\n", {"bastion", "web1", "gone"});
  engine_options_.idle = base::Millis(1);
  const auto batch = [&] {
    run({request("web1", "true"), request("gone", "true")});
    base::Cancel cancel;
    options_.cancel_fd = cancel.fd();
    options_.on_done = [&](const Outcome&) { cancel.cancel(); };
    run({request("web1", "true"), request("web1", wait_for_the_end())});
    options_.cancel_fd = -1;
    options_.on_done = nullptr;
    engine_.reset();
  };
  batch();
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(before, open_descriptors());
}

TEST_F(JumpsTest, AProxyCommandIsTheConnection) {
  start({"--hosts", "web1"});
  connect("Host web1\n ProxyCommand ssh -F " + sshd_->config() + " -W %h:%p web1\n", {"web1"});
  const Outcome outcome = run("web1", "echo ok");
  EXPECT_REASON(none, 0, outcome);
  EXPECT_EQ("ok\n", outcome.out);
  EXPECT_EQ("through ProxyCommand", outcome.address);
  engine_.reset();
  connect("Host web1\n ProxyCommand /nonexistent/program %h\n", {"web1"});
  const Outcome failed = run("web1", "true");
  EXPECT_REASON(disconnected, k_not_started, failed);
  EXPECT_TRUE(has_all(failed.message, {"web1 (through ProxyCommand)"}));
}

}  // namespace
}  // namespace reops::ssh
