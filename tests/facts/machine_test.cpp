// What a machine is: systems, processors, disks, networks and mounts of several machines.

#include "facts_testing.hpp"

namespace reops::facts {
namespace {

using MachineTest = FactsTest;

TEST_F(MachineTest, TheSystemOfADebian) {
  EXPECT_EQ(
      facts(k_system, {{"/etc/os-release",
                        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"
                        "VERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\n"},
                       {"/proc/sys/kernel/ostype", "Linux\n"},
                       {"/proc/sys/kernel/osrelease", "6.1.0-28-amd64\n"},
                       {"/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1\n"},
                       {"/proc/sys/kernel/hostname", "web1\n"},
                       {"/proc/uptime", "4515.25 8000.11\n"},
                       {"/proc/stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 7\n"},
                       {"machine", "x86_64\n"}}),
      "{:name \"Debian GNU/Linux\", :id \"debian\", :version \"12\", :codename \"bookworm\", :pretty-name "
      "\"Debian GNU/Linux 12 (bookworm)\", :kernel {:name \"Linux\", :release \"6.1.0-28-amd64\", :version "
      "\"#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1\"}, :architecture \"x86_64\", :hostname \"web1\", :uptime "
      "4515250, :booted 1700000000000}");
}

TEST_F(MachineTest, ASystemWithoutAReleaseFileIsSomeLinux) {
  EXPECT_EQ(facts(k_system, {{"/proc/sys/kernel/ostype", "Linux"}}),
            "{:name \"Linux\", :id \"linux\", :kernel {:name \"Linux\"}}");
  EXPECT_EQ(facts(k_system, {{"/usr/lib/os-release", "ID=alpine\nNAME='Alpine Linux'\n# a comment\nODD\n"}}),
            "{:name \"Alpine Linux\", :id \"alpine\", :kernel {}}");
}

TEST_F(MachineTest, ProcessorsOfAServer) {
  std::string one =
      "vendor_id\t: GenuineIntel\nmodel name\t: Xeon\ncpu MHz\t\t: 2100.5\nflags\t\t: fpu lm aes "
      "avx2 vmx odd\n";
  EXPECT_EQ(facts(k_processor, {{"/proc/cpuinfo", "processor\t: 0\n" + one +
                                                      "physical id\t: 0\ncore id\t\t: 0\n\n"
                                                      "processor\t: 1\n" +
                                                      one +
                                                      "physical id\t: 0\ncore id\t\t: 0\n\n"
                                                      "processor\t: 2\n" +
                                                      one + "physical id\t: 1\ncore id\t\t: 0\n"}}),
            "{:model \"Xeon\", :vendor \"GenuineIntel\", :sockets 2, :cores 2, :threads 3, :mhz 2101.0, "
            ":flags [\"lm\" "
            "\"avx2\" \"aes\" \"vmx\"]}");
}

TEST_F(MachineTest, ProcessorsOfABoard) {
  EXPECT_EQ(
      facts(k_processor, {{"/proc/cpuinfo",
                           "processor\t: 0\nFeatures\t: fp asimd crc32\nCPU implementer\t: "
                           "0x41\nCPU part\t: 0xd08\n\nprocessor\t: 1\nFeatures\t: fp asimd\n"},
                          {"/proc/device-tree/model", std::string("Raspberry Pi 4\0", 15)}}),
      "{:model \"part 0xd08\", :vendor \"0x41\", :machine \"Raspberry Pi 4\", :threads 2, :flags [\"asimd\" "
      "\"crc32\"]}");
  EXPECT_EQ(facts(k_processor, {}), "{:threads :unknown, :flags []}");
}

TEST_F(MachineTest, DisksAreWholeOnesWithRoom) {
  EXPECT_EQ(
      facts(k_disks, {{"/sys/block/sda/size", "2048\n"},
                      {"/sys/block/sda/queue/rotational", "1\n"},
                      {"/sys/block/sda/device/model", "WDC WD40   \n"},
                      {"/sys/block/nvme0n1/size", "4096\n"},
                      {"/sys/block/nvme0n1/queue/rotational", "0\n"},
                      {"/sys/block/loop0/size", "0\n"},
                      {"/sys/block/sr0/size", "much\n"}}),
      "[{:name \"nvme0n1\", :size 2097152, :rotational false, :removable false, :read-only false} {:name "
      "\"sda\", :size 1048576, :model \"WDC WD40\", :rotational true, :removable false, :read-only false}]");
}

TEST_F(MachineTest, MountsHaveTheirSizes) {
  EXPECT_EQ(
      facts(k_mounts,
            {{"/proc/mounts",
              "proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw,relatime 0 0\n/dev/sdb1 /srv/my\\040data xfs ro 0 "
              "0\n"
              "nas:/home /home nfs4 rw 0 0\nshort line\n"},
             {"sizes",
              "4096 0 0 0 0 0 /proc\n4096 1000 500 400 100 60 /\n512 10 10 10 0 0 /srv/my\\040data\n"}}),
      "[{:filesystem \"/dev/sda1\", :type \"ext4\", :mount \"/\", :size 4096000, :used 2048000, :available "
      "1638400, "
      ":perc 55.56, :inodes {:total 100, :used 40, :free 60}, :read-only false} {:filesystem \"/dev/sdb1\", "
      ":type "
      "\"xfs\", :mount \"/srv/my data\", :size 5120, :used 0, :available 5120, :perc 0.0, :read-only true} "
      "{:filesystem \"nas:/home\", :type \"nfs4\", :mount \"/home\", :size :unknown, :read-only false}]");
}

TEST_F(MachineTest, NetworksWithTheirAddresses) {
  EXPECT_EQ(
      facts(k_networks, {{"/sys/class/net/eth10/address", "52:54:00:00:00:10\n"},
                         {"/sys/class/net/eth10/operstate", "down\n"},
                         {"/sys/class/net/eth2/address", "52:54:00:00:00:02\n"},
                         {"/sys/class/net/eth2/operstate", "up\n"},
                         {"/sys/class/net/eth2/speed", "1000\n"},
                         {"/sys/class/net/eth2/flags", "0x1003\n"},
                         {"/sys/class/net/lo/operstate", "unknown\n"},
                         {"/sys/class/net/lo/flags", "0x9\n"},
                         {"addresses",
                          "lo inet 127.0.0.1/8\neth2 inet 192.0.2.7/24\neth2@if3 inet6 "
                          "2001:db8::7/64\neth2 inet 10.0.0.1\nodd\n"}}),
      "[{:name \"eth2\", :mac \"52:54:00:00:00:02\", :up true, :addresses [{:family :inet, :address "
      "\"192.0.2.7\", :prefix 24} {:family :inet6, :address \"2001:db8::7\", :prefix 64} {:family :inet, "
      ":address \"10.0.0.1\", :prefix 32}], :speed 1000000000, :loopback false} {:name \"eth10\", :mac "
      "\"52:54:00:00:00:10\", :up false, :addresses [], :loopback false} {:name \"lo\", :up true, :addresses "
      "[{:family :inet, :address \"127.0.0.1\", :prefix 8}], :loopback true}]");
  EXPECT_EQ(facts(k_networks, {{"/sys/class/net/eth0/mtu", "1500"}, {"addresses", "\n"}}),
            "[{:name \"eth0\", :up false, :addresses :unknown, :mtu 1500, :loopback false}]");
}

TEST_F(MachineTest, TemperaturesOfChipsAndZones) {
  EXPECT_EQ(facts(k_temperatures, {{"/sys/class/hwmon/hwmon1/name", "coretemp\n"},
                                   {"/sys/class/hwmon/hwmon1/temp2_input", "45500\n"},
                                   {"/sys/class/hwmon/hwmon1/temp2_label", "Core 0\n"},
                                   {"/sys/class/hwmon/hwmon1/temp2_crit", "100000\n"},
                                   {"/sys/class/hwmon/hwmon1/temp3_input", "\n"},
                                   {"/sys/class/thermal/thermal_zone0/type", "acpitz\n"},
                                   {"/sys/class/thermal/thermal_zone0/temp", "-500\n"}}),
            "[{:device \"coretemp\", :sensor \"Core 0\", :celsius 45.5, :critical 100.0} {:device "
            "\"thermal\", :sensor "
            "\"acpitz\", :celsius -0.5}]");
}

}  // namespace
}  // namespace reops::facts
