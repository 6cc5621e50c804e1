// Which network an address is in, and what is said of it there.

#include "ssh/new_key_policy.hpp"

#include <gtest/gtest.h>

namespace reops::ssh {
namespace {

NewKeyPolicy policy(const std::vector<std::pair<std::string, bool>>& rules) {
  return NewKeyPolicy::parse(rules).value();
}

TEST(NewKeyPolicyTest, OfNetworksThatOverlapTheSmallestCounts) {
  const NewKeyPolicy made = policy({{"10.0.0.0/8", true}, {"10.9.0.0/16", false}, {"10.9.3.7", true}});
  EXPECT_EQ(true, made.accepts("10.1.2.3:22"));
  EXPECT_EQ(false, made.accepts("10.9.2.3:2222"));
  EXPECT_EQ(true, made.accepts("10.9.3.7:22"));
  EXPECT_EQ(std::nullopt, made.accepts("11.0.0.0:22"));
}

TEST(NewKeyPolicyTest, BitsCountNotBytes) {
  const NewKeyPolicy made = policy({{"192.168.16.0/20", true}});
  EXPECT_EQ(true, made.accepts("192.168.31.255:22"));
  EXPECT_EQ(std::nullopt, made.accepts("192.168.32.0:22"));
}

TEST(NewKeyPolicyTest, BothFamilies) {
  const NewKeyPolicy made = policy({{"0.0.0.0/0", false}, {"2001:db8::/32", true}});
  EXPECT_EQ(false, made.accepts("203.0.113.1:22"));
  EXPECT_EQ(true, made.accepts("[2001:db8:1::7]:22"));
  EXPECT_EQ(std::nullopt, made.accepts("[2001:db9::7]:22"));
}

TEST(NewKeyPolicyTest, WhatIsNoAddressIsInNoNetwork) {
  const NewKeyPolicy made = policy({{"0.0.0.0/0", true}, {"::/0", true}});
  EXPECT_EQ(true, made.accepts("10.1.2.3:22 through bastion"));
  for (const char* text : {"", "web1:22", "through ProxyCommand", "[]:22", "web1:22 through bastion"})
    EXPECT_EQ(std::nullopt, made.accepts(text)) << text;
}

TEST(NewKeyPolicyTest, WhatIsNoNetworkIsRefusedByName) {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "10.0.0.0/8x", "10.0.0.0/-1", "web1/8",
                           "2001:db8::/129", "/8"}) {
    const auto made = NewKeyPolicy::parse({{text, true}});
    ASSERT_FALSE(made.ok()) << text;
    EXPECT_NE(std::string::npos, made.error().message.find(std::string("\"") + text + "\" is not a network"));
  }
}

}  // namespace
}  // namespace reops::ssh
