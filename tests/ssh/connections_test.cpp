// Hosts that cannot be reached, or are no SSH servers: one clear outcome
// each, and never a wait beyond the deadline.

#include "engine_fixture.hpp"
#include "loopback_port.hpp"
#include "ssh/connector.hpp"

namespace reops::ssh {
namespace {

using testing::LoopbackPort;
using Manner = LoopbackPort::Manner;

class ConnectionsTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    options_.config_files = {"/nonexistent/ssh_config"};
  }
  Request to_port(const LoopbackPort& port) { return to("127.0.0.1", port.port()); }
  Request to(const std::string& host, std::uint16_t port) {
    Request made = request("web7", "true");
    made.target.host = host;
    made.target.port = port;
    return made;
  }
};

TEST_F(ConnectionsTest, NothingListens) {
  const LoopbackPort port(Manner::closed);
  const Outcome outcome = run({to_port(port)}).at(0);
  EXPECT_REASON(refused, k_not_started, outcome);
  EXPECT_TRUE(
      has_all(outcome.message, {"web7 (127.0.0.1:" + std::to_string(port.port()), "check that sshd runs"}));
  EXPECT_EQ(-1, outcome.times.handshake);
  EXPECT_GE(outcome.times.connect, 0);
}

TEST_F(ConnectionsTest, NobodyAnswers) {
  const LoopbackPort port(Manner::full);
  Request lost = to_port(port);
  lost.deadlines.connect = base::Millis(400);
  const Outcome outcome = run({lost}).at(0);
  EXPECT_REASON(timeout_connect, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"web7 (", "400 ms"}));
}

TEST_F(ConnectionsTest, ConnectedButNotAWord) {
  const LoopbackPort port(Manner::silent);
  Request mute = to_port(port);
  mute.deadlines.handshake = base::Millis(400);
  const Outcome outcome = run({mute}).at(0);
  EXPECT_REASON(timeout_kex, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"web7 (127.0.0.1:", "said nothing within 400 ms"}));
}

TEST_F(ConnectionsTest, AGreetingAndThenNothing) {
  const LoopbackPort port(Manner::stalling, "SSH-2.0-stuck\r\n");
  Request stuck = to_port(port);
  stuck.deadlines.handshake = base::Millis(600);
  const Outcome outcome = run({stuck}).at(0);
  EXPECT_REASON(timeout_kex, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"did not finish the SSH handshake within 600 ms"}));
}

TEST_F(ConnectionsTest, ClosedBeforeAWord) {
  const LoopbackPort port(Manner::speaking);
  const Outcome outcome = run({to_port(port)}).at(0);
  EXPECT_REASON(disconnected, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"before SSH began", "MaxStartups"}));
}

TEST_F(ConnectionsTest, AnotherProtocol) {
  const LoopbackPort port(Manner::speaking, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  const Outcome outcome = run({to_port(port)}).at(0);
  EXPECT_TRUE(outcome.reason == Reason::kex || outcome.reason == Reason::disconnected) << outcome.message;
  EXPECT_EQ(k_not_started, outcome.code);
  EXPECT_TRUE(has_all(outcome.message, {"web7 (127.0.0.1:"}));
}

TEST_F(ConnectionsTest, ServersThatTalkNonsense) {
  for (const std::string& speech :
       {std::string("SSH-2.0-x\r\n") + std::string(2000, '\xff'), std::string(100'000, 'A'),
        std::string("SSH-1.5-old\r\n"), std::string("SSH-2.0-x\r\n\0\0\0\x0c\x0a\x14", 17),
        std::string("SSH-2.0-half")}) {
    const LoopbackPort port(Manner::speaking, speech);
    const Outcome outcome = run({to_port(port)}).at(0);
    EXPECT_EQ(k_not_started, outcome.code);
    EXPECT_TRUE(outcome.reason == Reason::kex || outcome.reason == Reason::disconnected)
        << reason_name(outcome.reason) << " " << outcome.message;
  }
}

TEST_F(ConnectionsTest, NoSuchName) {
  const Outcome outcome = run({to("no-such-host.invalid", 22)}).at(0);
  EXPECT_REASON(dns, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"web7 (no-such-host.invalid:22)"}));
}

