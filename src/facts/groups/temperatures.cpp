// What is measured inside the machine.

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

constexpr Need k_needs[] = {
    {Need::line, "/sys/class/hwmon/hwmon*/name"},
    {Need::line, "/sys/class/hwmon/hwmon*/temp*_input"},
    {Need::line, "/sys/class/hwmon/hwmon*/temp*_label"},
    {Need::line, "/sys/class/hwmon/hwmon*/temp*_max"},
    {Need::line, "/sys/class/hwmon/hwmon*/temp*_crit"},
    {Need::line, "/sys/class/thermal/thermal_zone*/type"},
    {Need::line, "/sys/class/thermal/thermal_zone*/temp"},
};

// Thousandths there.
std::optional<double> degrees(std::string_view text) {
  auto n = number(text);
  return n ? std::optional(static_cast<double>(*n) / 1000) : std::nullopt;
}

lang::Ref temperature_facts(const Reading& now) {
  Items found;
  for (std::string_view name : now.below("/sys/class/hwmon/")) {
    std::string folder = "/sys/class/hwmon/" + std::string(name) + "/";
    for (std::string_view file : now.below(folder)) {
      if (!file.ends_with("_input")) continue;
      std::string sensor = folder + std::string(file.substr(0, file.size() - 5));
      auto celsius = degrees(now.line(folder + std::string(file)));
      if (!celsius) continue;
      found.add(Fields()
                    .text("device", now.line(folder + "name"))
                    .text("sensor", now.has(sensor + "label") ? now.line(sensor + "label")
                                                              : file.substr(0, file.size() - 6))
                    .real("celsius", celsius)
                    .real("max", degrees(now.line(sensor + "max")))
                    .real("critical", degrees(now.line(sensor + "crit")))
                    .made());
    }
  }
  for (std::string_view zone : now.below("/sys/class/thermal/")) {
    std::string folder = "/sys/class/thermal/" + std::string(zone) + "/";
    auto celsius = degrees(now.line(folder + "temp"));
    if (!celsius) continue;
    found.add(Fields()
                  .text("device", "thermal")
                  .text("sensor", now.line(folder + "type"))
                  .real("celsius", celsius)
                  .made());
  }
  return found.made();
}

}  // namespace

const Group k_temperatures = {"temperatures",
                              "Temperatures in degrees Celsius: [{:device :sensor :celsius :max :critical}]; "
                              "empty where nothing measures "
                              "them, as in virtual machines.",
                              k_needs, temperature_facts};

}  // namespace reops::facts
