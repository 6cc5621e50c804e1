// Texts that no machine should have: nothing of them may do harm, or take long.

#include <random>
#include <vector>

#include "facts/local.hpp"
#include "facts/shell.hpp"
#include "facts_testing.hpp"

namespace reops::facts {
namespace {

using HostileTest = FactsTest;

Groups every_group() {
  Groups all;
  for (const Group& group : all_groups()) all.push_back(&group);
  return all;
}

void take_all(const Reading& reading) {
  for (const Group* group : every_group()) {
    lang::Ref made = group->rates ? group->rates(reading, reading) : group->facts(reading);
    EXPECT_FALSE(lang::pr_str(made).empty()) << group->name;
  }
}

// A reading of this machine, whose texts go through a function.
template <class Change>
Reading changed(Change&& change) {
  Reading result;
  read_here(every_group()).each("", [&](std::string_view name, std::string_view text) {
    result.put(std::string(name), change(std::string(text)));
  });
  return result;
}

TEST_F(HostileTest, TextsThatAreCutOffAnywhere) {
  std::mt19937 random(4711);
  for (int i = 0; i < 20; ++i)
    take_all(
        changed([&](std::string text) { return text.substr(0, text.empty() ? 0 : random() % text.size()); }));
}

TEST_F(HostileTest, BytesThatAreAnything) {
  std::mt19937 random(42);
  for (int i = 0; i < 10; ++i) {
    take_all(changed([&](std::string text) {
      text.resize(std::min<size_t>(text.size(), 200'000));
      for (size_t n = text.size() / 20 + 1; n > 0 && !text.empty(); --n)
        text[random() % text.size()] = static_cast<char>(random());
      return text;
    }));
  }
  take_all(changed([&](const std::string&) {
    std::string noise(100'000, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    return noise;
  }));
}

TEST_F(HostileTest, NumbersThatAreTooLarge) {
  take_all(changed([](std::string text) {
    for (char& c : text)
      if (c >= '0' && c <= '9') c = '9';
    return text;
  }));
  take_all(changed([](const std::string& text) {
    std::string longer;
    for (char c : text.substr(0, 20'000))
      longer += c >= '0' && c <= '9' ? std::string(25, c) : std::string(1, c);
    return longer;
  }));
  EXPECT_EQ(facts(k_memory, {{"/proc/meminfo", "MemTotal: 9223372036854775807 kB\nMemFree: -5 kB\n"}}),
            "{:total :unknown}");
}

TEST_F(HostileTest, TextsThatAreHuge) {
  std::string mounts, sizes, passwd, stats;
  for (int i = 0; i < 100'000; ++i) {
    std::string n = std::to_string(i);
    mounts.append("/dev/x /m" + n + " ext4 rw 0 0\n");
    sizes.append("4096 10 5 5 10 5 /m" + n + "\n");
    passwd.append("u" + n + ":x:" + n + ":0::/:/bin/sh\n");
    stats.append(n + " (p" + n + ") S 1\n");
  }
  Reading reading = reading_of({{"/proc/mounts", mounts},
                                {"sizes", sizes},
                                {"/etc/passwd", passwd},
                                {"/proc/[0-9]*/stat", stats},
                                {"/proc/cpuinfo", std::string(8'000'000, ':')}});
  for (int i = 0; i < 50'000; ++i) reading.put("/sys/class/net/n" + std::to_string(i) + "/mtu", "1500");
  take_all(reading);
}

TEST_F(HostileTest, NoTextPassesForAnother) {
  Groups memory = {&k_memory};
  std::string mark = "4f1c";
  auto readings =
      read_output(memory, mark,
                  "motd\n=other /etc/passwd\n\n=4f1c /proc/meminfo\nMemTotal: 1 kB\n=4f1d /proc/meminfo\n"
                  "MemFree: 9 kB\n\n=4f1c end\n");
  ASSERT_TRUE(readings.ok());
  EXPECT_EQ(facts(k_memory, readings.value()[0]).substr(0, 12), "{:total 1024");
  EXPECT_FALSE(readings.value()[0].has("/etc/passwd"));
}

TEST_F(HostileTest, WhatIsIncompleteIsSaidToBe) {
  Groups memory = {&k_memory}, usage = {&k_usage};
  std::string whole = "\n=4f1c /proc/meminfo\nMemTotal: 1 kB\n\n=4f1c end\n";
  ASSERT_TRUE(read_output(memory, "4f1c", whole).ok());
  for (size_t length = 0; length < whole.size() - 1; ++length)
    EXPECT_FALSE(read_output(memory, "4f1c", whole.substr(0, length)).ok()) << length;
  EXPECT_FALSE(read_output(usage, "4f1c", whole).ok()) << "one reading where two are needed";
}

TEST_F(HostileTest, TheShellIsTheSameForAllAndNamesTheMark) {
  std::string script = script_of(every_group(), "4f1c", 1);
  EXPECT_NE(script.find("=4f1c %s"), std::string::npos);
  EXPECT_EQ(script.find('\0'), std::string::npos);
}

}  // namespace
}  // namespace reops::facts
