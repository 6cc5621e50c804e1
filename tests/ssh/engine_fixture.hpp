#pragma once
// What the tests against real sshd hosts share.

#include <dirent.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/files.hpp"
#include "ssh/engine.hpp"
#include "support/private_sshd.hpp"

namespace reops::ssh {

/// HOME and the agent of whoever runs the tests have no part in them. After each test the engine ends, and
/// nothing of it may be left: no descriptor or thread here, no session on a host.
class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("HOME", "/nonexistent/reops-test", 1);
    ::unsetenv("SSH_AUTH_SOCK");
    ::unsetenv("REOPS_SSH_CONFIG");
    descriptors_before_ = open_descriptors();
    threads_before_ = threads();
  }
  void TearDown() override {
    engine_.reset();
    const base::Deadline deadline = base::Deadline::in(base::Millis(60'000));
    // Workers are told to end, not waited for: one may be asking a name server that does not answer.
    while (threads() > threads_before_ && !deadline.expired()) ::usleep(1'000);
    EXPECT_EQ(threads_before_, threads());
    // What a worker still held is closed only now.
    EXPECT_EQ(descriptors_before_, open_descriptors());
    if (sshd_ == nullptr) return;
    while (!sshd_->sessions().empty() && !deadline.expired()) ::usleep(10'000);
    EXPECT_EQ("", sshd_->sessions()) << "hosts still have sessions of a test that is over";
  }

  void start(std::vector<std::string> arguments) {
    sshd_ = std::make_unique<testing::PrivateSshd>(std::move(arguments));
    options_.config_files = {sshd_->config()};
  }

  static Request request(const std::string& host, const std::string& command) {
    Request made;
    made.target.name = host;
    made.command = command;
    made.deadlines = {base::Millis(20'000), base::Millis(30'000), base::Millis(30'000), base::Millis(60'000)};
    return made;
  }

  Engine& engine() {
    if (engine_ == nullptr) engine_ = Engine::create(engine_options_).value();
    return *engine_;
  }
  std::vector<Outcome> run(std::vector<Request> requests) {
    return engine().run(std::move(requests), options_);
  }
  Outcome run(const std::string& host, const std::string& command) {
    return run({request(host, command)}).at(0);
  }

  /// A command that ends only when the test is over. (Plain `sleep` would stay behind where sshd runs as
  /// root, because it delivers no signals then.)
  std::string wait_for_the_end() const { return "while [ -e " + sshd_->config() + " ]; do sleep 0.1; done"; }

  /// Puts a configuration of the test's own in place of the one that came with the hosts.
  void use_config(const std::string& text) {
    const std::string path = sshd_->file("own_config");
    ASSERT_TRUE(base::write_file(path, text, 0600).ok());
    options_.config_files = {path};
  }
  /// The Host block of one host, for use_config().
  std::string host_block(const std::string& name) {
    const auto& host = sshd_->host(name);
    return "Host " + name + "\n HostName " + host.address + "\n Port " + std::to_string(host.port) +
           "\n User " + sshd_->user() + "\n UserKnownHostsFile " + sshd_->known_hosts() +
           "\n GlobalKnownHostsFile none\n";
  }

  static std::size_t open_descriptors() { return entries_of("/proc/self/fd"); }
  static std::size_t threads() { return entries_of("/proc/self/task"); }

  static std::size_t entries_of(const char* path) {
    std::size_t count = 0;
    DIR* folder = ::opendir(path);
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    return count;
  }
  /// Without those of connections that wait. What a run has left to the loop goes in the turn after the one
  /// in which its caller learnt its outcomes, so the loop is asked twice.
  std::size_t descriptors_at_rest() {
    engine().close_idle_sessions();
    EXPECT_EQ(0u, engine().idle_sessions());
    return open_descriptors();
  }

  std::size_t descriptors_before_ = 0;
  std::size_t threads_before_ = 0;
  std::unique_ptr<testing::PrivateSshd> sshd_;
  EngineOptions engine_options_;  ///< of the engine that the first run() makes
  BatchOptions options_;
  std::unique_ptr<Engine> engine_;
};

/// Whether `text` has all of `parts`, and what it lacks if not.
inline ::testing::AssertionResult has_all(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    if (text.find(part) == std::string::npos)
      return ::testing::AssertionFailure() << "\"" << text << "\" lacks \"" << part << "\"";
  return ::testing::AssertionSuccess();
}

#define EXPECT_REASON(reason_, code_, outcome_)                                                  \
  EXPECT_EQ(reason_name(Reason::reason_), reason_name((outcome_).reason)) << (outcome_).message; \
  EXPECT_EQ(code_, (outcome_).code) << (outcome_).message

}  // namespace reops::ssh
