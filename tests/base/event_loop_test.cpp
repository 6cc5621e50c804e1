#include "base/event_loop.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

namespace reops::base {
namespace {

class EventLoopTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = EventLoop::create();
    ASSERT_TRUE(made.ok()) << made.error().message;
    loop_ = std::move(made).value();
    // A test that would wait for ever ends here instead, and fails by its own expectations.
    loop_->at(Deadline::in(Millis(20000)), [this] {
      timed_out_ = true;
      loop_->stop();
    });
    int ends[2];
    ASSERT_EQ(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
    left_.reset(ends[0]);
    right_.reset(ends[1]);
  }
  void run() {
    ASSERT_TRUE(loop_->run().ok());
    ASSERT_FALSE(timed_out_);
  }

  std::unique_ptr<EventLoop> loop_;
  UniqueFd left_;
  UniqueFd right_;
  bool timed_out_ = false;
};

TEST_F(EventLoopTest, CallsBackWhenADescriptorIsReadable) {
  std::string got;
  auto watch = loop_->watch(left_.get(), EPOLLIN, [&](std::uint32_t events) {
    EXPECT_TRUE(events & EPOLLIN);
    char text[16];
    const ssize_t size = ::read(left_.get(), text, sizeof text);
    ASSERT_GT(size, 0);
    got.assign(text, static_cast<std::size_t>(size));
    loop_->stop();
  });
  ASSERT_TRUE(watch.ok());
  ASSERT_EQ(5, ::write(right_.get(), "hello", 5));
  run();
  EXPECT_EQ("hello", got);
}

TEST_F(EventLoopTest, RearmChangesWhatIsWaitedFor) {
  int writable = 0;
  auto watch = loop_->watch(left_.get(), EPOLLIN, [&](std::uint32_t events) {
    if (events & EPOLLOUT) ++writable;
    loop_->stop();
  });
  ASSERT_TRUE(watch.ok());
  loop_->rearm(watch.value(), EPOLLOUT);
  run();
  EXPECT_EQ(1, writable);
}

TEST_F(EventLoopTest, AnUnwatchedDescriptorIsNotReportedEvenIfItsEventWasFetched) {
  // Both ends are ready in the same turn; whichever comes first removes the other.
  std::array<EventLoop::WatchId, 2> ids{};
  std::array<int, 2> calls{};
  for (std::size_t i = 0; i < 2; ++i)
    ids[i] = loop_
                 ->watch(i == 0 ? left_.get() : right_.get(), EPOLLOUT,
                         [&, i](std::uint32_t) {
                           ++calls[i];
                           loop_->unwatch(ids[1 - i]);
                           loop_->stop();
                         })
                 .value();
  run();
  EXPECT_EQ(0, std::min(calls[0], calls[1]));
  EXPECT_GE(std::max(calls[0], calls[1]), 1);
}

TEST_F(EventLoopTest, AnIdIsNeverGivenTwice) {
  const EventLoop::WatchId first = loop_->watch(left_.get(), EPOLLIN, [](std::uint32_t) {}).value();
  loop_->unwatch(first);
  const EventLoop::WatchId second = loop_->watch(right_.get(), EPOLLIN, [](std::uint32_t) {}).value();
  EXPECT_NE(first, second);
  loop_->unwatch(first);  // must not hit the second
  int calls = 0;
  loop_->unwatch(second);
  ASSERT_TRUE(loop_
                  ->watch(right_.get(), EPOLLIN,
                          [&](std::uint32_t) {
                            ++calls;
                            loop_->stop();
                          })
                  .ok());
  loop_->unwatch(second);  // gone too
  ASSERT_EQ(1, ::write(left_.get(), "x", 1));
  run();
  EXPECT_GE(calls, 1);
}

TEST_F(EventLoopTest, ACallbackMayRemoveItself) {
  int calls = 0;
  EventLoop::WatchId id = 0;
  auto big = std::make_shared<std::string>(1000, 'x');
  id = loop_
           ->watch(left_.get(), EPOLLOUT,
                   [&, big](std::uint32_t) {
                     ++calls;
                     loop_->unwatch(id);
                     EXPECT_EQ(1000u, big->size());  // its captures live until it returns
                     loop_->at(Deadline::in(Millis(30)), [&] { loop_->stop(); });
                   })
           .value();
  run();
  EXPECT_EQ(1, calls);
  EXPECT_EQ(1, big.use_count());
}

TEST_F(EventLoopTest, TimersFireInOrderOfTimeAndCancelledOnesDoNot) {
  std::string order;
  const auto now = Steady::now();
  loop_->at(Deadline::at(now + Millis(30)), [&] { order += 'c'; });
  loop_->at(Deadline::at(now + Millis(10)), [&] { order += 'a'; });
  const auto dropped = loop_->at(Deadline::at(now + Millis(15)), [&] { order += 'x'; });
  loop_->at(Deadline::at(now + Millis(20)), [&] { order += 'b'; });
  loop_->at(Deadline::at(now + Millis(40)), [&] { loop_->stop(); });
  loop_->cancel(dropped);
  run();
  EXPECT_EQ("abc", order);
}

TEST_F(EventLoopTest, ATimerMayCancelAnotherThatIsDue) {
  EventLoop::TimerId second = 0;
  bool fired = false;
  const auto past = Steady::now() - Millis(5);
  loop_->at(Deadline::at(past), [&] { loop_->cancel(second); });
  second = loop_->at(Deadline::at(past + Millis(1)), [&] { fired = true; });
  loop_->at(Deadline::in(Millis(20)), [&] { loop_->stop(); });
  run();
  EXPECT_FALSE(fired);
}

TEST_F(EventLoopTest, OtherThreadsWakeItAndTheirTasksRunHereInOrder) {
  std::vector<int> seen;
  std::thread::id ran_on;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i)
      loop_->post([&, i] {
        seen.push_back(i);
        ran_on = std::this_thread::get_id();
      });
    loop_->stop();
  });
  run();
  other.join();
  ASSERT_EQ(1000u, seen.size());
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(i, seen[static_cast<std::size_t>(i)]);
  EXPECT_EQ(std::this_thread::get_id(), ran_on);
}

TEST_F(EventLoopTest, AStopBeforeRunIsNotLost) {
  loop_->stop();
  run();
}

TEST_F(EventLoopTest, WatchingNonsenseIsAnError) {
  auto watch = loop_->watch(-1, EPOLLIN, [](std::uint32_t) {});
  ASSERT_FALSE(watch.ok());
  EXPECT_EQ("loop/io", watch.error().type);
  loop_->unwatch(0);
  loop_->unwatch(12345);
  loop_->cancel(12345);
}

}  // namespace
}  // namespace reops::base
