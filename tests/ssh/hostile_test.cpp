// Hosts that break off or fall silent wherever one can: the outcome is one, it says so, and nothing is left
// over.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "engine_fixture.hpp"

namespace reops::ssh {
namespace {

/// Stands before a real sshd and passes on so many bytes of what it says; then cuts the connection, or says
/// no more.
class ShortBreath {
 public:
  enum class Then { cut, silence };

  ShortBreath(const std::string& address, std::uint16_t port, std::size_t breath, Then then)
      : breath_(breath), then_(then), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&here), size) < 0 ||
        ::listen(listener_.get(), 16) < 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&here), &size) < 0)
      throw std::runtime_error("no port on 127.0.0.1");
    port_ = ntohs(here.sin_port);
    there_.sin_family = AF_INET;
    there_.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &there_.sin_addr);
    thread_ = std::thread([this] { serve(); });
  }
  ~ShortBreath() {
    stopping_ = true;
    thread_.join();
  }
  ShortBreath(const ShortBreath&) = delete;
  ShortBreath& operator=(const ShortBreath&) = delete;

  std::uint16_t port() const { return port_; }
  /// Whether it came to the end of its breath.
  bool is_out_of_breath() const { return out_of_breath_; }

 private:
  void serve() {
    while (!stopping_) {
      pollfd waiting{listener_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 10) <= 0) continue;
      base::UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      base::UniqueFd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (::connect(server.get(), reinterpret_cast<sockaddr*>(&there_), sizeof there_) == 0)
        pass(client, server);
    }
  }
  void pass(base::UniqueFd& client, base::UniqueFd& server) {
    std::size_t left = breath_;
    char buffer[4096];
    while (!stopping_) {
      pollfd both[] = {{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}};
      if (left == 0) {
        out_of_breath_ = true;
        if (then_ == Then::cut) return;
        both[1].fd = -1;
      }
      if (::poll(both, 2, 10) <= 0) continue;
      if (both[0].revents != 0) {
        const ssize_t got = ::read(client.get(), buffer, sizeof buffer);
        if (got <= 0) return;
        ::send(server.get(), buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
      if (both[1].fd >= 0 && both[1].revents != 0) {
        const ssize_t got = ::read(server.get(), buffer, std::min(left, sizeof buffer));
        if (got <= 0) return;
        left -= static_cast<std::size_t>(got);
        ::send(client.get(), buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
    }
  }

  std::size_t breath_;
  Then then_;
  base::UniqueFd listener_;
  std::uint16_t port_ = 0;
  sockaddr_in there_{};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> out_of_breath_{false};
  std::thread thread_;
};

class HostileTest : public EngineTest {
 protected:
  Request through(const ShortBreath& proxy, const std::string& command) {
    Request made = request("web1", command);
    made.target.host = "127.0.0.1";
    made.target.port = proxy.port();
    return made;
  }
  void use_alias() {
    const std::string key = base::read_file(sshd_->host_file("web1", "host_key.pub")).value();
    ASSERT_TRUE(base::write_file(sshd_->file("known"), "the-host " + key, 0600).ok());
    use_config("Host web1\n User " + sshd_->user() + "\n IdentityFile " + sshd_->identity() +
               "\n IdentitiesOnly yes\n HostKeyAlias the-host\n UserKnownHostsFile " + sshd_->file("known") +
               "\n");
  }
};

TEST_F(HostileTest, TheConnectionIsCutAnywhere) {
  start({"--hosts", "web1"});
  use_alias();
  const auto& host = sshd_->host("web1");
  run("web1", "true");
  const auto round = [&] {
    std::vector<std::unique_ptr<ShortBreath>> proxies;
    std::vector<Request> requests;
    // From the first byte through greeting, key exchange, login, channel and output, in steps that meet each
    // of them.
    for (std::size_t breath = 1; breath < 20'000; breath += 1 + breath / 4) {
      proxies.push_back(
          std::make_unique<ShortBreath>(host.address, host.port, breath, ShortBreath::Then::cut));
      requests.push_back(through(*proxies.back(), "echo out; exit 3"));
    }
    const std::size_t count = requests.size();
    std::size_t told = 0;
    options_.on_done = [&](const Outcome&) { ++told; };
    const std::vector<Outcome> outcomes = run(std::move(requests));
    EXPECT_EQ(count, told);
    for (const Outcome& outcome : outcomes) {
      SCOPED_TRACE(outcome.index);
      if (outcome.code == 3) continue;
      EXPECT_TRUE(outcome.code == k_not_started || outcome.code == k_unknown) << outcome.code;
      EXPECT_TRUE(outcome.reason == Reason::disconnected || outcome.reason == Reason::kex ||
                  outcome.reason == Reason::auth || outcome.reason == Reason::channel)
          << reason_name(outcome.reason) << " " << outcome.message;
      EXPECT_TRUE(has_all(outcome.message, {"web1"}));
    }
    EXPECT_EQ(3, outcomes.back().code) << outcomes.back().message;
    EXPECT_FALSE(proxies.back()->is_out_of_breath());
    EXPECT_TRUE(engine().await_killings(base::Deadline::in(base::Millis(60'000))));
  };
  round();
  const std::size_t descriptors = descriptors_at_rest();
  const std::size_t before = threads();
  round();
  EXPECT_EQ(descriptors, descriptors_at_rest());
  EXPECT_EQ(before, threads());
}

TEST_F(HostileTest, TheHostFallsSilentAnywhere) {
  start({"--hosts", "web1"});
  use_alias();
  const auto& host = sshd_->host("web1");
  std::vector<std::unique_ptr<ShortBreath>> proxies;
  std::vector<Request> requests;
  for (std::size_t breath = 1; breath < 6'000; breath += 1 + breath / 3) {
    proxies.push_back(
        std::make_unique<ShortBreath>(host.address, host.port, breath, ShortBreath::Then::silence));
    requests.push_back(through(*proxies.back(), "echo out; exit 3"));
    requests.back().deadlines = {base::Millis(3'000), base::Millis(3'000), base::Millis(3'000),
                                 base::Millis(3'000)};
  }
  const std::size_t count = requests.size();
  std::size_t told = 0;
  options_.on_done = [&](const Outcome&) { ++told; };
  for (const Outcome& outcome : run(std::move(requests))) {
    EXPECT_TRUE(outcome.code == 3 || reason_name(outcome.reason).starts_with("timeout/"))
        << reason_name(outcome.reason) << " " << outcome.message;
  }
  EXPECT_EQ(count, told);
}

TEST_F(HostileTest, TheHostFallsSilentInTheMiddleOfItsOutput) {
  start({"--hosts", "web1"});
  use_alias();
  const auto& host = sshd_->host("web1");
  const ShortBreath proxy(host.address, host.port, 200'000, ShortBreath::Then::silence);
  Request talker = through(proxy, "head -c 5000000 /dev/zero");
  talker.deadlines.exec = base::Millis(3'000);
  const Outcome outcome = run({talker}).at(0);
  EXPECT_REASON(timeout_exec, k_unknown, outcome);
  EXPECT_GT(outcome.out.size(), 100'000u);
  EXPECT_LT(outcome.out.size(), 200'000u);
  // What can no longer be asked is not known to have ended.
  EXPECT_EQ(Killed::unknown, outcome.killed);
}

TEST_F(HostileTest, AGigabyteThatNobodyAskedForLeavesMemoryAsItIs) {
  start({"--hosts", "web1"});
  Request flood = request("web1", "head -c 1000000000 /dev/zero; echo end");
  flood.deadlines.exec = base::Millis(300'000);
  flood.output_limit = 1'000'000;
  const auto resident = [] {
    const std::string text = base::read_file("/proc/self/statm").value();
    return std::stoul(text.substr(text.find(' '))) * static_cast<unsigned long>(::sysconf(_SC_PAGESIZE));
  };
  run("web1", "true");
  const std::size_t before = resident();
  const Outcome outcome = run({flood}).at(0);
  EXPECT_REASON(none, 0, outcome);
  EXPECT_EQ(1'000'000u, outcome.out.size());
  EXPECT_EQ(999'000'004u, outcome.out_dropped);
  EXPECT_TRUE(outcome.out.ends_with("end\n"));
  EXPECT_LT(resident(), before + 32'000'000);
}

/// Another server than OpenSSH's. It looks for keys in its user's home folder only, so it lets nobody in
/// here.
class Dropbear {
 public:
  explicit Dropbear(const std::string& folder) : pid_file_(folder + "/dropbear.pid") {
    testing::must_run({"dropbearkey", "-t", "ed25519", "-f", folder + "/dropbear_key"});
    const std::string shown = testing::must_run({"dropbearkey", "-y", "-f", folder + "/dropbear_key"});
    const std::size_t at = shown.find("ssh-ed25519 ");
    key_ = shown.substr(at, shown.find('\n', at) - at);
    port_ = free_port();
    testing::must_run({"dropbear", "-s", "-p", "127.0.0.1:" + std::to_string(port_), "-r",
                       folder + "/dropbear_key", "-P", pid_file_});
  }
  ~Dropbear() {
    if (const auto pid = base::read_file(pid_file_))
      testing::must_run({"kill", pid.value().substr(0, pid.value().find('\n'))});
  }
  Dropbear(const Dropbear&) = delete;
  Dropbear& operator=(const Dropbear&) = delete;

  std::uint16_t port() const { return port_; }
  const std::string& key() const { return key_; }

 private:
  static std::uint16_t free_port() {
    const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    ::bind(socket.get(), reinterpret_cast<sockaddr*>(&here), size);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&here), &size);
    return ntohs(here.sin_port);
  }

  std::string pid_file_;
  std::string key_;
  std::uint16_t port_ = 0;
};

TEST_F(HostileTest, DropbearIsUnderstood) {
  start({"--hosts", "web1"});
  const Dropbear dropbear(sshd_->file("sshd"));
  const std::string known = sshd_->file("known_dropbear");
  ASSERT_TRUE(base::write_file(
                  known, "[127.0.0.1]:" + std::to_string(dropbear.port()) + " " + dropbear.key() + "\n", 0600)
                  .ok());
  Request made = request("small", "true");
  made.target.host = "127.0.0.1";
  made.target.port = dropbear.port();
  made.target.identity_files = {sshd_->identity()};
  made.target.known_hosts_files = {known};
  // The keys are exchanged, the host's is the one on file, and ours is weighed.
  const base::Deadline deadline = base::Deadline::in(base::Millis(30'000));
  Outcome outcome = run({made}).at(0);
  while (outcome.reason == Reason::refused && !deadline.expired()) outcome = run({made}).at(0);
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"small (127.0.0.1:", "refused user", "it accepts publickey"}));
  EXPECT_TRUE(outcome.key_exchange.starts_with("curve25519-sha256")) << outcome.key_exchange;
  made.target.known_hosts_files = {"/dev/null"};
  outcome = run({made}).at(0);
  EXPECT_REASON(hostkey, k_not_started, outcome);
}

}  // namespace
}  // namespace reops::ssh
