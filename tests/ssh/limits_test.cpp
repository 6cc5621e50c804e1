// How much happens at a time, how long anything may take, and what is tried again.

#include <atomic>
#include <thread>

#include "engine_fixture.hpp"
#include "loopback_port.hpp"

namespace reops::ssh {
namespace {

using testing::LoopbackPort;
using Manner = LoopbackPort::Manner;

class LimitsTest : public EngineTest {
 protected:
  /// A command that says how many like it run.
  std::string census() {
    return "mkdir -p " + sshd_->file("census") + "; touch " + sshd_->file("census") + "/$$; ls " +
           sshd_->file("census") + " | wc -l; sleep 0.1; rm " + sshd_->file("census") + "/$$";
  }
  static int largest(const std::vector<Outcome>& outcomes) {
    int most = 0;
    for (const Outcome& outcome : outcomes) {
      EXPECT_REASON(none, 0, outcome);
      most = std::max(most, std::atoi(outcome.out.c_str()));
    }
    return most;
  }
  std::vector<Request> each_node(int count, const std::string& command) {
    std::vector<Request> requests;
    for (int i = 1; i <= count; ++i) requests.push_back(request("node" + std::to_string(i), command));
    return requests;
  }
  static std::string nodes(int count) {
    std::string names;
    for (int i = 1; i <= count; ++i) names += "node" + std::to_string(i) + " ";
    return names;
  }
  Request to_port(const LoopbackPort& port) {
    Request made = request("mute", "true");
    made.target.host = "127.0.0.1";
    made.target.port = port.port();
    return made;
  }
};

TEST_F(LimitsTest, AStepHasItsFanOut) {
  start({"--shared", "--hosts", nodes(8)});
  options_.max_in_flight = 2;
  const int most = largest(run(each_node(8, census())));
  EXPECT_LE(most, 2);
}

TEST_F(LimitsTest, AllBatchesTogetherHaveALimit) {
  start({"--shared", "--hosts", nodes(8)});
  engine_options_.max_in_flight = 3;
  engine();
  std::vector<Outcome> first;
  std::thread other([&] { first = engine().run(each_node(8, census()), options_); });
  std::vector<Outcome> second = run(each_node(8, census()));
  other.join();
  first.insert(first.end(), second.begin(), second.end());
  EXPECT_EQ(16u, first.size());
  EXPECT_LE(largest(first), 3);
}

TEST_F(LimitsTest, CancelledABatchDoesNotWaitForItsTurn) {
  start({"--hosts", "web1"});
  engine_options_.max_in_flight = 1;
  engine();
  base::Cancel cancel_first;
  BatchOptions first = options_;
  first.cancel_fd = cancel_first.fd();
  const std::string mark = sshd_->file("running");
  std::thread other([&] {
    EXPECT_EQ("cancelled",
              reason_name(engine()
                              .run({request("web1", "touch " + mark + "; " + wait_for_the_end())}, first)
                              .at(0)
                              .reason));
  });
  const base::Deadline deadline = base::Deadline::in(base::Millis(60'000));
  while (!base::file_exists(mark) && !deadline.expired()) std::this_thread::sleep_for(base::Millis(5));
  base::Cancel cancel_second;
  cancel_second.cancel();
  options_.cancel_fd = cancel_second.fd();
  EXPECT_REASON(cancelled, k_not_started, run("web1", "true"));
  cancel_first.cancel();
  other.join();
  options_.cancel_fd = -1;
  EXPECT_REASON(none, 0, run("web1", "true"));
}

TEST_F(LimitsTest, AJumpHostHasItsOwn) {
  start({"--shared", "--hosts", nodes(6)});
  use_config("Host bastion\n" + host_block("node1").substr(std::string("Host node1\n").size()) +
             "Host node*\n ProxyJump bastion\nInclude " + sshd_->config() + "\nHost *\n IdentityFile " +
             sshd_->identity() + "\n IdentitiesOnly yes\n");
  engine_options_.max_per_bastion = 2;
  EXPECT_LE(largest(run(each_node(6, census()))), 2);
}

TEST_F(LimitsTest, HostsThatHangUpBecauseTheyAreBusyAreCalledAgain) {
  start({"--shared", "--hosts", nodes(8), "--set", "MaxStartups 1"});
  // All of them are one sshd, which lets one in at a time.
  for (const Outcome& outcome : run(each_node(8, "true"))) {
    EXPECT_REASON(none, 0, outcome);
  }
}

TEST_F(LimitsTest, WhenTheWholeRunsTimeIsOverEveryHostSaysWhereItWas) {
  start({"--hosts", "web1 web2"});
  const LoopbackPort silent(Manner::silent);
  const LoopbackPort full(Manner::full);
  EXPECT_REASON(none, 0, run("web1", "true"));  // so that its connection is there
  options_.whole_run = base::Millis(5'000);
  options_.max_in_flight = 3;
  const auto outcomes =
      run({request("web1", wait_for_the_end()), to_port(silent), to_port(full), request("web2", "true")});
  EXPECT_REASON(timeout_exec, k_unknown, outcomes[0]);
  EXPECT_TRUE(has_all(outcomes[0].message, {"the time of the whole run, 5 s, was over"}));
  EXPECT_NE(Killed::not_asked, outcomes[0].killed);
  EXPECT_REASON(timeout_kex, k_not_started, outcomes[1]);
  EXPECT_REASON(timeout_connect, k_not_started, outcomes[2]);
  EXPECT_REASON(cancelled, k_not_started, outcomes[3]);
}

TEST_F(LimitsTest, WhatMayPassIsTriedAgain) {
  start({"--hosts", "web1", "--refusing", "web2"});
  const LoopbackPort closed(Manner::closed);
  Request lost = to_port(closed);
  lost.retry = {2, base::Millis(10), {}, false};
  Outcome outcome = run({lost}).at(0);
  EXPECT_REASON(refused, k_not_started, outcome);
  EXPECT_EQ(3u, outcome.attempts);
  lost.retry.reasons = {Reason::timeout_connect};
  EXPECT_EQ(1u, run({lost}).at(0).attempts);

  Request stranger = request("web2", "true");
  stranger.retry = {5, base::Millis(10), {Reason::auth}, true};
  outcome = run({stranger}).at(0);
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_EQ(1u, outcome.attempts);
}

TEST_F(LimitsTest, ACommandThatRanIsDoneAgainOnlyWhenToldSo) {
  start({"--hosts", "web1"});
  const std::string count = sshd_->file("count");
  Request third = request("web1", "echo x >> " + count + "; test $(wc -l < " + count + ") -ge 3");
  third.retry = {5, base::Millis(10), {Reason::exit}, false};
  Outcome outcome = run({third}).at(0);
  EXPECT_REASON(exit, 1, outcome);
  EXPECT_EQ(1u, outcome.attempts);
  third.retry.repeat = true;
  outcome = run({third}).at(0);
  EXPECT_REASON(none, 0, outcome);
  EXPECT_EQ(2u, outcome.attempts);
  EXPECT_EQ("x\nx\nx\n", base::read_file(count).value());
}

TEST_F(LimitsTest, CancelledBetweenAttemptsIsCancelledAtOnce) {
  const LoopbackPort closed(Manner::closed);
  options_.config_files = {"/nonexistent/ssh_config"};
  base::Cancel cancel;
  options_.cancel_fd = cancel.fd();
  options_.on_done = [&](const Outcome& outcome) {
    if (outcome.index == 1) cancel.cancel();
  };
  Request lost = to_port(closed);
  lost.retry = {3, base::Millis(600'000), {}, false};
  const auto outcomes = run({lost, to_port(closed)});
  EXPECT_REASON(cancelled, k_not_started, outcomes[0]);
}

/// Ends an sshd that has been stopped, which can do nothing by itself.
class StoppedSshd {
 public:
  explicit StoppedSshd(std::string pid) : pid_(std::move(pid)) {}
  ~StoppedSshd() { testing::must_run({"kill", "-KILL", pid_}); }

 private:
  std::string pid_;
};

TEST_F(LimitsTest, AHostThatFallsSilentIsLost) {
  start({"--hosts", "web1"});
  use_config(host_block("web1") + " IdentityFile " + sshd_->identity() +
             "\n ServerAliveInterval 1\n ServerAliveCountMax 9\n");
  // A host that says nothing for a while, but lives, is not; nor is one on a busy machine, which takes
  // seconds to answer.
  EXPECT_REASON(none, 0, run("web1", "sleep 4"));
  const Outcome outcome = run("web1", "echo $PPID; sleep 0.5; kill -STOP $PPID; " + wait_for_the_end());
  const StoppedSshd stopped(outcome.out.substr(0, outcome.out.find('\n')));
  EXPECT_REASON(disconnected, k_unknown, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"gave no sign of life for 10 s"}));
}

}  // namespace
}  // namespace reops::ssh
