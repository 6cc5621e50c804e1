// Commands on real sshd hosts: outputs, inputs, codes, signals, and the
// ways in which a command can be cut short.

#include <atomic>
#include <set>
#include <thread>

#include "engine_fixture.hpp"
#include "ssh/messages.hpp"

namespace reops::ssh {
namespace {

class CommandsTest : public EngineTest {};

TEST_F(CommandsTest, AnOutcomeTellsAllAboutACommandThatWorks) {
  start({"--hosts", "web1"});
  const Outcome outcome = run("web1", "echo hello; echo $USER");
  EXPECT_REASON(none, 0, outcome);
  EXPECT_EQ("hello\n" + sshd_->user() + "\n", outcome.out);
  EXPECT_EQ("", outcome.err);
  EXPECT_EQ("", outcome.message);
  EXPECT_EQ("web1", outcome.host);
  EXPECT_EQ(sshd_->host("web1").address + ":" + std::to_string(sshd_->host("web1").port), outcome.address);
  EXPECT_EQ(sshd_->user(), outcome.user);
  EXPECT_TRUE(outcome.key_exchange.starts_with("curve25519-sha256")) << outcome.key_exchange;
  EXPECT_EQ("aes128-gcm@openssh.com", outcome.cipher);
  for (const std::int64_t time : {outcome.times.resolve, outcome.times.connect, outcome.times.handshake,
                                  outcome.times.auth, outcome.times.exec}) {
    EXPECT_GE(time, 0);
    EXPECT_LE(time, outcome.total_us);
  }
  EXPECT_GT(outcome.start_ms, 1'600'000'000'000);
  EXPECT_GE(outcome.end_ms, outcome.start_ms);
}

TEST_F(CommandsTest, ExitCodesComeBack) {
  start({"--hosts", "web1"});
  std::vector<Request> requests;
  const std::vector<int> codes = {0, 1, 3, 127, 128, 255};
  for (const int code : codes) requests.push_back(request("web1", "exit " + std::to_string(code)));
  const std::vector<Outcome> outcomes = run(std::move(requests));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(codes[i], outcomes[i].code);
    EXPECT_EQ(i, outcomes[i].index);
    EXPECT_EQ(codes[i] == 0 ? "none" : "exit", reason_name(outcomes[i].reason));
  }
  EXPECT_TRUE(has_all(outcomes[2].message, {"web1 (", sshd_->host("web1").address, "exit code 3"}));
}

TEST_F(CommandsTest, ASignalIs128PlusItsNumber) {
  start({"--hosts", "web1"});
  const Outcome outcome = run("web1", "printf before; kill -TERM $$");
  EXPECT_REASON(signal, 143, outcome);
  EXPECT_EQ("TERM", outcome.signal);
  EXPECT_EQ("before", outcome.out);
}

TEST_F(CommandsTest, OutputsComeApartAndAsBytes) {
  start({"--hosts", "web1"});
  const Outcome outcome = run("web1", "printf 'a\\000b\\377'; printf 'e\\000' >&2; exit 4");
  EXPECT_EQ(std::string("a\0b\377", 4), outcome.out);
  EXPECT_EQ(std::string("e\0", 2), outcome.err);
  EXPECT_EQ(4, outcome.code);
}

TEST_F(CommandsTest, LargeOutputArrivesWhole) {
  start({"--hosts", "web1"});
  Request big = request("web1", "head -c 20000000 /dev/zero | tr '\\000' x; echo done >&2");
  big.output_limit = 30'000'000;
  const Outcome outcome = run({big}).at(0);
  EXPECT_REASON(none, 0, outcome);
  EXPECT_TRUE(std::string(20'000'000, 'x') == outcome.out) << outcome.out.size();
  EXPECT_EQ("done\n", outcome.err);
}

TEST_F(CommandsTest, OfOutputBeyondTheLimitTheEndIsKeptAndTheRestCounted) {
  start({"--hosts", "web1"});
  Request big = request("web1", "head -c 4999997 /dev/zero; printf end; head -c 3000 /dev/zero >&2; exit 7");
  big.output_limit = 1000;
  const Outcome outcome = run({big}).at(0);
  EXPECT_EQ(7, outcome.code);
  EXPECT_EQ(1000u, outcome.out.size());
  EXPECT_TRUE(outcome.out.ends_with("end"));
  EXPECT_EQ(4'999'000u, outcome.out_dropped);
  EXPECT_EQ(1000u, outcome.err.size());
  EXPECT_EQ(2000u, outcome.err_dropped);
}

TEST_F(CommandsTest, InputGoesInWhileOutputComesOut) {
  start({"--hosts", "web1"});
  Request echo = request("web1", "cat");
  std::string sent;
  for (int i = 0; i < 1'000'000; ++i) sent += static_cast<char>(i * 7 % 251), sent += "xyz";
  echo.input = std::make_shared<const std::string>(sent);
  const Outcome outcome = run({echo}).at(0);
  EXPECT_REASON(none, 0, outcome);
  EXPECT_TRUE(sent == outcome.out) << outcome.out.size();  // too long to print
}

TEST_F(CommandsTest, InputThatNobodyReadsIsNoFailure) {
  start({"--hosts", "web1"});
  Request deaf = request("web1", "exec 0<&-; echo ok");
  deaf.input = std::make_shared<const std::string>(10'000'000, 'q');
  const Outcome outcome = run({deaf}).at(0);
  EXPECT_REASON(none, 0, outcome);
  EXPECT_EQ("ok\n", outcome.out);
}

TEST_F(CommandsTest, WithoutInputACommandFindsItsEnd) {
  start({"--hosts", "web1"});
  EXPECT_REASON(none, 0, run("web1", "cat"));
}

TEST_F(CommandsTest, ADeadlineLeavesWhatWasReceivedAndAsksTheCommandToEnd) {
  start({"--hosts", "web1"});
  const std::string mark = sshd_->file("terminated");
  Request slow =
      request("web1", "trap 'echo yes >" + mark + "; exit' TERM; echo begun; " + wait_for_the_end());
  // On a busy machine it takes a longer one until the command has begun.
  Outcome outcome;
  for (base::Millis allowed(1500); outcome.out.empty() && allowed < base::Millis(100'000); allowed *= 4) {
    slow.deadlines.exec = allowed;
    outcome = run({slow}).at(0);
    EXPECT_REASON(timeout_exec, k_unknown, outcome);
    EXPECT_TRUE(has_all(outcome.message, {"web1 (", "did not end within " + duration_text(allowed)}));
  }
  EXPECT_EQ("begun\n", outcome.out);
  const base::Deadline deadline = base::Deadline::in(base::Millis(20'000));
  while (!base::file_exists(mark) && !deadline.expired()) std::this_thread::sleep_for(base::Millis(10));
  EXPECT_TRUE(base::file_exists(mark));
}

TEST_F(CommandsTest, ACommandThatEndedIsNoTimeoutThoughItsChildrenHoldTheOutput) {
  start({"--hosts", "web1"});
  Request request_ = request("web1", "sleep 1000 & echo $!; exit 5");
  // The deadline should find a command that has ended, which takes a longer one on a busy machine.
  Outcome outcome;
  for (base::Millis allowed(2000); outcome.reason != Reason::exit && allowed < base::Millis(100'000);
       allowed *= 4) {
    request_.deadlines.exec = allowed;
    outcome = run({request_}).at(0);
    const std::string child = outcome.out.substr(0, outcome.out.find('\n'));
    if (!child.empty()) testing::must_run({"kill", "-KILL", child});
  }
  EXPECT_REASON(exit, 5, outcome);
}

TEST_F(CommandsTest, AConnectionThatBreaksLeavesTheEndUnknown) {
  start({"--hosts", "web1"});
  const Outcome outcome = run("web1", "echo half; sleep 0.3; kill -KILL $PPID; " + wait_for_the_end());
  EXPECT_REASON(disconnected, k_unknown, outcome);
  EXPECT_EQ("half\n", outcome.out);
  EXPECT_TRUE(has_all(outcome.message, {"web1 (", "while the command was running"}));
}

TEST_F(CommandsTest, CancellingReturnsWhatThereIs) {
  start({"--hosts", "web1 web2 web3"});
  base::Cancel cancel;
  options_.cancel_fd = cancel.fd();
  options_.max_in_flight = 2;  // so that the third has not begun
  std::atomic<int> ended{0};
  std::string mark = sshd_->file("running");
  options_.on_done = [&](const Outcome&) { ++ended; };
  std::thread other([&] {
    const base::Deadline deadline = base::Deadline::in(base::Millis(60'000));
    while (!base::file_exists(mark) && !deadline.expired()) std::this_thread::sleep_for(base::Millis(5));
    cancel.cancel();
  });
  Request endless = request("web1", "echo begun; sleep 2; touch " + mark + "; " + wait_for_the_end());
  const std::vector<Outcome> outcomes =
      run({endless, request("web2", "echo begun; " + wait_for_the_end()), request("web3", "true")});
  other.join();
  EXPECT_EQ(3, ended.load());
  EXPECT_REASON(cancelled, k_unknown, outcomes[0]);
  EXPECT_EQ("begun\n", outcomes[0].out);
  EXPECT_EQ("cancelled", reason_name(outcomes[1].reason));
  EXPECT_REASON(cancelled, k_not_started, outcomes[2]);
}

TEST_F(CommandsTest, CancelledBeforeItBeginsNothingIsDone) {
  start({"--hosts", "web1"});
  base::Cancel cancel;
  cancel.cancel();
  options_.cancel_fd = cancel.fd();
  const std::vector<Outcome> outcomes = run({request("web1", "true"), request("web1", "true")});
  for (const Outcome& outcome : outcomes) {
    EXPECT_REASON(cancelled, k_not_started, outcome);
  }
}

TEST_F(CommandsTest, FiftyHostsAtOnce) {
  std::string names;
  for (int i = 1; i <= 50; ++i) names += "node" + std::to_string(i) + " ";
  start({"--shared", "--hosts", names});
  engine_options_.max_handshakes = 16;
  std::vector<Request> requests;
  for (int i = 1; i <= 50; ++i)
    requests.push_back(
        request("node" + std::to_string(i), "echo $SSH_CONNECTION; exit " + std::to_string(i % 3)));
  std::multiset<std::size_t> done;
  options_.on_done = [&](const Outcome& outcome) { done.insert(outcome.index); };
  const std::vector<Outcome> outcomes = run(std::move(requests));
  ASSERT_EQ(50u, outcomes.size());
  for (std::size_t i = 0; i < 50; ++i) {
    const std::string name = "node" + std::to_string(i + 1);
    EXPECT_EQ(name, outcomes[i].host);
    EXPECT_EQ(static_cast<int>((i + 1) % 3), outcomes[i].code) << outcomes[i].message;
    EXPECT_TRUE(has_all(outcomes[i].out, {" " + sshd_->host(name).address + " "}));
    EXPECT_EQ(1u, done.count(i));
  }
}

TEST_F(CommandsTest, NothingStaysOpen) {
  start({"--hosts", "web1", "--refusing", "web2", "--down", "web3"});
  const auto batch = [&] {
    run({request("web1", "true"), request("web2", "true"), request("web3", "true"),
         request("web1", "exit 1")});
    base::Cancel cancel;
    options_.cancel_fd = cancel.fd();
    options_.on_done = [&](const Outcome&) { cancel.cancel(); };
    run({request("web1", "true"), request("web1", wait_for_the_end()), request("web2", "true")});
    options_.cancel_fd = -1;
    options_.on_done = nullptr;
    EXPECT_TRUE(engine().await_killings(base::Deadline::in(base::Millis(60'000))));
  };
  batch();
  const std::size_t before = descriptors_at_rest();
  for (int i = 0; i < 3; ++i) batch();
  EXPECT_EQ(before, descriptors_at_rest());
}

TEST_F(CommandsTest, NoRequestsNoOutcomes) {
  start({"--hosts", "web1"});
  EXPECT_TRUE(run(std::vector<Request>{}).empty());
}

TEST_F(CommandsTest, WorksWithoutAHomeFolder) {
  start({"--hosts", "web1"});
  options_.config_files.clear();  // the default ones; HOME does not exist
  Request bare = request("anything", "echo ok");
  bare.target.host = sshd_->host("web1").address;
  bare.target.port = sshd_->host("web1").port;
  bare.target.user = sshd_->user();
  bare.target.identity_files = {sshd_->identity()};
  bare.target.known_hosts_files = {sshd_->known_hosts()};
  EXPECT_EQ("ok\n", run({bare}).at(0).out);
  bare.target.identity_files.clear();
  EXPECT_REASON(auth, k_not_started, run({bare}).at(0));
}

}  // namespace
}  // namespace reops::ssh
