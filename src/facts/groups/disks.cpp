// Disks: whole ones, not their partitions.

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr int64_t k_sector = 512;  // whatever the disk has, says the kernel

constexpr Need k_needs[] = {
    {Need::line, "/sys/block/*/size"},         {Need::line, "/sys/block/*/queue/rotational"},
    {Need::line, "/sys/block/*/removable"},    {Need::line, "/sys/block/*/ro"},
    {Need::line, "/sys/block/*/device/model"}, {Need::line, "/sys/block/*/device/vendor"},
    {Need::line, "/sys/block/*/device/serial"}};

lang::Ref disk_facts(const Reading& now) {
  Items disks;
  for (std::string_view name : now.below("/sys/block/")) {
    std::string folder = "/sys/block/" + std::string(name) + "/";
    auto is = [&](const char* file) { return now.line(folder + file) == "1"; };
    auto size = times(number(now.line(folder + "size")), k_sector);
    // Loop devices and empty drives.
    if (!size || *size <= 0 || name.starts_with("ram")) continue;
    Fields disk;
    disk.text("name", name)
        .number("size", size)
        .text("model", now.line(folder + "device/model"))
        .text("vendor", now.line(folder + "device/vendor"))
        .text("serial", now.line(folder + "device/serial"));
    if (now.has(folder + "queue/rotational")) disk.flag("rotational", is("queue/rotational"));
    disks.add(disk.flag("removable", is("removable")).flag("read-only", is("ro")).made());
  }
  return disks.made();
}

}  // namespace

const Group k_disks = {"disks",
                       "Disks: [{:name :size (bytes) :model :vendor :serial :rotational :removable "
                       ":read-only}].",
                       k_needs, disk_facts};

}  // namespace reops::facts