TEST_F(ConnectionsTest, NoRoute) {
  // The kernel refuses to open a stream to the broadcast address, whatever the routes are; nothing is sent.
  const Outcome outcome = run({to("255.255.255.255", 22)}).at(0);
  EXPECT_REASON(unreachable, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"web7 (255.255.255.255:22)", "Network is unreachable"}));
}

TEST_F(ConnectionsTest, SilentHostsHoldUpNobody) {
  start({"--hosts", "web1"});
  const LoopbackPort silent(Manner::silent);
  std::vector<Request> requests;
  for (int i = 0; i < 8; ++i) {
    requests.push_back(to_port(silent));
    requests.back().deadlines.handshake = base::Millis(60'000);
  }
  requests.push_back(request("web1", "echo ok"));
  base::Cancel cancel;
  engine_options_.max_handshakes = 2;
  options_.cancel_fd = cancel.fd();
  // The one that works ends first, long before the others' deadlines; then there is nothing left to prove.
  options_.on_done = [&](const Outcome& outcome) {
    if (outcome.host == "web1") cancel.cancel();
  };
  const std::vector<Outcome> outcomes = run(std::move(requests));
  EXPECT_REASON(none, 0, outcomes[8]);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ("cancelled", reason_name(outcomes[static_cast<std::size_t>(i)].reason));
}

TEST_F(ConnectionsTest, OneBatchOfGoodAndBad) {
  start({"--hosts", "web1 web2", "--refusing", "legacy1", "--down", "cache1"});
  const auto outcomes = run({request("cache1", "true"), request("web1", "echo 1"), request("legacy1", "true"),
                             request("web2", "exit 2")});
  EXPECT_REASON(refused, k_not_started, outcomes[0]);
  EXPECT_REASON(none, 0, outcomes[1]);
  EXPECT_REASON(auth, k_not_started, outcomes[2]);
  EXPECT_REASON(exit, 2, outcomes[3]);
}

class ConnectorTest : public ::testing::Test {
 protected:
  static Address address(std::uint16_t port) {
    Address made;
    auto& in = reinterpret_cast<sockaddr_in&>(made.storage);
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in.sin_port = htons(port);
    made.size = sizeof in;
    made.text = "127.0.0.1:" + std::to_string(port);
    return made;
  }
  Connector::Result connect(std::vector<Address> addresses, base::Millis allowed = base::Millis(20'000)) {
    auto loop = base::EventLoop::create().value().release();
    const std::unique_ptr<base::EventLoop> owner(loop);
    Connector::Result result;
    Connector connector(*loop, "web7", [&](Connector::Result got) {
      result = std::move(got);
      loop->stop();
    });
    connector.start(std::move(addresses), base::Deadline::in(allowed), allowed);
    EXPECT_TRUE(loop->run().ok());
    return result;
  }
};

TEST_F(ConnectorTest, TakesTheFirstAddressThatAnswers) {
  const LoopbackPort closed(Manner::closed);
  const LoopbackPort full(Manner::full);
  const LoopbackPort good(Manner::silent);
  const auto result = connect({address(closed.port()), address(full.port()), address(good.port())});
  ASSERT_TRUE(static_cast<bool>(result.socket)) << result.failure.message;
  EXPECT_EQ(address(good.port()).text, result.address);
}

TEST_F(ConnectorTest, NamesAllAddressesThatFailed) {
  const LoopbackPort one(Manner::closed);
  const LoopbackPort two(Manner::closed);
  const auto result = connect({address(one.port()), address(two.port())});
  EXPECT_FALSE(static_cast<bool>(result.socket));
  EXPECT_EQ(Reason::refused, result.failure.reason);
  EXPECT_TRUE(has_all(result.failure.message, {address(one.port()).text, address(two.port()).text}));
}

TEST_F(ConnectorTest, TheDeadlineCountsForAllTogether) {
  const LoopbackPort one(Manner::full);
  const LoopbackPort two(Manner::full);
  const auto result = connect({address(one.port()), address(two.port())}, base::Millis(500));
  EXPECT_EQ(Reason::timeout_connect, result.failure.reason);
  EXPECT_TRUE(has_all(result.failure.message, {address(one.port()).text, address(two.port()).text}));
}

}  // namespace
}  // namespace reops::ssh
