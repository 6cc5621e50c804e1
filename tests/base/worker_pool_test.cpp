#include "base/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "base/event_loop.hpp"

namespace reops::base {
namespace {

TEST(WorkerPool, RunsEverythingOnFewThreads) {
  WorkerPool pool(3);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(pool.post([&] {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
      ++done;
    }));
  ASSERT_TRUE(pool.wait_idle(Deadline::in(Millis(20000))));
  EXPECT_EQ(200, done.load());
  EXPECT_LE(threads.size(), 3u);
  EXPECT_EQ(0u, threads.count(std::this_thread::get_id()));
}

TEST(WorkerPool, AHangingTaskHoldsUpNeitherTheOthersNorTheEnd) {
  // Shared, because the task outlives the pool: that is what is tested.
  auto release = std::make_shared<std::promise<void>>();
  auto ended = std::make_shared<std::promise<void>>();
  auto others = std::make_shared<std::atomic<int>>(0);
  {
    WorkerPool pool(2);
    pool.post([gate = release->get_future().share(), ended] {
      gate.wait();
      ended->set_value();
    });
    for (int i = 0; i < 10; ++i) pool.post([others] { ++*others; });
    EXPECT_FALSE(pool.wait_idle(Deadline::in(Millis(100))));
    const Deadline deadline = Deadline::in(Millis(20000));
    while (others->load() < 10 && !deadline.expired()) std::this_thread::sleep_for(Millis(1));
    EXPECT_EQ(10, others->load());
  }
  release->set_value();
  EXPECT_EQ(std::future_status::ready, ended->get_future().wait_for(Millis(20000)));
}

TEST(WorkerPool, LateAnswersToALoopThatIsGoneAreDropped) {
  std::shared_ptr<Inbox> inbox;
  {
    auto loop = EventLoop::create();
    ASSERT_TRUE(loop.ok());
    inbox = loop.value()->inbox();
    EXPECT_TRUE(inbox->post([] {}));
  }
  bool ran = false;
  EXPECT_FALSE(inbox->post([&] { ran = true; }));
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace reops::base
