#include "base/process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "base/cancel.hpp"
#include "base/files.hpp"

namespace reops::base {
namespace {

ProcessSpec command(std::vector<std::string> argv) {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.deadline = Deadline::in(Millis(30000));
  return spec;
}

ProcessResult run(const ProcessSpec& spec) {
  auto result = run_process(spec);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result.ok() ? std::move(result).value() : ProcessResult{};
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

bool alive(int pid) { return ::kill(pid, 0) == 0; }

TEST(Process, OutputsAndCodeComeApart) {
  const ProcessResult result = run(command({"sh", "-c", "printf out; printf err >&2; exit 3"}));
  EXPECT_EQ(ProcessResult::End::exited, result.end);
  EXPECT_EQ(3, result.code);
  EXPECT_EQ("out", result.out);
  EXPECT_EQ("err", result.err);
}

TEST(Process, ArgumentsAreNotSeenByAShell) {
  EXPECT_EQ("$HOME * ' ;|a b|", run(command({"printf", "%s|", "$HOME * ' ;", "a b"})).out);
}

TEST(Process, InputIsGivenWhole) {
  ProcessSpec spec = command({"cat"});
  spec.input.assign(3'000'000, 'q');
  spec.input[1234567] = '\0';
  EXPECT_EQ(spec.input, run(spec).out);
}

TEST(Process, AProgramThatIgnoresItsInputIsFine) {
  ProcessSpec spec = command({"true"});
  spec.input.assign(3'000'000, 'q');
  EXPECT_EQ(0, run(spec).code);
}

TEST(Process, WithoutInputItsInputIsAtItsEnd) { EXPECT_EQ("", run(command({"cat"})).out); }

TEST(Process, ASignalIs128PlusN) {
  const ProcessResult result = run(command({"sh", "-c", "kill -KILL $$"}));
  EXPECT_EQ(ProcessResult::End::signalled, result.end);
  EXPECT_EQ(137, result.code);
}

TEST(Process, OutputBeyondTheLimitIsCountedNotKept) {
  ProcessSpec spec = command({"sh", "-c", "head -c 1000000 /dev/zero; printf e >&2"});
  spec.output_limit = 1000;
  const ProcessResult result = run(spec);
  EXPECT_EQ(0, result.code);
  EXPECT_EQ(1000u, result.out.size());
  EXPECT_EQ(999000u, result.out_dropped);
  EXPECT_EQ("e", result.err);
}

TEST(Process, EnvironmentAndFolderAreAsAsked) {
  ProcessSpec spec = command({"/bin/sh", "-c", "echo $A-$HOME; pwd"});
  spec.environment = std::map<std::string, std::string>{{"A", "b c"}};
  spec.folder = "/usr";
  EXPECT_EQ("b c-\n/usr\n", run(spec).out);
}

TEST(Process, AMissingProgramIsAnErrorThatNamesIt) {
  auto result = run_process(command({"no-such-program-here"}));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ("process/not-found", result.error().type);
  EXPECT_NE(std::string::npos, result.error().message.find("no-such-program-here"));
  EXPECT_EQ("process/empty", run_process(command({})).error().type);
}

TEST(Process, TheDeadlineEndsTheWholeGroup) {
  ProcessSpec spec = command({"sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000"});
  spec.deadline = Deadline::in(Millis(300));
  const ProcessResult result = run(spec);
  EXPECT_EQ(ProcessResult::End::timed_out, result.end);
  const int grandchild = std::stoi(result.out);
  // The kernel takes a moment between the signal and the end; who adopts it, a moment more to reap it.
  for (int i = 0; i < 1000 && alive(grandchild); ++i) {
    auto status = read_file("/proc/" + std::to_string(grandchild) + "/stat");
    if (status.ok() && status.value().find(") Z") != std::string::npos) return;
    std::this_thread::sleep_for(Millis(10));
  }
  EXPECT_FALSE(alive(grandchild));
}

TEST(Process, CancelEndsIt) {
  Cancel cancel;
  ProcessSpec spec = command({"sleep", "1000"});
  spec.cancel_fd = cancel.fd();
  std::thread other([&] { cancel.cancel(); });
  const ProcessResult result = run(spec);
  other.join();
  EXPECT_TRUE(cancel.cancelled());
  EXPECT_EQ(ProcessResult::End::cancelled, result.end);
  EXPECT_EQ(128 + SIGTERM, result.code);
}

TEST(Process, BackgroundChildrenDoNotHoldUpTheResult) {
  const ProcessResult result = run(command({"sh", "-c", "sleep 1000 & echo $!; exit 0"}));
  EXPECT_EQ(ProcessResult::End::exited, result.end);
  const int background = std::stoi(result.out);
  EXPECT_TRUE(alive(background));
  ::kill(background, SIGKILL);
}

TEST(Process, ChildrenInheritNoDescriptor) {
  const int leaky = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC on purpose
  const ProcessResult result = run(command({"sh", "-c", "ls /proc/self/fd | wc -l"}));
  ::close(leaky);
  EXPECT_EQ(4, std::stoi(result.out));  // 0, 1, 2 and the folder that ls reads
}

TEST(Process, NothingIsLeftOpen) {
  run(command({"true"}));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) run(command({"true"}));
  auto missing = run_process(command({"no-such-program-here"}));
  EXPECT_FALSE(missing.ok());
  EXPECT_EQ(before, open_descriptors());
}

}  // namespace
}  // namespace reops::base
