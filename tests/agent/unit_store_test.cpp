// Units on disk: found again, checked, and the least used given up.

#include "agent/unit_store.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"

namespace reops::agent {
namespace {

using lang::UnitHash;

struct UnitStoreTest : testing::Test {
  base::TempFolder folder = base::TempFolder::create("units").value();
  static std::string content(int n) { return "content of " + std::to_string(n) + std::string(1000, 'x'); }
  static UnitHash hash(int n) { return UnitHash::of(content(n)); }
  // Keeps nothing in memory but the last one.
  UnitStore store(size_t most = 1 << 20) { return UnitStore(folder.path(), most, 1); }
};

TEST_F(UnitStoreTest, FindsThemAgain) {
  {
    UnitStore units = store();
    EXPECT_EQ(units.find(hash(1)), nullptr);
    EXPECT_TRUE(units.add(hash(1), content(1), "places"));
    EXPECT_TRUE(units.add(hash(2), content(2), ""));
  }
  UnitStore units = store();
  ASSERT_NE(units.find(hash(1)), nullptr);
  EXPECT_EQ(units.find(hash(1))->content, content(1));
  EXPECT_EQ(units.find(hash(1))->places, "places");
  EXPECT_NE(units.find(hash(2)), nullptr);
}

TEST_F(UnitStoreTest, TakesNoneWhoseContentIsAnother) {
  UnitStore units = store();
  EXPECT_FALSE(units.add(hash(1), content(2), ""));
  EXPECT_EQ(units.find(hash(1)), nullptr);
}

TEST_F(UnitStoreTest, WhatWasChangedOnDiskIsNotThere) {
  store().add(hash(1), content(1), "places");
  std::string path = base::glob_paths(folder.path() + "/*")[0];
  const std::string whole = base::read_file(path).value();
  for (size_t at : {size_t{0}, size_t{33}, size_t{100}, whole.size() - 1}) {
    std::string changed = whole;
    changed[at] ^= 1;
    ASSERT_TRUE(base::write_file(path, changed).ok());
    EXPECT_EQ(store().find(hash(1)), nullptr) << at;
    EXPECT_FALSE(base::file_exists(path));
  }
  for (size_t cut : {size_t{0}, size_t{10}, size_t{39}, size_t{50}}) {
    ASSERT_TRUE(base::write_file(path, whole.substr(0, cut)).ok());
    EXPECT_EQ(store().find(hash(1)), nullptr) << cut;
  }
}

TEST_F(UnitStoreTest, GivesUpThoseThatWereUsedLeast) {
  UnitStore units = store(3500);
  for (int n : {1, 2, 3}) units.add(hash(n), content(n), "");
  EXPECT_NE(units.find(hash(1)), nullptr);
  units.add(hash(4), content(4), "");
  EXPECT_LE(units.bytes_on_disk(), 3500U);
  EXPECT_EQ(units.find(hash(2)), nullptr);
  for (int n : {1, 3, 4}) EXPECT_NE(units.find(hash(n)), nullptr) << n;
}

TEST_F(UnitStoreTest, WorksWithoutADisk) {
  UnitStore units("/proc/none/units", 1 << 20);
  EXPECT_TRUE(units.add(hash(1), content(1), ""));
  EXPECT_NE(units.find(hash(1)), nullptr);
}

}  // namespace
}  // namespace reops::agent
