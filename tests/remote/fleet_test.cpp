#include "remote/fleet.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <functional>

#include "wire/message.hpp"
#include "wire/sockets.hpp"

namespace reops::remote {
namespace {

constexpr base::Millis k_patience{20'000};

/// An agent that does what the test says.
class ScriptedAgent {
 public:
  ScriptedAgent(const Fleet& fleet, wire::KeyPair keys) : keys_(std::move(keys)) {
    auto opened = wire::AgentSocket::open({fleet.endpoint(), fleet.key(), keys_});
    EXPECT_TRUE(opened) << opened.error().message;
    socket_ = std::move(opened).value();
  }

  const std::string& key() const { return keys_.open; }
  void say(const wire::Message& m) { EXPECT_TRUE(socket_->send(wire::write_message(m))); }
  void hello(std::string token = {}, std::vector<wire::CallId> known = {}, std::string boot = "boot") {
    wire::Hello h;
    h.version = "test";
    h.host = "box";
    h.boot = std::move(boot);
    h.token = std::move(token);
    h.known = std::move(known);
    // What is said before the connection stands waits for it.
    socket_->send(wire::write_message(h));
  }
  /// The next message of that kind; others are skipped.
  template <class M>
  M hear() {
    base::Deadline deadline = base::Deadline::in(k_patience);
    while (!deadline.expired()) {
      while (auto bytes = socket_->receive()) {
        auto message = wire::read_message(*bytes);
        EXPECT_TRUE(message);
        if (auto* m = std::get_if<M>(&message.value())) return std::move(*m);
      }
      pollfd fd{socket_->fd(), POLLIN, 0};
      poll(&fd, 1, 20);
    }
    ADD_FAILURE() << "nothing of that kind came";
    return {};
  }
  void connected() {
    base::Deadline deadline = base::Deadline::in(k_patience);
    while (!deadline.expired()) {
      if (auto event = socket_->next_event()) {
        EXPECT_EQ(*event, wire::AgentSocket::Event::connected);
        return;
      }
      pollfd fd{socket_->events_fd(), POLLIN, 0};
      poll(&fd, 1, 20);
    }
    ADD_FAILURE() << "no connection";
  }

 private:
  wire::KeyPair keys_;
  std::unique_ptr<wire::AgentSocket> socket_;
};

class FleetTest : public testing::Test {
 protected:
  void SetUp() override { open({}); }
  void open(std::vector<std::pair<std::string, std::string>> accepted,
            base::Millis heartbeat = base::Millis(10'000)) {
    fleet_.reset();
    Fleet::Options options;
    options.endpoint = "tcp://127.0.0.1:*";
    options.keys = wire::make_keys();
    options.accepted = std::move(accepted);
    options.heartbeat = heartbeat;
    auto opened = Fleet::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().message;
    fleet_ = std::move(opened).value();
  }

  /// One that is let in as "web1".
  ScriptedAgent joined() {
    ScriptedAgent agent(*fleet_, wire::make_keys());
    agent.connected();
    agent.hello(fleet_->invite("web1"));
    EXPECT_EQ(agent.hear<wire::Welcome>().name, "web1");
    return agent;
  }
  static std::shared_ptr<Batch> batch(std::vector<std::string> hosts, base::Millis within = k_patience) {
    auto unit = std::make_shared<lang::Unit>();
    unit->content = "content";
    unit->hash = lang::UnitHash::of("content");
    unit->places = "places";
    lang::Parcel parcel;
    parcel.value = "parcel";
    parcel.units.push_back(unit);
    return std::make_shared<Batch>(std::move(hosts), std::move(parcel), within, false);
  }

  std::unique_ptr<Fleet> fleet_;
};

TEST_F(FleetTest, AStrangerWaitsUntilItIsAccepted) {
  ScriptedAgent agent(*fleet_, wire::make_keys());
  agent.connected();
  agent.hello();
  EXPECT_NE(agent.hear<wire::Refused>().reason.find("accept-agent"), std::string::npos);
  auto agents = fleet_->agents();
  ASSERT_EQ(agents.size(), 1u);
  EXPECT_EQ(agents[0].state, AgentInfo::pending);
  EXPECT_EQ(agents[0].name, "box");
  EXPECT_EQ(agents[0].key, agent.key());
  ASSERT_TRUE(fleet_->accept(agent.key(), "web1", false));
  agent.hello();
  EXPECT_EQ(agent.hear<wire::Welcome>().name, "web1");
  EXPECT_EQ(fleet_->agents()[0].state, AgentInfo::up);
}

TEST_F(FleetTest, ATokenLetsOneIn) {
  std::string token = fleet_->invite("web1");
  ScriptedAgent first(*fleet_, wire::make_keys()), second(*fleet_, wire::make_keys());
  first.connected();
  second.connected();
  first.hello(token);
  EXPECT_EQ(first.hear<wire::Welcome>().name, "web1");
  second.hello(token);
  second.hear<wire::Refused>();
}

TEST_F(FleetTest, ANameBelongsToItsKey) {
  ScriptedAgent agent = joined();
  std::string other = wire::make_keys().open;
  auto taken = fleet_->accept(other, "web1", false);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().type, "re-gent/name-taken");
  EXPECT_FALSE(fleet_->accept(agent.key(), "web2", false));
  ASSERT_TRUE(fleet_->accept(other, "web1", true));
  auto agents = fleet_->agents();
  EXPECT_TRUE(std::any_of(agents.begin(), agents.end(), [&](const AgentInfo& a) {
    return a.key == agent.key() && a.state == AgentInfo::revoked;
  }));
}

TEST_F(FleetTest, ACallFetchesWhatItLacksAndHasOneOutcome) {
  ScriptedAgent agent = joined();
  auto calls = batch({"nobody", "web1"});
  fleet_->call(calls);
  wire::Call call = agent.hear<wire::Call>();
  EXPECT_EQ(call.parcel, "parcel");
  ASSERT_EQ(call.needs.size(), 1u);
  agent.say(wire::Lacks{call.id, call.needs});
  wire::Units units = agent.hear<wire::Units>();
  ASSERT_EQ(units.units.size(), 1u);
  EXPECT_EQ(units.units[0].content, "content");
  EXPECT_EQ(units.units[0].places, "places");
  agent.say(wire::Started{call.id});
  wire::Outcome outcome{call.id, 0, "", "value", "out", "err", 5, 7};
  agent.say(outcome);
  EXPECT_EQ(agent.hear<wire::Forget>().ids, std::vector<wire::CallId>{call.id});
  ASSERT_TRUE(calls->wait());
  auto results = calls->results();
  EXPECT_EQ(results[0].code, -1);
  EXPECT_EQ(results[0].reason, "no-agent");
  EXPECT_EQ(results[1].code, 0);
  EXPECT_EQ(results[1].value, "value");
  EXPECT_EQ(results[1].out, "out");
  // A second word on it changes nothing, and is not asked for again.
  outcome.value = "other";
  agent.say(outcome);
  agent.hear<wire::Forget>();
  EXPECT_EQ(calls->results()[1].value, "value");
}

TEST_F(FleetTest, ACallThatIsCancelledSaysSoAtOnce) {
  ScriptedAgent agent = joined();
  auto calls = batch({"web1"});
  fleet_->call(calls);
  wire::Call call = agent.hear<wire::Call>();
  agent.say(wire::Started{call.id});
  fleet_->cancel(calls);
  ASSERT_TRUE(calls->wait());
  EXPECT_EQ(calls->results()[0].code, -2);
  EXPECT_EQ(calls->results()[0].reason, "cancelled");
  EXPECT_EQ(agent.hear<wire::Cancel>().id, call.id);
}

TEST_F(FleetTest, AfterAGapTheAgentSaysWhatBecameOfACall) {
  ScriptedAgent agent = joined();
  auto calls = batch({"web1"}), lost = batch({"web1"}), gone = batch({"web1"});
  fleet_->call(calls);
  wire::Call call = agent.hear<wire::Call>();
  fleet_->call(lost);
  agent.hear<wire::Call>();
  fleet_->call(gone);
  wire::Call started = agent.hear<wire::Call>();
  agent.say(wire::Started{started.id});
  // It has written down the first; the second never arrived; of the third it knows nothing any more.
  agent.hello({}, {call.id}, "after");
  EXPECT_EQ(agent.hear<wire::Ask>().ids, std::vector<wire::CallId>{call.id});
  ASSERT_TRUE(lost->wait());
  EXPECT_EQ(lost->results()[0].code, -1);
  ASSERT_TRUE(gone->wait());
  EXPECT_EQ(gone->results()[0].code, -2);
  EXPECT_EQ(gone->results()[0].reason, "lost");
  agent.say(wire::Outcome{call.id, 0, "", "value", "", "", 0, 0});
  ASSERT_TRUE(calls->wait());
  EXPECT_EQ(calls->results()[0].code, 0);
}

TEST_F(FleetTest, AHelloThatIsRepeatedTakesNoCallAway) {
  ScriptedAgent agent = joined();
  auto calls = batch({"web1"});
  fleet_->call(calls);
  wire::Call call = agent.hear<wire::Call>();
  agent.hello();
  agent.hear<wire::Welcome>();
  agent.say(wire::Outcome{call.id, 0, "", "value", "", "", 0, 0});
  ASSERT_TRUE(calls->wait());
  EXPECT_EQ(calls->results()[0].code, 0);
}

TEST_F(FleetTest, WhatIsNotOverInTimeIsGivenUp) {
  ScriptedAgent agent = joined();
  auto calls = batch({"web1"}, base::Millis(1));
  fleet_->call(calls);
  wire::Call call = agent.hear<wire::Call>();
  ASSERT_TRUE(calls->wait());
  EXPECT_EQ(calls->results()[0].code, -2);
  EXPECT_EQ(calls->results()[0].reason, "timeout/exec");
  EXPECT_EQ(agent.hear<wire::Cancel>().id, call.id);
}

TEST_F(FleetTest, ARevokedAgentIsNotListenedTo) {
  ScriptedAgent agent = joined();
  auto calls = batch({"web1"});
  fleet_->call(calls);
  wire::Call call = agent.hear<wire::Call>();
  ASSERT_TRUE(fleet_->revoke(agent.key()));
  ASSERT_TRUE(calls->wait());
  EXPECT_EQ(calls->results()[0].code, -2);
  agent.say(wire::Outcome{call.id, 0, "", "value", "", "", 0, 0});
  agent.hello();
  auto again = batch({"web1"});
  fleet_->call(again);
  ASSERT_TRUE(again->wait());
  EXPECT_EQ(again->results()[0].reason, "no-agent");
  ScriptedAgent other(*fleet_, wire::make_keys());
  other.connected();
}

TEST_F(FleetTest, AnAgentThatFallsSilentIsDownUntilItSpeaks) {
  wire::KeyPair keys = wire::make_keys();
  open({{"web1", keys.open}}, base::Millis(50));
  ScriptedAgent agent(*fleet_, keys);
  agent.connected();
  agent.hello();
  agent.hear<wire::Welcome>();
  auto next = [&] {
    std::vector<FleetEvent> events;
    while (events.empty()) events = fleet_->wait_for_events();
    return events;
  };
  std::vector<FleetEvent::Kind> seen;
  while (seen.empty() || seen.back() != FleetEvent::down)
    for (const FleetEvent& e : next()) seen.push_back(e.kind);
  EXPECT_EQ(seen.front(), FleetEvent::up);
  EXPECT_EQ(fleet_->agents()[0].state, AgentInfo::down);
  agent.say(wire::Alive{});
  while (seen.back() != FleetEvent::up)
    for (const FleetEvent& e : next()) seen.push_back(e.kind);
}

}  // namespace
}  // namespace reops::remote
