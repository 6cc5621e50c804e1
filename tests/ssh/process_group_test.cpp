// What runs around a command must not be felt by it, and ends it when it is told to; in every shell that
// hosts have.

#include "ssh/process_group.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "base/files.hpp"
#include "base/process.hpp"
#include "ssh/output_tail.hpp"

namespace reops::ssh {
namespace {

base::ProcessResult run(std::vector<std::string> argv, const std::string& input = "") {
  base::ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.input = input;
  spec.deadline = base::Deadline::in(base::Millis(60'000));
  auto result = base::run_process(spec);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result ? std::move(result).value() : base::ProcessResult{};
}

/// Each with a folder in which `sh` is that shell.
struct Shell {
  std::vector<std::string> argv;
  std::string sh;
};

const std::vector<Shell>& shells() {
  static const std::vector<Shell> all = {
      {{"dash"}, "/usr/bin/dash"}, {{"bash"}, "/usr/bin/bash"}, {{"busybox", "sh"}, "/usr/bin/busybox"}};
  return all;
}

class ProcessGroupTest : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = base::TempFolder::create("reops-shell-").value(); }
  /// Runs `text` as that shell would for sshd, `sh` being that shell as well.
  base::ProcessResult in_shell(const Shell& shell, const std::string& text, const std::string& input = "") {
    const std::string link = folder_->file("sh");
    ::unlink(link.c_str());
    EXPECT_EQ(0, ::symlink(shell.sh.c_str(), link.c_str()));
    std::vector<std::string> argv = {"env", "PATH=" + folder_->path() + ":/usr/bin:/bin"};
    argv.insert(argv.end(), shell.argv.begin(), shell.argv.end());
    argv.insert(argv.end(), {"-c", text});
    return run(std::move(argv), input);
  }
  static bool lives(long pid) {
    // Up to the end: a name may have lines.
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    const std::size_t end = stat.rfind(')');
    return end != std::string::npos && stat[end + 2] != 'Z' && stat[end + 2] != 'X';
  }

  /// A shell that starts two others, says the numbers of all three, and waits.
  static std::string beginning(const std::string& manner, const std::string& report) {
    return manner + "sleep 1000 & a=$!; sleep 1000 & echo $$ $a $! >" + report + ".new; mv " + report +
           ".new " + report + "; wait";
  }
  /// The numbers in a file, once it is there.
  static std::vector<long> told_in(const std::string& path) {
    const base::Deadline deadline = base::Deadline::in(base::Millis(30'000));
    while (!base::file_exists(path) && !deadline.expired()) std::this_thread::yield();
    std::vector<long> numbers;
    std::ifstream file(path);
    for (long number = 0; file >> number;) numbers.push_back(number);
    return numbers;
  }

  std::optional<base::TempFolder> folder_;
};

TEST_F(ProcessGroupTest, ACommandThatIsTrackedBehavesAsItDoesAlone) {
  const std::vector<std::string> commands = {
      "echo out; echo err >&2",
      "cat",
      "exit 3",
      "kill -TERM $$",
      "kill -KILL $$; echo never",
      "false",
      "no-such-command 2>/dev/null",
      "cat <<E\none\ntwo\nE\n",
      "# a comment\necho after",
      "",
      "printf 'a\\000b' ; printf 'reops-12:34;' >&2",
      "read -r first; echo \"$first\"; cat >&2; exit 9",
      "f() { return 7; }; f",
      "set -e; false; echo never",
      "exec sh -c 'exit 5'",
      "(sleep 0.01; exit 4) & wait $!",
  };
  for (const Shell& shell : shells())
    for (const std::string& command : commands) {
      SCOPED_TRACE(shell.argv.back() + ": " + command);
      const GroupMark mark;
      const base::ProcessResult alone = in_shell(shell, command, "line 1\nline 2\n");
      const base::ProcessResult marked = in_shell(shell, mark.marked(command), "line 1\nline 2\n");
      EXPECT_EQ(alone.out, marked.out);
      std::string err = marked.err;
      const std::optional<long> group = mark.take_from(err);
      ASSERT_TRUE(group.has_value());
      EXPECT_GT(*group, 1);
      EXPECT_EQ(alone.err, err);
      EXPECT_EQ(alone.code, marked.code);
    }
}

TEST_F(ProcessGroupTest, AMarkIsTakenOutWhereverItStands) {
  const GroupMark mark;
  const std::string whole = mark.marked("true");
  const std::string name = whole.substr(whole.find("reops-"), whole.find('%') - whole.find("reops-"));
  std::string text = "noise\n" + name + "4711;rest";
  EXPECT_EQ(4711, mark.take_from(text));
  EXPECT_EQ("noise\nrest", text);
  text = "noise" + name + "47";
  EXPECT_EQ(std::nullopt, mark.take_from(text));
  EXPECT_EQ("noise" + name + "47", text);
  // Everybody's processes are nobody's to end.
  for (const char* number : {"1", "0", "-5", "x", ""}) {
    text = name + number + ";";
    EXPECT_EQ(std::nullopt, mark.take_from(text)) << number;
  }
  text = "reops-1:2;";
  EXPECT_EQ(std::nullopt, GroupMark().take_from(text));
}

TEST_F(ProcessGroupTest, AGroupIsEndedWholeAndOthersAreNot) {
  for (const Shell& shell : shells()) {
    SCOPED_TRACE(shell.argv.back());
    // The first goes when asked; the second needs more.
    for (const std::string& manner : {std::string(""), std::string("trap '' TERM; ")}) {
      const std::string report = folder_->file("pids");
      ::unlink(report.c_str());
      run({"setsid", "-f", "sh", "-c", beginning(manner, report)});
      const std::vector<long> pids = told_in(report);
      ASSERT_TRUE(lives(pids[0]) && lives(pids[1]) && lives(pids[2]));
      EXPECT_EQ(k_group_is_gone, in_shell(shell, kill_script(pids[0])).code);
      for (const long pid : pids) EXPECT_FALSE(lives(pid)) << pid;
      // Gone already.
      EXPECT_EQ(k_group_is_gone, in_shell(shell, kill_script(pids[0])).code);
    }
  }
}

// As dropbear starts them.
TEST_F(ProcessGroupTest, AShellThatLeadsNoGroupIsEndedWithAllThatItStarted) {
  for (const Shell& shell : shells()) {
    SCOPED_TRACE(shell.argv.back());
    for (const std::string& manner : {std::string(""), std::string("trap '' TERM; ")}) {
      const std::string report = folder_->file("pids");
      const std::string script = folder_->file("script");
      const std::string neighbour = folder_->file("neighbour");
      ::unlink(report.c_str());
      ::unlink(neighbour.c_str());
      ASSERT_TRUE(base::write_file(script, beginning(manner, report)).ok());
      run({"setsid", "-f", "sh", "-c",
           "sleep 1000 & echo $! >" + neighbour + ".new; mv " + neighbour + ".new " + neighbour + "; sh " +
               script + " & wait"});
      const std::vector<long> pids = told_in(report);
      const std::vector<long> others = told_in(neighbour);
      ASSERT_TRUE(lives(pids[0]) && lives(pids[1]) && lives(pids[2]) && lives(others[0]));
      EXPECT_EQ(k_group_is_gone, in_shell(shell, kill_script(pids[0])).code);
      for (const long pid : pids) EXPECT_FALSE(lives(pid)) << pid;
      EXPECT_TRUE(lives(others[0]));
      run({"kill", "-KILL", std::to_string(others[0])});
    }
  }
}

TEST_F(ProcessGroupTest, AProcessIsFoundWhateverItsName) {
  // What the kernel says of a process begins with its name, in brackets.
  const std::string name = folder_->file("a) Z 1\n2");
  const std::string report = folder_->file("pids");
  run({"cp", "/bin/sleep", name});
  for (const Shell& shell : shells()) {
    SCOPED_TRACE(shell.argv.back());
    ::unlink(report.c_str());
    // The only one of its group, which does not go when asked.
    run({"setsid", "-f", "sh", "-c",
         "trap '' TERM; \"$0\" 1000 & echo $$ $! >" + report + ".new; mv " + report + ".new " + report,
         name});
    const base::Deadline deadline = base::Deadline::in(base::Millis(30'000));
    while (!base::file_exists(report) && !deadline.expired()) std::this_thread::yield();
    long group = 0;
    long pid = 0;
    std::ifstream(report) >> group >> pid;
    while (lives(group) && !deadline.expired()) std::this_thread::yield();
    ASSERT_TRUE(!lives(group) && lives(pid));
    EXPECT_EQ(k_group_is_gone, in_shell(shell, kill_script(group)).code);
    EXPECT_FALSE(lives(pid));
  }
}

TEST(OutputTail, KeepsTheEndWhateverThePieces) {
  std::string all;
  for (int i = 0; i < 1000; ++i) all += std::to_string(i) + ",";
  for (const std::size_t limit :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{100}, all.size(), all.size() + 1})
    for (const std::size_t piece : {1, 3, 64, 99, 100, 101, 10'000}) {
      OutputTail tail(limit);
      for (std::size_t at = 0; at < all.size(); at += piece)
        tail.append(std::string_view(all).substr(at, piece));
      const std::size_t kept = std::min(limit, all.size());
      EXPECT_EQ(all.size() - kept, tail.dropped()) << limit << " " << piece;
      EXPECT_EQ(all.substr(all.size() - kept), tail.take()) << limit << " " << piece;
      EXPECT_EQ("", tail.take());
    }
}

}  // namespace
}  // namespace reops::ssh
