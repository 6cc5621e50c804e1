// Locks that the system takes from whoever dies.

#include "base/owner_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>

#include "base/files.hpp"

namespace reops::base {
namespace {

TEST(OwnerLock, IsOneProcessesAndEndsWithIt) {
  auto folder = TempFolder::create("reops-lock").value();
  const std::string path = folder.file("lock");
  int ready[2];
  ASSERT_EQ(0, ::pipe(ready));
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = OwnerLock::try_lock(path);
    const char said = lock.ok() && lock.value() ? 'y' : 'n';
    if (::write(ready[1], &said, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char said = 0;
  ASSERT_EQ(1, ::read(ready[0], &said, 1));
  EXPECT_EQ('y', said);
  EXPECT_EQ(nullptr, OwnerLock::try_lock(path).value());
  EXPECT_EQ(child, OwnerLock::owner(path));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(std::nullopt, OwnerLock::owner(path));
  auto lock = OwnerLock::try_lock(path);
  EXPECT_NE(nullptr, lock.value());
  EXPECT_EQ(::getpid(), OwnerLock::owner(path));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(OwnerLock, WhoeverLooksKeepsNobodyFromIt) {
  auto folder = TempFolder::create("reops-lock").value();
  const std::string path = folder.file("lock");
  std::atomic<bool> over{false};
  std::thread looking([&] {
    while (!over) static_cast<void>(OwnerLock::owner(path));
  });
  int had = 0;
  for (int i = 0; i < 1000; ++i) had += OwnerLock::try_lock(path).value() != nullptr;
  over = true;
  looking.join();
  EXPECT_EQ(1000, had);
}

TEST(OwnerLock, GoesOnInAProcessThatWasForked) {
  auto folder = TempFolder::create("reops-lock").value();
  const std::string path = folder.file("lock");
  auto lock = OwnerLock::try_lock(path).value();
  int told[2];
  ASSERT_EQ(0, ::pipe(told));
  const pid_t child = ::fork();
  if (child == 0) {
    const char said = lock->write_down().ok() ? 'y' : 'n';
    if (::write(told[1], &said, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char said = 0;
  ASSERT_EQ(1, ::read(told[0], &said, 1));
  EXPECT_EQ('y', said);
  lock.reset();
  EXPECT_EQ(nullptr, OwnerLock::try_lock(path).value());
  EXPECT_EQ(child, OwnerLock::owner(path));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_NE(nullptr, OwnerLock::try_lock(path).value());
  ::close(told[0]);
  ::close(told[1]);
}

}  // namespace
}  // namespace reops::base
