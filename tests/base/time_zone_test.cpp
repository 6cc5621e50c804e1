#include "base/time_zone.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace reops::base {
namespace {

std::string bytes_of(const std::string& zone) {
  std::ifstream in("/usr/share/zoneinfo/" + zone, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

ZoneOffset offset(const std::string& zone, int64_t time) {
  auto loaded = TimeZone::named(zone);
  EXPECT_TRUE(loaded.ok()) << loaded.error().message;
  return loaded.value()->at(time);
}

TEST(TimeZoneTest, KnowsHistoryAndFuture) {
  EXPECT_EQ(3600, offset("Europe/Berlin", 1704067200).seconds);  // 2024-01-01
  EXPECT_EQ(7200, offset("Europe/Berlin", 1719792000).seconds);  // 2024-07-01
  EXPECT_EQ("CEST", offset("Europe/Berlin", 1719792000).abbreviation);
  EXPECT_TRUE(offset("Europe/Berlin", 1719792000).daylight_saving);
  EXPECT_EQ(7200, offset("Europe/Berlin", 4117910400).seconds);      // 2100-06-29, by the rule
  EXPECT_EQ(3600, offset("Europe/Berlin", 4102444800).seconds);      // 2100-01-01
  EXPECT_EQ(39600, offset("Australia/Sydney", 4102444800).seconds);  // summer in January
  EXPECT_EQ(20700, offset("Asia/Kathmandu", 1719792000).seconds);
}

TEST(TimeZoneTest, ChangesAtTheSecond) {
  constexpr int64_t k_change = 1711846800;  // 2024-03-31T01:00:00Z
  EXPECT_EQ(3600, offset("Europe/Berlin", k_change - 1).seconds);
  EXPECT_EQ(7200, offset("Europe/Berlin", k_change).seconds);
  constexpr int64_t k_by_rule = 4109878800;  // 2100-03-28T01:00:00Z, the last Sunday of that March
  EXPECT_EQ(3600, offset("Europe/Berlin", k_by_rule - 1).seconds);
  EXPECT_EQ(7200, offset("Europe/Berlin", k_by_rule).seconds);
}

TEST(TimeZoneTest, RefusesNamesThatAreNone) {
  for (const char* name : {"Europe/Nowhere", "../../etc/passwd", "/etc/passwd", "a b", "Europe"}) {
    EXPECT_FALSE(TimeZone::named(name).ok()) << name;
  }
}

// A file may be cut off, or be something else altogether, anywhere.
TEST(TimeZoneTest, DamagedFilesAreErrorsOrZones) {
  std::string whole = bytes_of("Europe/Berlin");
  ASSERT_FALSE(whole.empty());
  for (size_t n = 0; n < whole.size(); ++n) {
    auto zone = TimeZone::parse(std::string_view(whole).substr(0, n), "cut");
    if (zone.ok()) (void)zone.value()->at(1719792000);
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    for (char wrong : {'\0', '\x7f', '\xff', 'M'}) {
      std::string damaged = whole;
      damaged[i] = wrong;
      auto zone = TimeZone::parse(damaged, "damaged");
      if (!zone.ok()) continue;
      for (int64_t t :
           {int64_t{-9000000000}, int64_t{0}, int64_t{1719792000}, int64_t{9000000000}, INT64_MAX, INT64_MIN})
        (void)zone.value()->at(t);
    }
  }
}

}  // namespace
}  // namespace reops::base
