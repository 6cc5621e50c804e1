#include "wire/message.hpp"

#include <gtest/gtest.h>

namespace reops::wire {
namespace {

std::vector<Message> one_of_each() {
  lang::UnitHash hash = lang::UnitHash::of("x");
  CallId id(16, '\x01');
  return {Hello{k_protocol, "1.0", "core", "web1", "boot", "token", {"exec"}, {id}},
          Alive{},
          Lacks{id, {hash}},
          Started{id},
          Printed{id, true, "\xff text"},
          Outcome{id, -2, "timeout/exec", "value", "out", "err", 1'700'000'000'000, 12},
          Unknown{id},
          Welcome{"web1", 5000},
          Refused{"waits to be accepted"},
          Call{id, 10'000, true, "parcel", {hash, lang::UnitHash::of("y")}},
          Units{id, {{hash, "content", "places"}}},
          Cancel{id},
          Ask{{id, id}},
          Forget{{id}}};
}

TEST(Message, EachComesBackAsItWas) {
  std::vector<Message> all = one_of_each();
  ASSERT_EQ(all.size(), std::variant_size_v<Message>);
  for (size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].index(), i);
    std::string bytes = write_message(all[i]);
    base::Result<Message> back = read_message(bytes);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back.value().index(), i);
    EXPECT_EQ(write_message(back.value()), bytes);
  }
}

TEST(Message, WhatIsCutShortOrTooLongIsNone) {
  for (const Message& m : one_of_each()) {
    std::string bytes = write_message(m);
    for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(read_message(bytes.substr(0, n))) << m.index();
    EXPECT_FALSE(read_message(bytes + '\0'));
  }
}

TEST(Message, OfAnotherKindIsNone) {
  EXPECT_FALSE(read_message("\x81\x18\x63"));
  EXPECT_FALSE(read_message("\x81\x20"));
  EXPECT_FALSE(read_message("\x80"));
}

}  // namespace
}  // namespace reops::wire
