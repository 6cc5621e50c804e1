// Connections that wait for the next command: when they are used again, when not, and when they go.

#include <chrono>
#include <thread>

#include "engine_fixture.hpp"

namespace reops::ssh {
namespace {

class ReuseTest : public EngineTest {
 protected:
  /// Whether that many connections wait, within a deadline far beyond what it takes.
  bool idle_becomes(std::size_t count) {
    const base::Deadline deadline = base::Deadline::in(base::Millis(30'000));
    while (engine().idle_sessions() != count) {
      if (deadline.expired()) return false;
      std::this_thread::yield();
    }
    return true;
  }
};

TEST_F(ReuseTest, TheNextCommandNeedsNoNewConnection) {
  start({"--hosts", "web1"});
  const Outcome first = run("web1", "echo $PPID; exit 3");
  EXPECT_FALSE(first.reused);
  EXPECT_REASON(exit, 3, first);
  EXPECT_EQ(1u, engine().idle_sessions());
  const Outcome second = run("web1", "echo $PPID");
  EXPECT_TRUE(second.reused);
  EXPECT_REASON(none, 0, second);
  EXPECT_EQ(first.out, second.out);  // the same sshd
  EXPECT_EQ(-1, second.times.connect);
  EXPECT_EQ(-1, second.times.auth);
  EXPECT_EQ(first.address, second.address);
  EXPECT_EQ(first.key_exchange, second.key_exchange);
  EXPECT_EQ(first.host_key.fingerprint, second.host_key.fingerprint);
  EXPECT_EQ(1u, engine().idle_sessions());
}

TEST_F(ReuseTest, OneConnectionCarriesOneCommandAtATime) {
  start({"--hosts", "web1"});
  const auto outcomes = run({request("web1", "echo $PPID"), request("web1", "echo $PPID")});
  EXPECT_NE(outcomes[0].out, outcomes[1].out);
  EXPECT_EQ(2u, engine().idle_sessions());
}

TEST_F(ReuseTest, OtherDestinationsShareNothing) {
  start({"--hosts", "web1 web2"});
  run({request("web1", "true")});
  EXPECT_FALSE(run("web2", "true").reused);
  Request other = request("web1", "true");
  other.target.identity_files = {sshd_->identity()};
  EXPECT_TRUE(run({other}).at(0).reused);  // the same key, however it was named
  use_config(host_block("web1") + " IdentityFile /nonexistent\n IdentityFile " + sshd_->identity() + "\n");
  EXPECT_FALSE(run("web1", "true").reused);
}

TEST_F(ReuseTest, AConnectionThatTheHostEndsIsReplaced) {
  start({"--hosts", "web1"});
  const Outcome first = run("web1", "(sleep 0.2; kill -9 $PPID) >/dev/null 2>&1 </dev/null & echo $PPID");
  EXPECT_REASON(none, 0, first);
  ASSERT_TRUE(idle_becomes(0));
  const Outcome second = run("web1", "echo $PPID");
  EXPECT_REASON(none, 0, second);
  EXPECT_FALSE(second.reused);
  EXPECT_NE(first.out, second.out);
}

TEST_F(ReuseTest, ACommandThatTookItsConnectionDownIsNotDoneAgain) {
  start({"--hosts", "web1"});
  const std::string count = sshd_->file("count");
  run("web1", "true");
  const Outcome outcome = run("web1", "echo x >> " + count + "; kill -9 $PPID; sleep 60");
  EXPECT_TRUE(outcome.reused);
  EXPECT_REASON(disconnected, k_unknown, outcome);
  EXPECT_EQ("x\n", base::read_file(count).value());
  EXPECT_EQ(0u, engine().idle_sessions());
}

TEST_F(ReuseTest, AKeyThatIsRevokedMeanwhileCountsAtOnce) {
  start({"--hosts", "web1"});
  EXPECT_REASON(none, 0, run("web1", "true"));
  const std::string key = base::read_file(sshd_->host_file("web1", "host_key.pub")).value();
  ASSERT_TRUE(base::append_file(sshd_->known_hosts(), "@revoked * " + key).ok());
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(hostkey, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"IS REVOKED"}));
  EXPECT_EQ(0u, engine().idle_sessions());
}

TEST_F(ReuseTest, WaitingEndsAfterAWhile) {
  start({"--hosts", "web1"});
  engine_options_.idle = base::Millis(1);
  EXPECT_REASON(none, 0, run("web1", "true"));
  EXPECT_TRUE(idle_becomes(0));
}

TEST_F(ReuseTest, TheLongestWaitMakesRoom) {
  start({"--hosts", "web1 web2"});
  engine_options_.max_idle = 1;
  run("web1", "true");
  run("web2", "true");
  EXPECT_EQ(1u, engine().idle_sessions());
  EXPECT_FALSE(run("web1", "true").reused);
  EXPECT_TRUE(run("web1", "true").reused);
}

TEST_F(ReuseTest, ACancelledCommandsConnectionIsNotUsedAgain) {
  start({"--hosts", "web1 web2"});
  base::Cancel cancel;
  options_.cancel_fd = cancel.fd();
  options_.on_done = [&](const Outcome&) { cancel.cancel(); };
  // web2 ends when the command on web1 has begun.
  const std::string mark = sshd_->file("begun");
  const auto outcomes = run({request("web1", "touch " + mark + "; " + wait_for_the_end()),
                             request("web2", "until [ -e " + mark + " ]; do sleep 0.1; done")});
  EXPECT_REASON(cancelled, k_unknown, outcomes[0]);
  options_.cancel_fd = -1;
  EXPECT_FALSE(run("web1", "true").reused);
}

TEST_F(ReuseTest, SeveralThreadsShareAnEngine) {
  start({"--hosts", "web1 web2"});
  engine();
  std::vector<std::thread> threads;
  std::vector<int> codes(8, -9);
  for (std::size_t i = 0; i < codes.size(); ++i)
    threads.emplace_back([&, i] {
      const Request made = request(i % 2 ? "web1" : "web2", "exit " + std::to_string(i));
      codes[i] = engine().run({made}, options_).at(0).code;
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < codes.size(); ++i) EXPECT_EQ(static_cast<int>(i), codes[i]);
}

}  // namespace
}  // namespace reops::ssh
