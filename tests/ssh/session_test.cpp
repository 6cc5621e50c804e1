// A session by itself: several commands on one login, which is what warm sessions will be made of.

#include "ssh/session.hpp"

#include "engine_fixture.hpp"
#include "ssh/connector.hpp"

namespace reops::ssh {
namespace {

class SessionTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    start({"--hosts", "web1"});
    loop_ = base::EventLoop::create().value();
    Target target;
    target.name = "web1";
    destination_ = ClientConfig::load({sshd_->config()}).value()->resolve(target).value();
    Addresses addresses;
    Resolver resolver(*loop_);
    auto alive = std::make_shared<int>();
    resolver.look_up(destination_, alive, [&](Addresses found) {
      addresses = std::move(found);
      loop_->stop();
    });
    run_loop();
    Connector::Result connected;
    Connector connector(*loop_, "web1", [&](Connector::Result result) {
      connected = std::move(result);
      loop_->stop();
    });
    connector.start(std::move(addresses.list), base::Deadline::in(k_allowed), k_allowed);
    run_loop();
    ASSERT_TRUE(static_cast<bool>(connected.socket)) << connected.failure.message;
    session_ = std::make_shared<Session>(
        Session::Setup{*loop_, workers_, destination_, connected.address, {}}, std::move(connected.socket));
  }
  void TearDown() override {
    if (session_) session_->close();
  }
  void run_loop() { ASSERT_TRUE(loop_->run().ok()); }
  Session::OnDone done() {
    return [this](Failure failure) {
      failure_ = std::move(failure);
      loop_->stop();
    };
  }
  void log_in() {
    session_->handshake(k_allowed, done());
    run_loop();
    ASSERT_EQ(Reason::none, failure_.reason) << failure_.message;
    session_->authenticate({keys_.load(sshd_->identity())}, k_allowed, done());
    run_loop();
    ASSERT_EQ(Reason::none, failure_.reason) << failure_.message;
  }
  Outcome exec(const std::string& command, base::Millis allowed = k_allowed) {
    session_->exec({command, nullptr, 1000}, allowed, done());
    EXPECT_TRUE(loop_->run().ok());
    Outcome outcome;
    outcome.code = session_->command()->end().code.value_or(k_unknown);
    session_->command()->take_output(outcome);
    return outcome;
  }

  static constexpr base::Millis k_allowed{30'000};
  std::unique_ptr<base::EventLoop> loop_;
  base::WorkerPool workers_{1};
  KeyStore keys_;
  Destination destination_;
  std::shared_ptr<Session> session_;
  Failure failure_;
};

TEST_F(SessionTest, ManyCommandsOnOneLogin) {
  log_in();
  EXPECT_EQ("ssh-ed25519", session_->host_key().type);
  std::string parent;
  for (int i = 0; i < 5; ++i) {
    const Outcome outcome = exec("echo $PPID; exit " + std::to_string(i));
    EXPECT_EQ(i, outcome.code);
    if (i > 0) {
      EXPECT_EQ(parent, outcome.out);  // the same sshd process
    }
    parent = outcome.out;
  }
}

TEST_F(SessionTest, ACommandThatIsGivenUpEndsTheSession) {
  log_in();
  exec("yes", base::Millis(300));
  EXPECT_EQ(Reason::timeout_exec, failure_.reason);
  exec("true");
  EXPECT_EQ(Reason::disconnected, failure_.reason);
}

TEST_F(SessionTest, ClosedItCallsNobodyBack) {
  log_in();
  bool called = false;
  session_->exec({wait_for_the_end(), nullptr, 1000}, k_allowed, [&](Failure) { called = true; });
  loop_->at(base::Deadline::in(base::Millis(200)), [&] {
    session_->close();
    loop_->at(base::Deadline::in(base::Millis(100)), [&] { loop_->stop(); });
  });
  run_loop();
  EXPECT_FALSE(called);
}

TEST_F(SessionTest, AnIdleSessionTakesWhatComesAndSeesTheEnd) {
  log_in();
  const Outcome outcome = exec("(sleep 0.2; kill -KILL $PPID) >/dev/null 2>&1 & echo ok");
  EXPECT_EQ("ok\n", outcome.out);
  // Idle, the loop must neither spin nor crash when the host goes away.
  loop_->at(base::Deadline::in(base::Millis(600)), [&] { loop_->stop(); });
  run_loop();
  exec("true");
  EXPECT_EQ(Reason::disconnected, failure_.reason) << failure_.message;
}

}  // namespace
}  // namespace reops::ssh
