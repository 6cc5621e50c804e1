// The wall clock is set while commands run: by a day forth, a day back. No deadline, pause or duration may
// care.

#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "base/clock.hpp"
#include "engine_fixture.hpp"

namespace {

constexpr long k_day = 24L * 3600;

// Seconds by which the wall clock of this process is wrong.
std::atomic<long> g_wrong_by{0};

}  // namespace

// All libraries of this program find the time here. The steady clocks are as they are.
extern "C" int clock_gettime(clockid_t clock, struct timespec* time) noexcept {
  const auto answer = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += g_wrong_by;
  return answer;
}

extern "C" int gettimeofday(struct timeval* time, void*) noexcept {
  struct timespec now {};
  const int answer = ::clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return answer;
}

extern "C" time_t time(time_t* place) noexcept {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (place != nullptr) *place = now.tv_sec;
  return now.tv_sec;
}

namespace reops::ssh {
namespace {

class ClockJumpTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    start({"--hosts", "web1", "--down", "gone"});
    // Once in each pair of hosts' lives, as soon as they run: a day forth, then back, and so on.
    options_.progress_interval = base::Millis(20);
    options_.on_progress = [](const Progress&) { g_wrong_by = g_wrong_by == k_day ? -k_day : k_day; };
  }
  void TearDown() override {
    g_wrong_by = 0;
    EngineTest::TearDown();
  }
};

TEST_F(ClockJumpTest, TheClockOfThisTestJumps) {
  const std::int64_t before = base::unix_millis();
  g_wrong_by = -k_day;
  EXPECT_LT(base::unix_millis(), before - (k_day - 3600) * 1000);
  EXPECT_LT(::time(nullptr), before / 1000 - (k_day - 3600));
}

TEST_F(ClockJumpTest, CommandsAndDeadlinesGoOn) {
  Request slow = request("web1", "sleep 1; echo done");
  Request late = request("web1", wait_for_the_end());
  late.deadlines.exec = base::Millis(2'000);
  Request again = request("gone", "true");
  again.retry = {3, base::Millis(100), {}, false};
  const std::vector<Outcome> outcomes = run({slow, late, again});
  EXPECT_REASON(none, 0, outcomes[0]);
  EXPECT_EQ("done\n", outcomes[0].out);
  EXPECT_GE(outcomes[0].times.exec, 1'000'000);
  EXPECT_REASON(timeout_exec, k_unknown, outcomes[1]);
  EXPECT_EQ(Killed::yes, outcomes[1].killed);
  EXPECT_REASON(refused, k_not_started, outcomes[2]);
  EXPECT_EQ(4u, outcomes[2].attempts);
  for (const Outcome& outcome : outcomes) {
    // By the steady clock: less than the test itself may take.
    EXPECT_GE(outcome.total_us, 0);
    EXPECT_LT(outcome.total_us, 600'000'000);
  }
  EXPECT_NE(0, g_wrong_by);
}

TEST_F(ClockJumpTest, TheTimeOfTheWholeRunIsOver) {
  options_.whole_run = base::Millis(1'500);
  const Outcome outcome = run("web1", wait_for_the_end());
  EXPECT_REASON(timeout_exec, k_unknown, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"the time of the whole run, 1.5 s, was over"}));
}

TEST_F(ClockJumpTest, WaitingConnectionsStayAsLongAsTheyMay) {
  EXPECT_REASON(none, 0, run("web1", "sleep 0.2"));
  g_wrong_by = 30 * k_day;
  EXPECT_TRUE(run("web1", "true").reused);
}

}  // namespace
}  // namespace reops::ssh
