// What runs on the machine, for how long, and what it calls itself.

#include <sys/utsname.h>

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

std::string machine_here() {
  utsname names{};
  return uname(&names) == 0 ? names.machine : "";
}

constexpr Need k_needs[] = {
    {Need::file, "/etc/os-release"},
    {Need::file, "/usr/lib/os-release"},
    {Need::line, "/proc/sys/kernel/ostype"},
    {Need::line, "/proc/sys/kernel/osrelease"},
    {Need::line, "/proc/sys/kernel/version"},
    {Need::line, "/proc/sys/kernel/hostname"},
    {Need::line, "/proc/uptime"},
    {Need::file, "/proc/stat"},
    {Need::line, "/sys/class/dmi/id/sys_vendor"},
    {Need::line, "/sys/class/dmi/id/product_name"},
    {Need::probe, "machine", "uname -m", machine_here},
};

lang::Ref kernel(const Reading& now) {
  return Fields()
      .text("name", now.line("/proc/sys/kernel/ostype"))
      .text("release", now.line("/proc/sys/kernel/osrelease"))
      .text("version", now.line("/proc/sys/kernel/version"))
      .made();
}

std::optional<int64_t> boot_time(std::string_view stat) {
  for (std::string_view line; next_line(stat, line);)
    if (line.starts_with("btime ")) return times(number(line.substr(6)), 1000);
  return std::nullopt;
}

lang::Ref system_facts(const Reading& now) {
  std::string name, id, version, codename, pretty;
  std::string_view release = now.first_of({"/etc/os-release", "/usr/lib/os-release"});
  for (std::string_view line; next_line(release, line);) {
    auto [key, value] = split_at(line, '=');
    std::string* known = key == "NAME"               ? &name
                         : key == "ID"               ? &id
                         : key == "VERSION_ID"       ? &version
                         : key == "VERSION_CODENAME" ? &codename
                         : key == "PRETTY_NAME"      ? &pretty
                                                     : nullptr;
    if (known != nullptr) *known = unquoted(value);
  }
  std::string_view uptime = now.line("/proc/uptime");
  auto seconds = decimal(next_word(uptime));
  Fields facts;
  // Without the file it is "linux", says os-release(5).
  facts.text("name", name.empty() ? "Linux" : name)
      .text("id", id.empty() ? "linux" : id)
      .text("version", version)
      .text("codename", codename)
      .text("pretty-name", pretty)
      .put("kernel", kernel(now))
      .text("architecture", trimmed(now.text("machine")))
      .text("hostname", now.line("/proc/sys/kernel/hostname"))
      .text("vendor", now.line("/sys/class/dmi/id/sys_vendor"))
      .text("product", now.line("/sys/class/dmi/id/product_name"));
  if (seconds && *seconds >= 0 && *seconds < 1e12)
    facts.number("uptime", static_cast<int64_t>(*seconds * 1000));
  return facts.number("booted", boot_time(now.text("/proc/stat"))).made();
}

}  // namespace

const Group k_system = {
    "system",
    "Operating system, kernel, architecture: {:name :id :version :codename :pretty-name :kernel {:name "
    ":release :version} :architecture :hostname :vendor :product :uptime (ms) :booted (ms since 1970)}.",
    k_needs, system_facts};

}  // namespace reops::facts
