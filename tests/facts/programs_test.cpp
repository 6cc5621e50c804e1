// What runs on a machine, what is installed there, and who uses it.

#include <cstring>

#include "facts_testing.hpp"

namespace reops::facts {
namespace {

using ProgramsTest = FactsTest;

std::string utmp_record(size_t size, size_t seconds_at, int16_t type, const char* user, const char* line,
                        const char* host, int64_t seconds) {
  std::string record(size, '\0');
  std::memcpy(record.data(), &type, sizeof type);
  std::strcpy(record.data() + 8, line);
  std::strcpy(record.data() + 44, user);
  std::strcpy(record.data() + 76, host);
  std::memcpy(record.data() + seconds_at, &seconds, size == 384 ? 4 : 8);
  return record;
}

TEST_F(ProgramsTest, WhoIsLoggedIn) {
  std::string here =
      "{:sessions [{:user \"ann\", :terminal \"pts/0\", :from \"192.0.2.9\", :since 1700000000000}], "
      ":accounts :unknown}";
  for (auto [size, at] : {std::pair<size_t, size_t>{384, 340}, {400, 344}}) {
    std::string utmp = utmp_record(size, at, 2, "reboot", "~", "6.1.0", 1) +
                       utmp_record(size, at, 7, "ann", "pts/0", "192.0.2.9", 1'700'000'000) +
                       utmp_record(size, at, 8, "", "pts/1", "", 1);
    EXPECT_EQ(facts(k_users, {{"/run/utmp", utmp}}), here);
    EXPECT_EQ(facts(k_users, {{"/var/run/utmp", utmp + "\n"}}), here) << "as it comes by a shell";
  }
  EXPECT_EQ(facts(k_users, {{"/run/systemd/sessions/3",
                             "# comment\nUSER=ann\nTTY=pts/0\nREMOTE_HOST=192.0.2.9\nCLASS=user\n"
                             "REALTIME=1700000000000000\n"},
                            {"/run/systemd/sessions/c1", "USER=gdm\nCLASS=greeter\n"}}),
            here);
  EXPECT_EQ(facts(k_users, {}), "{:sessions :unknown, :accounts :unknown}");
}

TEST_F(ProgramsTest, Accounts) {
  EXPECT_EQ(
      facts(k_users, {{"/run/utmp", std::string(384, '\0')},
                      {"/etc/passwd",
                       "root:x:0:0:root:/root:/bin/bash\nwww:x:33:33::/var/www:/usr/sbin/nologin\n"
                       "broken:x:1\n::::::\n+@nis\n"}}),
      "{:sessions [], :accounts [{:name \"root\", :uid 0, :gid 0, :comment \"root\", :home \"/root\", :shell "
      "\"/bin/bash\", :login true} {:name \"www\", :uid 33, :gid 33, :home \"/var/www\", :shell "
      "\"/usr/sbin/nologin\", :login false}]}");
}

TEST_F(ProgramsTest, ServicesOfSystemd) {
  EXPECT_EQ(
      facts(k_services, {{"manager", "systemd\n"},
                         {"running", "ssh.service\ncgroup.procs\nsystem-getty.slice\n"},
                         {"invoked", "invocation:ssh.service\ninvocation:networking.service\nlog-level:x\n"},
                         {"wanted",
                          "/etc/systemd/system/multi-user.target.wants/ssh.service\n"
                          "/etc/systemd/system/multi-user.target.wants/nginx.service\n"}}),
      "{:manager :systemd, :services [{:name \"networking\", :state :ended, :enabled false} {:name "
      "\"nginx\", "
      ":state :stopped, :enabled true} {:name \"ssh\", :state :running, :enabled true}]}");
}

TEST_F(ProgramsTest, ServicesOfOthers) {
  EXPECT_EQ(facts(k_services, {{"manager", "openrc"}, {"started", "sshd\ncrond\n"}}),
            "{:manager :openrc, :services [{:name \"crond\", :state :running, :enabled true} {:name "
            "\"sshd\", :state "
            ":running, :enabled true}]}");
  EXPECT_EQ(facts(k_services,
                  {{"manager", ""},
                   {"/proc/[0-9]*/stat", "1 (init) S 0 1\n20 (my (odd) d) S 1 20\n21 (child) S 20 20\n"}}),
            "{:manager :unknown, :services [{:name \"my (odd) d\", :state :running}]}");
}

TEST_F(ProgramsTest, Packages) {
  EXPECT_EQ(
      facts(k_packages, {{"dpkg",
                          "Package: bash\nStatus: install ok installed\nPriority: required\nArchitecture: "
                          "amd64\nVersion: 5.2.15-2+b8\nDescription: a shell\n Package: not this\n\nPackage: "
                          "gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n"}}),
      "{:manager :dpkg, :packages [{:name \"bash\", :version \"5.2.15-2+b8\", :architecture \"amd64\"}]}");
  EXPECT_EQ(
      facts(k_packages,
            {{"dpkg", ""}, {"apk", "P:musl\nV:1.2.4-r2\nA:x86_64\nP:busybox\nV:1.36\nA:x86_64\n"}}),
      "{:manager :apk, :packages [{:name \"musl\", :version \"1.2.4-r2\", :architecture \"x86_64\"} {:name "
      "\"busybox\", :version \"1.36\", :architecture \"x86_64\"}]}");
  EXPECT_EQ(facts(k_packages, {{"rpm", "rpmdb.sqlite\n"}}), "{:manager :rpm, :packages :unknown}");
  EXPECT_EQ(facts(k_packages, {}), "{:manager :unknown, :packages :unknown}");
}

TEST_F(ProgramsTest, PortsThatListen) {
  EXPECT_EQ(
      facts(k_ports, {{"tcp",
                       "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
                       "timeout inode\n"
                       "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0    "
                       "    0 77 1\n"
                       "   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000    "
                       "    0 78 1\n"
                       "   2: 0100007F:0016 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0    "
                       "    0 79 1\n"},
                      {"tcp6",
                       "   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A "
                       "0:0 0:0 0 0 0 80\n"},
                      {"udp", "   5: 00000000:0044 00000000:0000 07 0:0 0:0 0 0 0 81 2 0\n"},
                      {"sockets", "500 77\n501 77\n502 80\nodd\n"},
                      {"/proc/[0-9]*/stat", "500 (sshd) S 1\n"}}),
      "[{:protocol :tcp, :address \"127.0.0.1\", :port 22, :uid 0, :pid 500, :process \"sshd\"} {:protocol "
      ":tcp, :address "
      "\"0.0.0.0\", :port 8080, :uid 1000, :process :unknown} {:protocol :tcp6, :address \"::1\", :port 22, "
      ":uid 0, :pid "
      "502, :process :unknown} {:protocol :udp, :address \"0.0.0.0\", :port 68, :uid 0, :process :unknown}]");
}

TEST_F(ProgramsTest, Processes) {
  EXPECT_EQ(
      facts(k_processes, {{"/proc/[0-9]*/status",
                           "Name:\tkthreadd\nState:\tS\nPid:\t12\nPPid:\t0\nUid:\t0\t0\t0\t0\nThreads:\t1\n"
                           "Name:\tsshd\nPid:\t3\nPPid:\t1\nUid:\t100\t0\nVmRSS:\t  10 kB\n"},
                          {"commands", std::string("/proc/3/cmdline:sshd\0-o\0a\nb\0\n", 29)}}),
      "[{:pid 3, :name \"sshd\", :command \"sshd -o a b\", :parent 1, :uid 100, :memory 10240} {:pid 12, "
      ":name "
      "\"kthreadd\", :parent 0, :uid 0, :threads 1}]");
}

}  // namespace
}  // namespace reops::facts
