// Waiting: what wakes a parked thread, and what does not get lost.

#include "lang/vm/parking.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "lang/value/error.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

using namespace std::chrono_literals;

Deadline in(std::chrono::milliseconds t) { return std::chrono::steady_clock::now() + t; }

TEST(Parking, WhatIsReadyDoesNotWait) {
  ThreadScope scope;
  int key;
  EXPECT_TRUE(park(&key, [] { return true; }));
}

TEST(Parking, ADeadlineEndsTheWait) {
  ThreadScope scope;
  int key;
  EXPECT_FALSE(park(
      &key, [] { return false; }, in(10ms)));
  EXPECT_FALSE(park(
      &key, [] { return false; }, in(-10ms)))
      << "one that has passed already";
}

TEST(Parking, WakesWhenTheConditionComesTrue) {
  ThreadScope scope;
  std::atomic<bool> ready{false};
  std::thread other([&] {
    std::this_thread::sleep_for(10ms);
    ready = true;
    unpark(&ready);
  });
  EXPECT_TRUE(park(
      &ready, [&] { return ready.load(); }, in(20s)));
  other.join();
}

TEST(Parking, NoWakeUpIsLostBetweenManyThreads) {
  // A baton goes round among threads that each park for their turn.
  constexpr int k_threads = 4, k_rounds = 500;
  std::atomic<int> turn{0};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < k_threads; ++i) {
    threads.emplace_back([&, i] {
      ThreadScope scope;
      for (int round = 0; round < k_rounds; ++round) {
        if (!park(
                &turn, [&] { return turn.load() % k_threads == i; }, in(20s)))
          ++failures;
        ++turn;
        unpark(&turn);
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(turn, k_threads * k_rounds);
}

TEST(Parking, AnInterruptEndsTheWaitOfAnotherThread) {
  std::atomic<Thread*> parked{nullptr};
  std::atomic<bool> threw{false}, may_end{false};
  std::thread other([&] {
    ThreadScope scope;
    parked = &this_thread();
    try {
      park(
          &parked, [] { return false; }, in(20s));
    } catch (const Thrown& t) {
      threw = as<Error>(t.error()).error_class == ErrorClass::interrupted;
    }
    park(
        &may_end, [&] { return may_end.load(); }, in(20s));
  });
  while (!parked) std::this_thread::yield();
  interrupt_thread(*parked);
  may_end = true;
  unpark(&may_end);
  other.join();
  EXPECT_TRUE(threw);
}

TEST(Parking, AnInterruptThatCameBeforeTheWaitEndsIt) {
  ThreadScope scope;
  interrupt_thread(this_thread());
  int key;
  EXPECT_THROW(park(
                   &key, [] { return false; }, in(20s)),
               Thrown);
}

TEST(Parking, WorksForThreadsThatAreNoInterpreterThreads) {
  std::atomic<bool> ready{false};
  bool result = false;
  std::thread other([&] {
    result = park(
        &ready, [&] { return ready.load(); }, in(20s));
  });
  ready = true;
  unpark(&ready);
  other.join();
  EXPECT_TRUE(result);
}

TEST(BlockingRegion, IsWokenByAnInterrupt) {
  ThreadScope scope;
  std::atomic<bool> woken{false};
  Thread& self = this_thread();
  {
    BlockingRegion region([&] { woken = true; });
    std::thread([&] { interrupt_thread(self); }).join();
    EXPECT_TRUE(woken);
  }
  EXPECT_THROW(poll(), Thrown);
}

TEST(BlockingRegion, IsWokenAtOnceByAnInterruptFromBefore) {
  ThreadScope scope;
  interrupt_thread(this_thread());
  std::atomic<bool> woken{false};
  {
    BlockingRegion region([&] { woken = true; });
  }
  EXPECT_TRUE(woken);
  EXPECT_TRUE(clear_interrupt(this_thread()));
}

TEST(BlockingRegion, AnInnerOneGivesTheOuterItsWakeBack) {
  ThreadScope scope;
  int outer = 0, inner = 0;
  {
    BlockingRegion first([&] { ++outer; });
    {
      BlockingRegion second([&] { ++inner; });
    }
    interrupt_thread(this_thread());
  }
  EXPECT_EQ(outer, 1);
  EXPECT_EQ(inner, 0);
  clear_interrupt(this_thread());
}

}  // namespace
}  // namespace reops::lang
