// What is installed.

#include "base/files.hpp"
#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/listing.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

std::string file_here(const char* path) {
  auto text = base::read_file(path, size_t{256} << 20);
  return text ? std::move(text).value() : "";
}

// The list has descriptions too, which are not sent.
constexpr Need k_needs[] = {
    {Need::probe, "dpkg", "grep -E '^(Package|Status|Version|Architecture):' /var/lib/dpkg/status",
     [] { return file_here("/var/lib/dpkg/status"); }},
    {Need::probe, "apk", "grep -E '^[PVA]:' /lib/apk/db/installed",
     [] { return file_here("/lib/apk/db/installed"); }},
    {Need::probe, "rpm", "ls -d /var/lib/rpm /usr/lib/sysimage/rpm",
     [] { return names_in("/var/lib/rpm") + names_in("/usr/lib/sysimage/rpm"); }},
};

class Packages {
 public:
  void begin(std::string_view name) {
    end();
    name_ = name;
  }
  void end() {
    if (!name_.empty() && installed)
      all_.add(
          Fields().text("name", name_).text("version", version).text("architecture", architecture).made());
    name_ = version = architecture = {};
    installed = true;
  }
  lang::Ref made() {
    end();
    return all_.made();
  }
  std::string_view version, architecture;
  bool installed = true;

 private:
  std::string_view name_;
  Items all_;
};

lang::Ref of_dpkg(std::string_view status) {
  Packages packages;
  for (std::string_view line; next_line(status, line);) {
    if (line.empty() || line[0] == ' ') continue;
    auto [key, value] = split_at(line, ':');
    if (key == "Package") packages.begin(value);
    if (key == "Status") packages.installed = value.ends_with(" installed");
    if (key == "Version") packages.version = value;
    if (key == "Architecture") packages.architecture = value;
  }
  return packages.made();
}

lang::Ref of_apk(std::string_view installed) {
  Packages packages;
  for (std::string_view line; next_line(installed, line);) {
    auto [key, value] = split_at(line, ':');
    if (key == "P") packages.begin(value);
    if (key == "V") packages.version = value;
    if (key == "A") packages.architecture = value;
  }
  return packages.made();
}

lang::Ref package_facts(const Reading& now) {
  if (!trimmed(now.text("dpkg")).empty())
    return Fields().keyword("manager", "dpkg").put("packages", of_dpkg(now.text("dpkg"))).made();
  if (!trimmed(now.text("apk")).empty())
    return Fields().keyword("manager", "apk").put("packages", of_apk(now.text("apk"))).made();
  bool rpm = !trimmed(now.text("rpm")).empty();
  return Fields().keyword("manager", rpm ? "rpm" : "unknown").unknown("packages").made();
}

}  // namespace

const Group k_packages = {
    "packages",
    "Installed packages: {:manager (:dpkg :apk :rpm :unknown) :packages [{:name :version :architecture}]}. "
    ":packages is :unknown for :rpm, whose database only its own library reads.",
    k_needs, package_facts};

}  // namespace reops::facts
