#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace reops::base {
namespace {

TEST(Clock, InstantsPrintAsIso) {
  EXPECT_EQ("1970-01-01T00:00:00.000Z", iso_instant(0));
  EXPECT_EQ("2024-02-29T23:59:59.987Z", iso_instant(1709251199987));
  EXPECT_EQ("1969-12-31T23:59:59.999Z", iso_instant(-1));
}

TEST(Clock, DeadlinesKnowWhenTheyArePast) {
  EXPECT_TRUE(Deadline::in(Millis(-1)).expired());
  EXPECT_FALSE(Deadline::in(Millis(60000)).expired());
  EXPECT_FALSE(Deadline::never().expired());
  EXPECT_TRUE(Deadline::in(Millis(10)) < Deadline::never());
}

TEST(Clock, PollTimeoutNeverWakesEarlyAndNeverOverflows) {
  EXPECT_EQ(-1, Deadline::never().poll_timeout());
  EXPECT_EQ(0, Deadline::in(Millis(-500)).poll_timeout());
  EXPECT_EQ(1, Deadline::at(Steady::now() + std::chrono::microseconds(900)).poll_timeout() > 0 ? 1 : 0);
  EXPECT_EQ(1 << 30, Deadline::in(Millis(std::int64_t{1} << 33)).poll_timeout());
}

}  // namespace
}  // namespace reops::base
