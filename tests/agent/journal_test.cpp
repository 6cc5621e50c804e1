// What an agent remembers of calls over restarts, also of files that were cut at any byte.

#include "agent/journal.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"

namespace reops::agent {
namespace {

wire::CallId id_of(int n) {
  std::string id(16, '\0');
  id[0] = static_cast<char>(n);
  return id;
}

struct JournalTest : testing::Test {
  std::unique_ptr<Journal> open(Journal::Calls& calls) {
    auto opened = Journal::open(folder.path(), 5000, calls);
    EXPECT_TRUE(opened.ok());
    return std::move(opened).value();
  }
  base::TempFolder folder = base::TempFolder::create("journal").value();
};

TEST_F(JournalTest, RemembersWhatBeganAndHowItEnded) {
  Journal::Calls calls;
  {
    auto journal = open(calls);
    EXPECT_TRUE(calls.empty());
    for (int n : {1, 2, 3}) EXPECT_TRUE(journal->begin(id_of(n), 1000 + n).ok());
    EXPECT_TRUE(journal->end(id_of(2), "an outcome", 2000));
    journal->forget(id_of(3));
  }
  auto journal = open(calls);
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_FALSE(calls[id_of(1)].ended);
  EXPECT_EQ(calls[id_of(1)].started_ms, 1001);
  EXPECT_TRUE(calls[id_of(2)].ended);
  EXPECT_EQ(calls[id_of(2)].outcome, "an outcome");
}

TEST_F(JournalTest, LargeOutcomesHaveFilesOfTheirOwn) {
  Journal::Calls calls;
  const std::string large(Journal::k_large, 'x');
  {
    auto journal = open(calls);
    for (int n : {1, 2}) {
      EXPECT_TRUE(journal->begin(id_of(n), 1000).ok());
      EXPECT_TRUE(journal->end(id_of(n), large, 2000));
    }
  }
  auto journal = open(calls);
  EXPECT_TRUE(calls[id_of(1)].outcome.empty());
  EXPECT_EQ(journal->outcome_of(id_of(1)).value(), large);
  journal->forget(id_of(1));
  EXPECT_FALSE(journal->outcome_of(id_of(1)).ok());
  EXPECT_TRUE(journal->outcome_of(id_of(2)).ok());
}

TEST_F(JournalTest, AFileThatWasCutAnywhereKeepsWhatIsWhole) {
  Journal::Calls calls;
  {
    auto journal = open(calls);
    for (int n : {1, 2, 3}) EXPECT_TRUE(journal->begin(id_of(n), 1000).ok());
  }
  const std::string whole = base::read_file(folder.file("calls")).value();
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    ASSERT_TRUE(base::write_file(folder.file("calls"), whole.substr(0, cut)).ok());
    calls.clear();
    auto journal = open(calls);
    EXPECT_EQ(calls.size(), cut / (whole.size() / 3)) << cut;
    // And goes on from there.
    EXPECT_TRUE(journal->begin(id_of(9), 1000).ok());
    Journal::Calls again;
    open(again);
    EXPECT_TRUE(again.contains(id_of(9)));
  }
}

TEST_F(JournalTest, ATimeThatIsYetToComeIsTakenForNow) {
  Journal::Calls calls;
  {
    auto journal = open(calls);
    EXPECT_TRUE(journal->begin(id_of(1), 9'000'000).ok());
  }
  open(calls);
  EXPECT_EQ(calls[id_of(1)].at_ms, 5000);
}

TEST_F(JournalTest, StaysSmall) {
  Journal::Calls calls;
  auto journal = open(calls);
  const std::string outcome(1000, 'o');
  for (int n = 0; n < 10'000; ++n) {
    EXPECT_TRUE(journal->begin(id_of(n % 100), 1000).ok());
    EXPECT_TRUE(journal->end(id_of(n % 100), outcome, 1000));
    journal->forget(id_of(n % 100));
  }
  EXPECT_LT(base::read_file(folder.file("calls")).value().size(), size_t{3} << 20);
}

}  // namespace
}  // namespace reops::agent
