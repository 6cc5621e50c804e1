// Commands that are given up, by a deadline or a person: what they have started on the host ends.

#include <atomic>
#include <fstream>
#include <functional>
#include <thread>

#include "engine_fixture.hpp"

namespace reops::ssh {
namespace {

class GivingUpTest : public EngineTest {
 protected:
  static constexpr base::Millis k_patience{60'000};

  /// A command that starts two more and tells all their numbers in a file.
  std::string tree(const std::string& name, const std::string& manner = "") {
    const std::string file = sshd_->file(name);
    return manner + "echo begun; sleep 1000 & a=$!; sleep 1001 & echo $$ $a $! >" + file + ".new; mv " +
           file + ".new " + file + "; wait";
  }
  bool has_begun(const std::string& name) { return base::file_exists(sshd_->file(name)); }
  template <class Truth>
  static bool becomes(Truth truth) {
    const base::Deadline deadline = base::Deadline::in(k_patience);
    while (!truth())
      if (deadline.expired())
        return false;
      else
        std::this_thread::sleep_for(base::Millis(5));
    return true;
  }
  /// How many of a tree live.
  std::size_t left_of(const std::string& name) {
    std::ifstream file(sshd_->file(name));
    std::size_t living = 0;
    std::size_t known = 0;
    for (long pid = 0; file >> pid; ++known) {
      std::ifstream stat_file("/proc/" + std::to_string(pid) + "/stat");
      std::string stat;
      std::getline(stat_file, stat);
      const std::size_t end = stat.rfind(')');
      if (end != std::string::npos && stat[end + 2] != 'Z' && stat[end + 2] != 'X') ++living;
    }
    EXPECT_EQ(3u, known) << name;
    return living;
  }
  static Request slow(const std::string& host, const std::string& command, base::Millis allowed) {
    Request made = request(host, command);
    made.deadlines.exec = allowed;
    return made;
  }
  /// The outcome of a command that is given up at its deadline after it has begun, which on a busy machine
  /// takes a longer one. Of those that had not, nothing may be left either.
  Outcome give_up(
      const std::string& manner = "", const std::function<void(Request&)>& change = [](Request&) {}) {
    int tries = 0;
    for (base::Millis allowed(1500);; allowed *= 4) {
      const std::string name = "tree" + std::to_string(++tries);
      Request made = slow("web1", tree(name, manner), allowed);
      change(made);
      Outcome outcome = run({made}).at(0);
      EXPECT_REASON(timeout_exec, k_unknown, outcome);
      EXPECT_TRUE(engine().await_killings(base::Deadline::in(k_patience)));
      if (has_begun(name)) {
        EXPECT_EQ(0u, left_of(name));
      }
      if (!outcome.out.empty() || allowed > k_patience) return outcome;
    }
  }
};

TEST_F(GivingUpTest, AtTheDeadlineNothingIsLeftThere) {
  start({"--hosts", "web1"});
  for (const std::string& manner : {std::string(""), std::string("trap '' TERM; ")}) {
    const Outcome outcome = give_up(manner);
    EXPECT_EQ("begun\n", outcome.out);
    EXPECT_TRUE(has_all(outcome.message, {"did not end within ", outcome.killed == Killed::yes
                                                                     ? "it was ended there"
                                                                     : "it may still be running there"}));
  }
}

TEST_F(GivingUpTest, ACommandThatFloodsIsEndedToo) {
  start({"--hosts", "web1"});
  const Outcome outcome = give_up("yes & ", [](Request& made) { made.output_limit = 1000; });
  EXPECT_EQ(1000u, outcome.out.size());
  EXPECT_GT(outcome.out_dropped, 0u);
}

TEST_F(GivingUpTest, AHostThatTakesOneChannelOnlyIsAskedThroughAnotherConnection) {
  start({"--hosts", "web1", "--set", "MaxSessions 1"});
  give_up();
  const Outcome outcome = run("web1", "true");
  EXPECT_REASON(none, 0, outcome);
}

TEST_F(GivingUpTest, ThroughAJumpHost) {
  start({"--hosts", "bastion web1"});
  use_config("Host web1\n ProxyJump bastion\n" + host_block("bastion") + host_block("web1") +
             "Host *\n IdentityFile " + sshd_->identity() + "\n");
  give_up();
}

TEST_F(GivingUpTest, ATerminalIsNoHindrance) {
  start({"--hosts", "web1"});
  const Outcome outcome = give_up("trap '' HUP; ", [](Request& made) { made.on_terminal = true; });
  EXPECT_TRUE(has_all(outcome.out, {"begun\r\n"}));
}

TEST_F(GivingUpTest, CancellingManyEndsThemAll) {
  std::string names;
  for (int i = 1; i <= 8; ++i) names += "node" + std::to_string(i) + " ";
  start({"--shared", "--hosts", names});
  std::vector<Request> requests;
  for (int i = 1; i <= 8; ++i)
    requests.push_back(request("node" + std::to_string(i), tree(std::to_string(i))));
  requests.push_back(request("node1", "echo done; exit 4"));
  base::Cancel cancel;
  options_.cancel_fd = cancel.fd();
  std::atomic<bool> one_ended{false};
  options_.on_done = [&](const Outcome&) { one_ended = true; };
  std::thread person([&] {
    EXPECT_TRUE(becomes([&] {
      for (int i = 1; i <= 8; ++i)
        if (!has_begun(std::to_string(i))) return false;
      return one_ended.load();
    }));
    cancel.cancel();
  });
  const auto outcomes = run(std::move(requests));
  person.join();
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_REASON(cancelled, k_unknown, outcomes[i]);
    EXPECT_EQ("begun\n", outcomes[i].out);
    EXPECT_NE(Killed::not_asked, outcomes[i].killed);
  }
  EXPECT_REASON(exit, 4, outcomes[8]);
  EXPECT_TRUE(engine().await_killings(base::Deadline::in(k_patience)));
  for (int i = 1; i <= 8; ++i) EXPECT_EQ(0u, left_of(std::to_string(i)));
}

TEST_F(GivingUpTest, TheEnginesEndWaitsAMomentForIt) {
  start({"--hosts", "web1"});
  base::Cancel cancel;
  options_.cancel_fd = cancel.fd();
  std::thread person([&] {
    EXPECT_TRUE(becomes([&] { return has_begun("one"); }));
    cancel.cancel();
  });
  const Outcome outcome = run("web1", tree("one"));
  EXPECT_REASON(cancelled, k_unknown, outcome);
  person.join();
  engine_.reset();
  EXPECT_EQ(0u, left_of("one"));
}

TEST_F(GivingUpTest, WhatIsNotTrackedGetsTheCommandAsItIs) {
  start({"--hosts", "web1"});
  ASSERT_TRUE(base::write_file(sshd_->host_file("web1", "authorized_keys"),
                               "command=\"echo \\\"<$SSH_ORIGINAL_COMMAND>\\\"\" " +
                                   base::read_file(sshd_->identity() + ".pub").value())
                  .ok());
  Request plain = request("web1", "show version");
  plain.is_tracked = false;
  EXPECT_EQ("<show version>\n", run({plain}).at(0).out);
}

TEST_F(GivingUpTest, WhatIsNotTrackedMayStay) {
  start({"--hosts", "web1"});
  Request plain = slow("web1", wait_for_the_end(), base::Millis(1500));
  plain.is_tracked = false;
  const Outcome outcome = run({plain}).at(0);
  EXPECT_REASON(timeout_exec, k_unknown, outcome);
  EXPECT_EQ(Killed::unknown, outcome.killed);
  EXPECT_TRUE(has_all(outcome.message, {"may still be running"}));
}

TEST_F(GivingUpTest, OnATerminal) {
  start({"--hosts", "web1"});
  Request made = request("web1", "test -t 0 && test -t 1 && echo tty; echo err >&2; cat; exit 6");
  made.on_terminal = true;
  Outcome outcome = run({made}).at(0);
  EXPECT_REASON(exit, 6, outcome);
  EXPECT_EQ("tty\r\nerr\r\n", outcome.out);
  EXPECT_EQ("", outcome.err);
  made.command = "stty -echo; echo ready; cat";
  made.input = std::make_shared<const std::string>("no line end");
  outcome = run({made}).at(0);
  EXPECT_REASON(none, 0, outcome);
  EXPECT_TRUE(has_all(outcome.out, {"no line end"}));
}

}  // namespace
}  // namespace reops::ssh
