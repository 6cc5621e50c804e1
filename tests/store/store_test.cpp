// The store: transactions, migrations, and the socket on which its owner is asked.

#include "store/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "store/control_socket.hpp"

namespace reops::store {
namespace {

const Migrations k_schema = {{"create table notes (id integer primary key, text text unique)"}};

class StoreTest : public testing::Test {
 protected:
  base::TempFolder folder_ = base::TempFolder::create("reops-store").value();
  std::string path_ = folder_.file("data/store.db");

  std::unique_ptr<Store> open(const Migrations& migrations = k_schema) {
    auto opened = Store::open(path_, migrations);
    EXPECT_TRUE(opened.ok());
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  static std::int64_t count(Store& store) {
    return std::get<std::int64_t>(store.query("select count(*) from notes", {}).value().at(0).at(0));
  }
  static Statement note(const std::string& text, std::int64_t changes = -1) {
    return {"insert into notes (text) values (?)", {text}, changes};
  }
};

TEST_F(StoreTest, KeepsEveryKindOfCell) {
  auto store = open({{"create table cells (a, b, c, d, e)"}});
  ASSERT_TRUE(store
                  ->commit({{"insert into cells values (?, ?, ?, ?, ?)",
                             {std::monostate{}, std::int64_t{-7}, 1.5, std::string("h\0\xc3\xa9", 4),
                              Bytes{std::string("\0\xff", 2)}}}})
                  .ok());
  const Row row = store->query("select * from cells", {}).value().at(0);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(row[0]));
  EXPECT_EQ(-7, std::get<std::int64_t>(row[1]));
  EXPECT_EQ(1.5, std::get<double>(row[2]));
  EXPECT_EQ(std::string("h\0\xc3\xa9", 4), std::get<std::string>(row[3]));
  EXPECT_EQ(std::string("\0\xff", 2), std::get<Bytes>(row[4]).data);
}

TEST_F(StoreTest, DigestsItsArguments) {
  auto store = open();
  const auto digest = [&](const char* of) {
    return std::get<std::string>(
        store->query(std::string("select sha256(") + of + ")", {}).value().at(0).at(0));
  };
  // Of the text 3:3:abc, by sha256sum.
  EXPECT_EQ("c550ffac07256cf4abdc7c0f43cb63f2df818d3ef54f82bddc01f583b7e38c57", digest("'abc'"));
  EXPECT_NE(digest("'ab', 'c'"), digest("'a', 'bc'"));
  EXPECT_NE(digest("1"), digest("'1'"));
  EXPECT_NE(digest("null"), digest("''"));
}

TEST_F(StoreTest, WhatWaitsForNoDiskIsThereToo) {
  auto store = open();
  ASSERT_TRUE(store->commit({note("a")}, Durability::with_system).ok());
  ASSERT_TRUE(store->commit({note("b")}).ok());
  ASSERT_FALSE(store->commit({note("b")}, Durability::with_system).ok());
  EXPECT_EQ(2, count(*open()));
}

TEST_F(StoreTest, IsPrivate) {
  auto store = open();
  ASSERT_TRUE(store->commit({note("a")}).ok());
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat found {};
    ASSERT_EQ(0, ::stat((path_ + suffix).c_str(), &found)) << suffix;
    EXPECT_EQ(0u, found.st_mode & 077) << suffix;
  }
}

TEST_F(StoreTest, ABatchIsDoneAsAWholeOrNotAtAll) {
  auto store = open();
  auto failed = store->commit({note("a"), note("b"), note("a")});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ("store/constraint", failed.error().type);
  EXPECT_EQ(0, count(*store));
  auto unexpected = store->commit({note("a"), {"update notes set text = 'x' where id = 99", {}, 1}});
  ASSERT_FALSE(unexpected.ok());
  EXPECT_EQ("store/changed-meanwhile", unexpected.error().type);
  EXPECT_EQ(0, count(*store));
  auto done = store->commit({note("a", 1), {"update notes set text = 'x'", {}}});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ((std::vector<std::int64_t>{1, 1}), done.value());
}

TEST_F(StoreTest, BatchesOfManyThreadsAreEachDoneOnceAndFailAlone) {
  auto store = open();
  constexpr int k_threads = 16, k_each = 20;
  std::atomic<int> refused = 0, done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < k_threads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < k_each; ++i) {
        done += store->commit({note(std::to_string(t) + "/" + std::to_string(i), 1)}).ok();
        // Somebody else's may be in the same transaction.
        refused += !store->commit({note("extra"), note("extra")}).ok();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(k_threads * k_each, done);
  EXPECT_EQ(k_threads * k_each, refused);
  EXPECT_EQ(k_threads * k_each, count(*store));
  EXPECT_TRUE(store->problems().value().empty());
}

TEST_F(StoreTest, WrongStatementsAreErrors) {
  auto store = open();
  for (const char* sql : {"select nothing", "select 1; select 2", "select ?", ""}) {
    auto rows = store->query(sql, {});
    ASSERT_FALSE(rows.ok()) << sql;
    EXPECT_EQ("store/failed", rows.error().type) << sql;
  }
  EXPECT_TRUE(store->query("select 1", {}).ok());
}

TEST_F(StoreTest, TheSchemaIsBroughtToTheLatestVersion) {
  ASSERT_TRUE(open()->commit({note("kept")}).ok());
  Migrations later = k_schema;
  later.push_back({"alter table notes add column more text", "update notes set more = text"});
  auto rows = open(later)->query("select more from notes", {});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ("kept", std::get<std::string>(rows.value().at(0).at(0)));
  auto refused = Store::open(path_, k_schema);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ("store/newer", refused.error().type);
  later.push_back({"create table third (a)", "this is no statement"});
  EXPECT_FALSE(Store::open(path_, later).ok());
  later.back().pop_back();
  EXPECT_TRUE(Store::open(path_, later).ok());
}

TEST_F(StoreTest, BackupsAreWholeAndReplaceNothing) {
  auto store = open();
  ASSERT_TRUE(store->commit({note("a")}).ok());
  const std::string copy = folder_.file("copy.db");
  ASSERT_TRUE(store->backup_to(copy).ok());
  ASSERT_TRUE(store->commit({note("b")}).ok());
  EXPECT_EQ(1, count(*Store::open(copy, k_schema).value()));
  EXPECT_EQ("store/exists", store->backup_to(copy).error().type);
}

TEST_F(StoreTest, AFileThatIsNoStoreIsRefused) {
  ASSERT_TRUE(base::make_folders(folder_.file("data")).ok());
  ASSERT_TRUE(base::write_file(path_, std::string(8192, 'x')).ok());
  auto opened = Store::open(path_, k_schema);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ("store/corrupt", opened.error().type);
}

TEST_F(StoreTest, ManyMayOpenANewOneAtOnce) {
  std::atomic<int> failed{0};
  std::vector<std::thread> opening;
  for (int i = 0; i < 8; ++i)
    opening.emplace_back([&] { failed += Store::open(path_, k_schema).ok() ? 0 : 1; });
  for (std::thread& thread : opening) thread.join();
  EXPECT_EQ(0, failed);
}

TEST(ControlSocket, CarriesLinesAndSaysWhoAsks) {
  auto folder = base::TempFolder::create("reops-control").value();
  const std::string path = folder.file("control.sock");
  EXPECT_EQ(nullptr, LineChannel::connect(path).value());
  auto socket = ControlSocket::listen(path).value();
  struct stat found {};
  ASSERT_EQ(0, ::stat(path.c_str(), &found));
  EXPECT_EQ(0u, found.st_mode & 077);
  Peer asker;
  std::thread answering([&] {
    auto accepted = socket->accept();
    if (!accepted.ok() || !accepted.value()) return;
    LineChannel& channel = *accepted.value();
    asker = channel.peer().value();
    while (auto line = channel.read().value()) {
      if (!channel.write(*line + "!").ok()) return;
    }
  });
  auto channel = LineChannel::connect(path).value();
  ASSERT_NE(nullptr, channel);
  // Larger than the system holds between the two.
  for (const std::string& line : {std::string("one"), std::string(), std::string(1 << 20, 'x')}) {
    ASSERT_TRUE(channel->write(line).ok());
    EXPECT_EQ(line + "!", channel->read().value());
  }
  channel->close();
  answering.join();
  EXPECT_EQ(::getpid(), asker.pid);
  EXPECT_EQ(::getuid(), asker.uid);
  std::thread closing([&] { socket->close(); });
  EXPECT_EQ(nullptr, socket->accept().value());
  closing.join();
  EXPECT_FALSE(base::file_exists(path));
}

}  // namespace
}  // namespace reops::store
