#include "wire/sockets.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/files.hpp"

namespace reops::wire {
namespace {

constexpr int k_patience_ms = 20'000;

std::unique_ptr<FleetSocket> listen(const KeyPair& keys, std::function<bool(const std::string&)> admits) {
  auto opened = FleetSocket::open({"tcp://127.0.0.1:*", keys, std::move(admits)});
  EXPECT_TRUE(opened) << opened.error().message;
  return std::move(opened).value();
}

std::unique_ptr<AgentSocket> join(const FleetSocket& fleet, const std::string& server_key,
                                  const KeyPair& keys) {
  auto opened = AgentSocket::open({fleet.endpoint(), server_key, keys});
  EXPECT_TRUE(opened) << opened.error().message;
  return std::move(opened).value();
}

/// Waits for either side and lets the controller's serve, until `done`.
template <class Done>
bool until(FleetSocket& fleet, AgentSocket& agent, std::vector<FleetSocket::Received>& received,
           Done&& done) {
  base::Deadline deadline = base::Deadline::in(base::Millis(k_patience_ms));
  for (;;) {
    fleet.serve([&](FleetSocket::Received&& m) { received.push_back(std::move(m)); });
    if (done()) return true;
    if (deadline.expired()) return false;
    pollfd fds[] = {{fleet.messages_fd(), POLLIN, 0},
                    {fleet.admissions_fd(), POLLIN, 0},
                    {agent.fd(), POLLIN, 0},
                    {agent.events_fd(), POLLIN, 0}};
    // Edge-triggered descriptors may be silent about what came before: look again soon, whatever they say.
    poll(fds, 4, 50);
  }
}

TEST(Sockets, AnAgentThatIsAdmittedIsKnownByItsKey) {
  KeyPair server = make_keys(), agent_keys = make_keys();
  auto fleet = listen(server, [&](const std::string& key) { return key == agent_keys.open; });
  auto agent = join(*fleet, server.open, agent_keys);
  std::vector<FleetSocket::Received> received;
  std::optional<AgentSocket::Event> event;
  ASSERT_TRUE(until(*fleet, *agent, received, [&] { return event || (event = agent->next_event()); }));
  EXPECT_EQ(*event, AgentSocket::Event::connected);
  ASSERT_TRUE(agent->send("hello"));
  ASSERT_TRUE(until(*fleet, *agent, received, [&] { return !received.empty(); }));
  EXPECT_EQ(received[0].key, agent_keys.open);
  EXPECT_EQ(received[0].bytes, "hello");
  ASSERT_TRUE(fleet->send(received[0].peer, "welcome"));
  std::optional<std::string> answer;
  ASSERT_TRUE(until(*fleet, *agent, received, [&] { return answer || (answer = agent->receive()); }));
  EXPECT_EQ(*answer, "welcome");
  EXPECT_FALSE(fleet->send("nobody", "x"));
}

TEST(Sockets, AKeyThatIsNotAdmittedHearsOfIt) {
  KeyPair server = make_keys();
  auto fleet = listen(server, [](const std::string&) { return false; });
  auto agent = join(*fleet, server.open, make_keys());
  std::vector<FleetSocket::Received> received;
  std::optional<AgentSocket::Event> event;
  ASSERT_TRUE(until(*fleet, *agent, received, [&] { return event || (event = agent->next_event()); }));
  EXPECT_EQ(*event, AgentSocket::Event::refused);
  EXPECT_TRUE(received.empty());
}

TEST(Sockets, AControllerWithAnotherKeyIsNotTalkedTo) {
  KeyPair server = make_keys();
  auto fleet = listen(server, [](const std::string&) { return true; });
  auto agent = join(*fleet, make_keys().open, make_keys());
  std::vector<FleetSocket::Received> received;
  std::optional<AgentSocket::Event> event;
  ASSERT_TRUE(until(*fleet, *agent, received, [&] { return event || (event = agent->next_event()); }));
  EXPECT_NE(*event, AgentSocket::Event::connected);
  EXPECT_TRUE(received.empty());
}

TEST(Keys, AreMadeOnceAndKeptFromOthers) {
  auto folder = base::TempFolder::create("keys");
  ASSERT_TRUE(folder);
  std::string path = folder.value().file("agent/key");
  auto made = keys_in(path);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(is_key(made.value().open));
  auto again = keys_in(path);
  ASSERT_TRUE(again);
  EXPECT_EQ(again.value().secret, made.value().secret);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  auto open = keys_in(path);
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().message.find("chmod 600"), std::string::npos);
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  ASSERT_TRUE(base::write_file(path, made.value().open + "\n" + make_keys().secret + "\n"));
  EXPECT_FALSE(keys_in(path));
  ASSERT_TRUE(base::write_file(path, "x"));
  EXPECT_FALSE(keys_in(path));
}

}  // namespace
}  // namespace reops::wire
