// Interpreter threads: their stacks, the polls that others reach them through, and what Ctrl-C does.

#include "lang/vm/thread.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>
#include <vector>

#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/interrupt.hpp"
#include "lang/vm/parking.hpp"

namespace reops::lang {
namespace {

using namespace std::chrono_literals;

Deadline in(std::chrono::milliseconds t) { return std::chrono::steady_clock::now() + t; }

ErrorClass thrown_class(const Thrown& t) { return as<Error>(t.error()).error_class; }

/// How many pages of [from, to) are in memory.
size_t resident_pages(void* from, void* to) {
  auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  auto begin = reinterpret_cast<uintptr_t>(from) & ~(page - 1);
  auto end = reinterpret_cast<uintptr_t>(to) & ~(page - 1);
  std::vector<unsigned char> in_memory((end - begin) / page);
  if (mincore(reinterpret_cast<void*>(begin), end - begin, in_memory.data()) != 0) return ~size_t{0};
  size_t n = 0;
  for (unsigned char c : in_memory) n += c & 1;
  return n;
}

TEST(Thread, HasRoomForDeepRecursionThatCostsNothingUntilUsed) {
  ThreadScope scope;
  Thread& t = this_thread();
  EXPECT_GE(t.stack_end - t.stack, 1 << 20);
  EXPECT_GE(t.frames_end - t.frames, 100'000);
  EXPECT_EQ(t.top, t.stack);
  EXPECT_EQ(t.frame, t.frames);
  EXPECT_LE(resident_pages(t.stack, t.stack_end), 4u);
}

TEST(Thread, GivesBackWhatADeepRecursionTouched) {
  ThreadScope scope;
  Thread& t = this_thread();
  for (Value* slot = t.stack; slot < t.stack + (4 << 20) / sizeof(Value); ++slot) *slot = Value::nil();
  size_t before = resident_pages(t.stack, t.stack_end);
  EXPECT_GE(before, 1000u);
  trim_stacks(t);
  EXPECT_LE(resident_pages(t.stack, t.stack_end), 80u);
  EXPECT_TRUE(t.stack->is_nil()) << "what lies near the top stays";
}

TEST(Thread, SmallerThreadsGetTheStackTheyWereConfiguredFor) {
  set_stack_bytes(size_t{256} << 20, size_t{2} << 20);
  ptrdiff_t slots = 0;
  std::thread([&] {
    ThreadScope scope;
    slots = this_thread().stack_end - this_thread().stack;
  }).join();
  set_stack_bytes(size_t{256} << 20, size_t{64} << 20);
  EXPECT_EQ(slots, (2 << 20) / 8);
}

TEST(Thread, NativeLimitLiesBelowTheCurrentStackFrame) {
  std::thread([] {
    ThreadScope scope;
    auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    EXPECT_LT(this_thread().native_limit, here);
    EXPECT_GT(this_thread().native_limit, here - (size_t{64} << 20));
    EXPECT_NO_THROW(check_stack());
  }).join();
}

// Endless in practice; the compiler may not know.
volatile bool g_go_on = true;

int descend(int depth) {
  check_stack();
  volatile char room[256];
  room[0] = static_cast<char>(depth);
  return g_go_on ? descend(depth + 1) + room[0] : 0;
}

TEST(Thread, EndlessNativeRecursionEndsInAnError) {
  std::thread([] {
    ThreadScope scope;
    try {
      descend(0);
      FAIL() << "the recursion came back";
    } catch (const Thrown& t) {
      EXPECT_EQ(thrown_class(t), ErrorClass::stack_overflow);
    }
  }).join();
}

TEST(Thread, PollRaisesAnInterruptOnce) {
  ThreadScope scope;
  EXPECT_NO_THROW(poll());
  interrupt_thread(this_thread());
  try {
    poll();
    FAIL() << "poll passed by";
  } catch (const Thrown& t) {
    EXPECT_EQ(thrown_class(t), ErrorClass::interrupted);
    EXPECT_EQ(text_of(as<Error>(t.error()).message), "Interrupted");
  }
  EXPECT_NO_THROW(poll());
}

TEST(Thread, AForgottenInterruptIsNotRaised) {
  ThreadScope scope;
  interrupt_thread(this_thread());
  EXPECT_TRUE(clear_interrupt(this_thread()));
  EXPECT_FALSE(clear_interrupt(this_thread()));
  EXPECT_NO_THROW(poll());
}

TEST(Thread, PollRaisesExhaustedMemory) {
  ThreadScope scope;
  this_thread().requests.fetch_or(Thread::memory);
  try {
    poll();
    FAIL() << "poll passed by";
  } catch (const Thrown& t) {
    EXPECT_EQ(thrown_class(t), ErrorClass::out_of_memory);
  }
  EXPECT_NO_THROW(poll());
}

TEST(Thread, PollOutsideTheLanguageIsHarmless) { EXPECT_NO_THROW(poll()); }

TEST(Interrupt, CtrlCEndsAWaitAndTheSecondOneTheNext) {
  ThreadScope scope;
  install_interrupt_handler();
  for (int round = 0; round < 2; ++round) {
    std::thread([] {
      std::this_thread::sleep_for(20ms);
      kill(getpid(), SIGINT);
    }).detach();
    int key;
    EXPECT_THROW(park(
                     &key, [] { return false; }, in(20s)),
                 Thrown)
        << "round " << round;
  }
  remove_interrupt_handler();
}

TEST(Interrupt, CtrlCEndsALoopThatPolls) {
  ThreadScope scope;
  install_interrupt_handler();
  raise(SIGINT);
  auto deadline = std::chrono::steady_clock::now() + 20s;
  EXPECT_THROW(while (std::chrono::steady_clock::now() < deadline) poll(), Thrown);
  remove_interrupt_handler();
}

}  // namespace
}  // namespace reops::lang
