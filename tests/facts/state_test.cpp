// How a machine does: memory, load, and what counters say between two readings.

#include "facts_testing.hpp"

namespace reops::facts {
namespace {

using StateTest = FactsTest;

TEST_F(StateTest, Memory) {
  EXPECT_EQ(facts(k_memory, {{"/proc/meminfo",
                              "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 600 kB\nBuffers: 50 "
                              "kB\nCached: 200 kB\nSwapCached: 9 kB\nShmem: 10 kB\nSReclaimable: 30 "
                              "kB\nSwapTotal: 100 kB\nSwapFree: 75 kB\n"}}),
            "{:total 1024000, :used 409600, :free 307200, :shared 10240, :buff-cache 286720, :available "
            "614400, :perc "
            "40.0, :swap {:total 102400, :used 25600, :free 76800}}");
  EXPECT_EQ(facts(k_memory, {{"/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\nCached: 200 kB\n"}}),
            "{:total 1024000, :used 512000, :free 307200, :buff-cache 204800, :available 512000, :perc 50.0}")
      << "kernels of before 3.14";
  EXPECT_EQ(facts(k_memory, {}), "{:total :unknown}");
}

TEST_F(StateTest, Load) {
  EXPECT_EQ(facts(k_load, {{"/proc/loadavg", "0.31 0.27 0.20 2/1034 4711\n"},
                           {"/proc/stat", "cpu  1 2\ncpu0 1 2\ncpu1 1 2\nctxt 5\n"}}),
            "{:one 0.31, :five 0.27, :fifteen 0.2, :cores 2, :running 2, :tasks 1034}");
  EXPECT_EQ(facts(k_load, {{"/proc/loadavg", "a b c"}}), "{:one :unknown}");
}

TEST_F(StateTest, WhatProcessorsDidInBetween) {
  EXPECT_EQ(
      rates(k_usage, {{"/proc/stat", "cpu  100 0 100 800 0 0 0 0\ncpu0 50 0 50 400 0 0 0 0\n"}},
            {{"/proc/stat", "cpu  150 0 125 875 10 0 0 40\ncpu0 100 0 75 400 0 0 0 0\ncpu1 1 1 1 1\n"}}),
      "{:used 57.5, :usr 25.0, :nice 0.0, :sys 12.5, :idle 37.5, :iowait 5.0, :irq 0.0, :soft 0.0, :steal "
      "20.0, "
      ":cores [{:used 100.0}]}");
  EXPECT_EQ(rates(k_usage, {}, {{"/proc/stat", "cpu  1 1 1 1\n"}}), "{:used :unknown}");
  EXPECT_EQ(
      rates(k_usage, {{"/proc/stat", "cpu  9 9 9 9\n"}}, {{"/proc/stat", "cpu  1 1 1 1\n"}}).substr(0, 10),
      "{:used 0.0");
}

TEST_F(StateTest, WhatWentOverNetworksInBetween) {
  auto dev = [](int rx, int tx) {
    return "Inter-|   Receive |  Transmit\n face |bytes    packets\n  eth0: " + std::to_string(rx) +
           " 10 0 0 0 0 0 0 " + std::to_string(tx) + " 20 0 0 0 0 0 0\n";
  };
  EXPECT_EQ(rates(k_traffic, {{"/proc/net/dev", dev(1000, 500)}, {"/proc/uptime", "10.00 1"}},
                  {{"/proc/net/dev", dev(3000, 400)}, {"/proc/uptime", "12.00 1"}}),
            "[{:interface \"eth0\", :rx-bytes 1000.0, :rx-packets 0.0, :rx-errors 0.0, :rx-dropped 0.0, "
            ":tx-packets 0.0, "
            ":tx-errors 0.0, :tx-dropped 0.0}]")
      << "a counter that began anew has no rate";
  EXPECT_EQ(rates(k_traffic, {{"/proc/net/dev", dev(1, 1)}}, {{"/proc/net/dev", dev(1, 1)}}), "[]");
}

TEST_F(StateTest, WhatDisksDidInBetween) {
  Texts before = {{"/proc/diskstats",
                   "8 0 sda 10 0 100 5 10 0 100 5 0 1000 10\n8 1 sda1 10 0 100 5 10 0 100 5 0 1000 10\n"},
                  {"/proc/uptime", "10.00 1"}};
  Texts after = {{"/proc/diskstats",
                  "8 0 sda 20 0 300 5 12 0 104 5 0 1500 10\n8 1 sda1 20 0 300 5 10 0 100 5 0 1500 10\n"},
                 {"/sys/block/sda/size", "100"},
                 {"/proc/uptime", "11.00 1"}};
  EXPECT_EQ(
      rates(k_disk_traffic, before, after),
      "[{:disk \"sda\", :reads 10.0, :read-bytes 102400.0, :writes 2.0, :written-bytes 2048.0, :busy 50.0}]");
}

}  // namespace
}  // namespace reops::facts
