// Retired values: released when no stack holds them, and only then.

#include "lang/vm/handshake.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "lang/value/cell.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/publish.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"
#include "lang/vm/registry.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

using namespace std::chrono_literals;

Deadline in(std::chrono::milliseconds t) { return std::chrono::steady_clock::now() + t; }

/// Counts the live instances, so that a test sees when the runtime lets go.
struct Counted : Resource {
  explicit Counted(std::atomic<int>& live) : live_(live) { ++live_; }
  ~Counted() override { --live_; }
  std::string describe() const override { return "Counted"; }
  std::atomic<int>& live_;
};

Ref counted(std::atomic<int>& live) {
  Ref v = make_handle(new Counted(live));
  publish(v);
  return v;
}

TEST(Handshake, ReleasesWhatNobodyHolds) {
  ThreadScope scope;
  std::atomic<int> live{0};
  retire(counted(live));
  EXPECT_EQ(live, 1) << "never at once: the caller may still look at it";
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(live, 0);
}

TEST(Handshake, SparesWhatAStackHolds) {
  ThreadScope scope;
  Thread& t = this_thread();
  std::atomic<int> live{0};
  Ref value = counted(live);
  *t.top++ = value.get();
  retire(std::move(value));
  EXPECT_EQ(drain_retired(), 1u);
  EXPECT_EQ(live, 1);
  *--t.top = Value::nil();
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(live, 0);
}

TEST(Handshake, SparesWhatAFrameRuns) {
  ThreadScope scope;
  Thread& t = this_thread();
  std::atomic<int> live{0};
  Ref value = counted(live);
  *++t.frame = Frame{};
  t.frame->fn = reinterpret_cast<Function*>(value.object());
  retire(std::move(value));
  EXPECT_EQ(drain_retired(), 1u);
  EXPECT_EQ(live, 1);
  --t.frame;
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(live, 0);
}

TEST(Handshake, SparesWhatWasBorrowedFromWithinARetiredValue) {
  ThreadScope scope;
  Thread& t = this_thread();
  std::atomic<int> held{0}, free{0};
  Ref inner = counted(held);
  Value borrowed = inner.get();
  Ref table = make_box(std::move(inner));
  publish(table);
  *t.top++ = borrowed;
  retire(std::move(table));
  retire(make_box(counted(free)));
  EXPECT_EQ(drain_retired(), 1u);
  EXPECT_EQ(held, 1) << "the table goes, the function that still runs stays";
  EXPECT_EQ(free, 0);
  *--t.top = Value::nil();
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(held, 0);
}

TEST(Handshake, LeavesWhatSomebodyOwns) {
  ThreadScope scope;
  std::atomic<int> live{0};
  Ref value = counted(live);
  retire(Ref(value));
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(live, 1);
  value = Ref();
  EXPECT_EQ(live, 0);
}

TEST(Handshake, TakesNoNoticeOfEmptySlotsAndImmediates) {
  ThreadScope scope;
  Thread& t = this_thread();
  t.top += 3;  // never written
  std::atomic<int> live{0};
  retire(counted(live));
  retire(Ref::adopt(Value::fixnum(7)));
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(live, 0);
  t.top -= 3;
}

TEST(Handshake, ScansThreadsThatAreBlocked) {
  ThreadScope scope;
  std::atomic<int> live{0};
  Ref value = counted(live);
  Value borrowed = value.get();
  std::atomic<bool> inside{false}, go{false};
  std::thread other([&] {
    ThreadScope other_scope;
    Thread& t = this_thread();
    *t.top++ = borrowed;
    inside = true;
    park(
        &go, [&] { return go.load(); }, in(20s));
    *--t.top = Value::nil();
  });
  while (!inside) std::this_thread::yield();
  retire(std::move(value));
  EXPECT_EQ(drain_retired(), 1u) << "the parked thread's stack holds it";
  EXPECT_EQ(live, 1);
  go = true;
  unpark(&go);
  other.join();
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(live, 0);
}

TEST(Handshake, WaitsForThreadsThatRunAndPoll) {
  ThreadScope scope;
  std::atomic<bool> stop{false};
  std::atomic<int> started{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      ThreadScope other;
      ++started;
      while (!stop) poll();
    });
  }
  while (started < 3) std::this_thread::yield();
  std::atomic<int> live{0};
  for (int i = 0; i < 500; ++i) retire(counted(live));
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(live, 0);
  stop = true;
  for (auto& t : threads) t.join();
}

TEST(Handshake, ReadersNeverSeeAFreedValue) {
  // What var roots do: a writer replaces and retires, readers borrow through their stacks and look inside.
  ThreadScope scope;
  std::atomic<int> live{0};
  std::atomic<Object*> root{counted(live).take().as_object()};
  std::atomic<bool> stop{false};
  std::atomic<long> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      ThreadScope reader;
      Thread& t = this_thread();
      while (!stop) {
        Value v = Value::object(root.load(std::memory_order_acquire));
        *t.top++ = v;
        for (int look = 0; look < 10; ++look) {
          if (!is<Handle>(v) || as<Handle>(v).resource->describe() != "Counted") ++wrong;
          poll();
        }
        *--t.top = Value::nil();
        poll();
      }
    });
  }
  for (int i = 0; i < 3000; ++i) {
    Object* old = root.exchange(counted(live).take().as_object());
    retire(Ref::adopt(old));
    poll();
  }
  stop = true;
  for (auto& t : readers) t.join();
  retire(Ref::adopt(root.load()));
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(drain_retired(), 0u);
  EXPECT_EQ(live, 0);
}

TEST(StopTheWorld, RunsAloneAndLetsTheOthersGoOn) {
  ThreadScope scope;
  std::atomic<bool> stop{false};
  std::atomic<long> steps{0};
  std::vector<std::thread> threads;
  std::atomic<int> started{0};
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      ThreadScope other;
      ++started;
      while (!stop) {
        ++steps;
        poll();
      }
    });
  }
  while (started < 2) std::this_thread::yield();
  for (int round = 0; round < 20; ++round) {
    long before = 0, after = 0;
    EXPECT_TRUE(with_world_stopped([&] {
      before = steps;
      std::this_thread::sleep_for(1ms);
      after = steps;
    }));
    EXPECT_EQ(before, after);
  }
  long then = steps;
  auto deadline = std::chrono::steady_clock::now() + 20s;
  while (steps == then && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_NE(steps, then);
  stop = true;
  for (auto& t : threads) t.join();
}

}  // namespace
}  // namespace reops::lang
